"""Table 3: distances of images of one class, real and distorted.

Example: python stages/distances.py --modality digits
"""

from masquerade import paper
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import Arm
from masquerade.evaluation.class_distances import table3
from masquerade.evaluation.templates import load_all
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("distances")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    section = params.modality(modality)
    test = ImageSet.load(paths.test)
    classes = test.most_frequent(params.evaluation.classes, first=section.held_out).tolist()
    if len(test.names) <= params.evaluation.classes:
        classes = sorted(classes)  # digits in numerical order, people by number of images
    generated = {generator: templates.images for generator, templates in load_all(paths, params.generators).items()}
    table = table3(test.images, generated, test.labels, list(test.names), classes)
    # The paper has one generator: its number is shown beside each of ours.
    write_csv(paths.reports / "table3.csv", table.join(paper.table3(section.dataset), on=["class", "comparison"]))
    run.log_metrics(
        {
            f"table3.{Arm(*map(str, arm)).metric}.{measure}": float(values.mean())
            for arm, rows in table.groupby(["generator", "comparison"])
            for measure, values in rows.items()
        }
    )
    run.log_files(paths.reports / "table3.csv")


if __name__ == "__main__":
    main()
