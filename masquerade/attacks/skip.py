"""What an attack leaves that could not be made: the files of :mod:`masquerade.attacks.record`, with the reason."""

import pandas as pd

from masquerade.attacks.finding import write_findings
from masquerade.paths import Paths
from masquerade.tables import write_csv
from masquerade.tracking import StageRun

COLUMN = "not attacked"
"""The only column of the table."""


def skip(name: str, reason: str, paths: Paths, run: StageRun) -> None:
    """Write no findings and a table that is the reason alone; log both with the figure that says it.

    Args:
        name: of the attack.
    """
    files = {suffix: paths.attacks / f"{name}.{suffix}" for suffix in ("csv", "json", "png")}
    write_csv(files["csv"], pd.DataFrame(index=pd.Index([reason], name=COLUMN)))
    write_findings(files["json"], {})
    run.log_files(*files.values())


def reason(table: pd.DataFrame) -> str | None:
    """Return why an attack was not made; None if this is a table of what it found."""
    return str(table.index[0]) if table.index.name == COLUMN else None
