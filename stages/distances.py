"""Table 3: distances of pictures of one class, real and distorted.

Example: python stages/distances.py --modality digits
"""

import click

from masquerade import paper
from masquerade.data.pictures import Pictures
from masquerade.evaluation.image_distances import table3
from masquerade.evaluation.templates import load_all
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    with stage("distances", params, modality) as run:
        test = Pictures.load(paths.test)
        stored = load_all(paths, params.generator.kinds)
        classes = test.most_frequent(params.evaluation.classes, first=section.held_out).tolist()
        if len(test.names) <= params.evaluation.classes:
            classes = sorted(classes)  # digits in their own order, people by how many pictures there are
        (_, first), *others = stored.items()
        table = table3(test.images, first.images, test.labels, list(test.names), classes)
        for kind, templates in others:
            its = table3(test.images, templates.images, test.labels, list(test.names), classes).filter(like="gen")
            table = table.join(its.rename(columns={name: str(name).replace("gen", kind) for name in its}))
        mse, euclidean = table.filter(like="_mse"), table.filter(like="_euclidean")
        table = mse.join(paper.table3(section.dataset)).join(euclidean)
        write_csv(paths.reports / "table3.csv", table)
        run.log_metrics(
            {f"table3.{column}": table[column].mean() for column in table.columns if not column.startswith("paper")}
        )
        run.log_files(paths.reports / "table3.csv")


if __name__ == "__main__":
    main()
