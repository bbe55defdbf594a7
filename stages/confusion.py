"""Table 4: confusion matrices of the mock recognition system, by the paper's protocol and with held-out thresholds.

Example: python stages/confusion.py --modality faces
"""

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import BASELINE, Arm
from masquerade.evaluation.confusion import repeated, summary
from masquerade.evaluation.templates import enrolled, load_all
from masquerade.figures.matrix import draw_matrices
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("confusion")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test = ImageSet.load(paths.test)
    stored = enrolled(load_all(paths, params.generators))
    rows = repeated(stored[BASELINE], stored, test.labels, params.evaluation.mock_system, params.seed)
    write_csv(paths.reports / "confusion_repeats.csv", rows)
    table = summary(rows, params.evaluation.confidence)
    write_csv(paths.reports / "table4.csv", table)
    figure = paths.reports / "confusion.png"
    draw_matrices(
        figure, rows.query("repeat == 0 and protocol == 'paper'"), f"{modality}: first choice of classes (Table 4)"
    )
    metrics = {
        f"{protocol}.{Arm(*arm).metric}.{rate}": float(table.loc[(protocol, *arm), rate])
        for protocol, *arm in table.index
        for rate in ("precision", "recall", "f1")
    }
    write_json(paths.reports / "confusion.json", metrics)
    run.log_metrics({f"table4.{name}": value for name, value in metrics.items()})
    run.log_files(figure, *(paths.reports / name for name in ("table4.csv", "confusion.json", "confusion_repeats.csv")))


if __name__ == "__main__":
    main()
