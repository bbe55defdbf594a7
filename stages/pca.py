"""Fig. 11: embeddings before and after distortion in three and two dimensions, and how far they moved.

Example: python stages/pca.py --modality faces
"""

import click
import numpy as np

from masquerade.data.pictures import Pictures
from masquerade.evaluation.pca import displacements, project
from masquerade.evaluation.templates import Templates
from masquerade.figures.scatter import draw_scatter
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv, write_json


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    with stage("pca", params, modality) as run:
        test, templates = Pictures.load(paths.test), Templates.load(paths.templates)
        largest = test.most_frequent(params.evaluation.pca_classes)
        chosen = np.concatenate(
            [np.flatnonzero(test.labels == label)[: params.evaluation.pca_images] for label in largest]
        )
        labels = test.labels[chosen]
        projection = project(templates.real_embeddings[chosen], templates.template_embeddings[chosen])
        figure = paths.reports / "pca.png"
        draw_scatter(figure, projection, labels, test.names, f"{modality}: F(X) and F(T) (Fig. 11)")

        moved = displacements(templates.real_embeddings, templates.template_embeddings, test.labels, list(test.names))
        write_csv(paths.reports / "displacements.csv", moved)
        metrics = {f"explained_{axis + 1}": float(share) for axis, share in enumerate(projection.explained)}
        metrics |= {f"mean_{name}": float(moved[name].mean()) for name in moved}
        write_json(paths.reports / "pca.json", metrics)
        run.log_metrics({f"pca.{name}": value for name, value in metrics.items()})
        run.log_files(figure, paths.reports / "displacements.csv", paths.reports / "pca.json")


if __name__ == "__main__":
    main()
