"""Fig. 12: what the margin α does to embeddings, images and error rates.

Example: python stages/alpha_curve.py --modality digits
"""

import numpy as np

from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError
from masquerade.evaluation.pca import project
from masquerade.evaluation.recommended_alpha import recommended_alpha
from masquerade.evaluation.templates import Templates
from masquerade.figures.alpha import draw_alphas, draw_trade_off
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import read_csv
from masquerade.tracking import StageRun


@stage("alpha_curve")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    sweep, evaluation = params.alpha_sweep, params.evaluation
    test = ImageSet.load(paths.test)
    if sweep.shown not in test.names[np.unique(test.labels)]:
        raise InputError(f"params.yaml: alpha_sweep.shown: {sweep.shown!r} is not a held-out class of {modality}")
    (shown,) = test.first_of([list(test.names).index(sweep.shown)])
    chosen = np.isin(test.labels, np.sort(test.most_frequent(len(test.names)))[: evaluation.pca_classes])
    table = read_csv(paths.reports / "alpha_sweep.csv")
    panels = {}
    for alpha in sweep.alphas:
        templates = Templates.load(paths.sweep_templates(alpha))
        projection = project(templates.real_embeddings[chosen], templates.template_embeddings[chosen])
        panels[alpha] = (projection, templates.images[shown])
    figure, curve = paths.reports / "alpha_sweep.png", paths.reports / "alpha_curve.png"
    draw_alphas(
        figure,
        panels,
        test.images[shown],
        test.labels[chosen],
        test.names,
        f"{modality}: short training runs with several α (Fig. 12)",
    )

    best = recommended_alpha(table, evaluation.budget)
    title = f"{modality}: the price of α; " + (
        "no α is within the budget" if best is None else f"recommended: {best:g}"
    )
    draw_trade_off(curve, table, sweep.distance, evaluation.budget, best, title)
    numbers = {"budget": evaluation.budget} | ({} if best is None else {"recommended": best})
    write_json(paths.reports / "alpha.json", numbers)
    run.log_metrics({f"alpha.{name}": value for name, value in numbers.items()})
    run.log_files(figure, curve, paths.reports / "alpha.json")


if __name__ == "__main__":
    main()
