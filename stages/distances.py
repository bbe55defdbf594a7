"""Table 3: distances of pictures of one class, real and distorted.

Example: python stages/distances.py --modality digits
"""

import click

from masquerade import paper
from masquerade.data.pictures import Pictures
from masquerade.evaluation.image_distances import table3
from masquerade.evaluation.templates import Templates
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    with stage("distances", params, modality) as run:
        test, templates = Pictures.load(paths.test), Templates.load(paths.templates)
        classes = test.most_frequent(params.evaluation.classes).tolist()
        if len(test.names) <= params.evaluation.classes:
            classes = sorted(classes)  # digits in their own order, people by how many pictures there are
        table = table3(test.images, templates.images, test.labels, list(test.names), classes)
        mse, others = table.filter(like="_mse"), table.filter(like="_euclidean")
        table = mse.join(paper.table3(params.modality(modality).dataset)).join(others)
        write_csv(paths.reports / "table3.csv", table)
        run.log_metrics(
            {f"table3.{column}": table[column].mean() for column in table.columns if not column.startswith("paper")}
        )
        run.log_files(paths.reports / "table3.csv")


if __name__ == "__main__":
    main()
