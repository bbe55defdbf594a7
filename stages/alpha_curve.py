"""Fig. 12: what the margin α does to embeddings, images and error rates.

Example: python stages/alpha_curve.py --modality digits
"""

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.data.split import validation
from masquerade.errors import InputError
from masquerade.evaluation.arms import REAL_TEMPLATE
from masquerade.evaluation.distortion import image_distances
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.pca import project
from masquerade.evaluation.recommended_alpha import recommended_alpha
from masquerade.evaluation.templates import Templates, enrolled
from masquerade.evaluation.verification_report import verification_report
from masquerade.figures.alpha import draw_alphas, draw_trade_off
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("alpha_curve")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    sweep, evaluation = params.alpha_sweep, params.evaluation
    seed_everything(params.seed)
    test = ImageSet.load(paths.test)
    _, others = validation(ImageSet.load(paths.train), params.modality(modality).split_by, params.seed)
    if sweep.shown not in test.names[np.unique(test.labels)]:
        raise InputError(f"params.yaml: alpha_sweep.shown: {sweep.shown!r} is not a held-out class of {modality}")
    (shown,) = test.first_of([list(test.names).index(sweep.shown)])
    chosen = np.isin(test.labels, np.sort(test.most_frequent(len(test.names)))[: evaluation.pca_classes])
    rows, panels = {}, {}
    for alpha in sweep.alphas:
        templates = Templates.load(paths.sweep_templates(alpha))
        each = image_distances(test.images, templates, params.generator.beta)
        rows[alpha] = {
            **{str(name): float(each[name].mean()) for name in each},
            "within_alpha": float((each["d_emb"] <= alpha).mean()),
            "eer": templates.comparisons(test.labels, test.subjects)[REAL_TEMPLATE].rates.eer,
            **price(params, Templates.load(paths.sweep_validation(alpha)), others),
        }
        run.log_metrics({f"alpha_sweep.{alpha}.{name}": value for name, value in rows[alpha].items()})
        projection = project(templates.real_embeddings[chosen], templates.template_embeddings[chosen])
        panels[alpha] = (projection, templates.images[shown])
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("alpha").sort_index()
    write_csv(paths.reports / "alpha_sweep.csv", table)
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
    run.log_files(figure, curve, paths.reports / "alpha_sweep.csv", paths.reports / "alpha.json")


def price(params: Params, templates: Templates, others: ImageSet) -> dict[str, float]:
    """Return what templates of the validation images cost: ΔEER and its interval."""
    vectors = enrolled({params.alpha_sweep.generator: templates})
    real = templates.real_embeddings
    arms = {arm: compare(real, each, others.labels, others.subjects) for arm, each in vectors.items()}
    report = verification_report(arms, params.evaluation, params.seed)[params.alpha_sweep.generator]
    low, high = report["delta_eer_ci"]
    return {
        "validation_delta_eer": report["delta_eer"],
        "validation_delta_eer_low": low,
        "validation_delta_eer_high": high,
    }


if __name__ == "__main__":
    main()
