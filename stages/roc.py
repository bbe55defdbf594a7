"""Fig. 13 and Table 6: ROC and DET curves and error rates over all held-out pairs, with confidence intervals.

Example: python stages/roc.py --modality digits
"""

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL_TEMPLATE, Arm
from masquerade.evaluation.templates import compare_all, load_all
from masquerade.evaluation.thresholds import thresholds
from masquerade.evaluation.verification_report import verification_report
from masquerade.figures.roc import draw_det, draw_roc
from masquerade.json_file import dotted, write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("roc")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test = ImageSet.load(paths.test)
    stored = load_all(paths, params.generators)
    arms = compare_all(stored, test.labels, test.subjects)
    report = verification_report(arms, params.evaluation, params.seed)
    for generator, templates in stored.items():
        report[generator]["within_alpha"] = float(np.mean(templates.d_emb <= params.generator.alpha))
    write_json(paths.reports / "verification.json", report)

    decided = {
        arm.generator: thresholds(comparison, params.evaluation, params.seed)
        for arm, comparison in arms.items()
        if arm.comparison == REAL_TEMPLATE
    }
    write_csv(paths.reports / "thresholds.csv", pd.concat(decided, names=["generator"]))
    curves = {arm: comparison.rates.table(points=400) for arm, comparison in arms.items()}
    write_csv(paths.reports / "roc.csv", pd.concat(curves, names=list(Arm._fields)).droplevel(-1))
    draw_roc(paths.reports / "roc.png", curves, f"{modality}: ROC (Fig. 13)")
    draw_det(paths.reports / "det.png", curves, f"{modality}: DET")
    run.log_metrics(dotted(report))
    run.log_files(
        *(paths.reports / name for name in ("verification.json", "thresholds.csv", "roc.csv", "roc.png", "det.png"))
    )


if __name__ == "__main__":
    main()
