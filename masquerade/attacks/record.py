"""What every attack leaves: a table and findings beside the figure, in reports/ and in MLflow."""

from collections.abc import Mapping

import pandas as pd

from masquerade.attacks.finding import Findings, numbers, write_findings
from masquerade.paths import Paths
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


def record(
    name: str,
    table: pd.DataFrame,
    findings: Findings,
    paths: Paths,
    run: StageRun,
    more: Mapping[str, float] | None = None,
) -> None:
    """Write the table and the findings of an attack whose figure is drawn, and log all three.

    Args:
        more: other numbers for MLflow, by name.
    """
    files = {suffix: paths.attacks / f"{name}.{suffix}" for suffix in ("csv", "json", "png")}
    write_csv(files["csv"], table)
    write_findings(files["json"], findings)
    metrics = numbers(findings) | dict(more or {})
    run.log_metrics({f"{name}.{each}": value for each, value in metrics.items()})
    run.log_files(*files.values())
