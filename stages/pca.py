"""Fig. 11: embeddings before and after distortion in three and two dimensions, and how far they moved.

Example: python stages/pca.py --modality faces
"""

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.pca import displacements, project
from masquerade.evaluation.templates import load_all
from masquerade.figures.scatter import draw_scatter
from masquerade.json_file import dotted, write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("pca")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test = ImageSet.load(paths.test)
    stored = load_all(paths, params.generators)
    largest = test.most_frequent(params.evaluation.pca_classes)
    chosen = np.concatenate([np.flatnonzero(test.labels == label)[: params.evaluation.pca_images] for label in largest])
    labels = test.labels[chosen]
    projections, moved, metrics = {}, {}, {}
    for kind, templates in stored.items():
        real, template = templates.real_embeddings, templates.template_embeddings
        projections[kind] = project(real[chosen], template[chosen])
        moved[kind] = displacements(real, template, test.labels, list(test.names))
        metrics[kind] = {
            f"explained_{axis + 1}": float(share) for axis, share in enumerate(projections[kind].explained)
        }
        metrics[kind] |= {f"mean_{name}": float(mean) for name, mean in moved[kind].mean().items()}
    figure = paths.reports / "pca.png"
    draw_scatter(figure, projections, labels, test.names, f"{modality}: F(X) and F(T) (Fig. 11)")
    write_csv(paths.reports / "displacements.csv", pd.concat(moved, names=["generator"]))
    write_json(paths.reports / "pca.json", metrics)
    run.log_metrics(dotted({"pca": metrics}))
    run.log_files(figure, paths.reports / "displacements.csv", paths.reports / "pca.json")


if __name__ == "__main__":
    main()
