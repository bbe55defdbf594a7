"""Linkability: can templates of one person be told from those of others without the keys? The best score counts.

Example: python stages/linkability.py --modality digits
"""

from typing import Any

import pandas as pd

from masquerade.attacks.linkability import histograms, report
from masquerade.attacks.scores import score_vectors
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import load_all
from masquerade.figures.linkability import draw_linkability
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognisability.judges import load_judges
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import predict, seed_everything


@stage("linkability")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test, embedder = ImageSet.load(paths.test), load_model(paths.embedder)
    judges = load_judges(params.modality(modality).judge, paths.judge, test.images.shape[1:])
    stored = {REAL: test.images} | {name: its.images for name, its in load_all(paths, params.generators).items()}
    rows: dict[tuple[str, str], dict[str, float]] = {}
    best: dict[str, dict[str, Any]] = {}
    panels: dict[str, pd.DataFrame] = {}
    for name, images in stored.items():
        scores = score_vectors(images, predict(embedder, images), judges)
        its = {score: compare(each, each, test.labels, test.subjects) for score, each in scores.items()}
        for score, comparison in its.items():
            rows[name, score] = report(
                comparison, params.evaluation.bootstrap, params.evaluation.confidence, params.seed
            )
        most = max(its, key=lambda score: rows[name, score]["d_sys"] - rows[name, score]["floor_d_sys"])
        best[name] = {"score": most, **rows[name, most]}
        panels[f"{name}, by {most}"] = histograms(its[most])
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["generator", "score"])
    write_csv(paths.reports / "linkability.csv", table)
    write_json(paths.reports / "linkability.json", best)
    draw_linkability(paths.reports / "linkability.png", panels, f"{modality}: linkability without keys")
    measures = ("d_sys", "floor_d_sys", "maximal", "eer")
    run.log_metrics({f"linkability.{name}.{key}": its[key] for name, its in best.items() for key in measures})
    run.log_files(*(paths.reports / f"linkability.{suffix}" for suffix in ("csv", "json", "png")))


if __name__ == "__main__":
    main()
