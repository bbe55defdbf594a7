"""What an attack leaves that could not be made: the files of :mod:`masquerade.attacks.record`, with the reason."""

import pandas as pd

from masquerade.attacks.finding import write_findings
from masquerade.figures.words import draw_words
from masquerade.paths import Paths
from masquerade.tables import write_csv
from masquerade.tracking import StageRun

COLUMN = "not attacked"
"""The only column of the table."""


def skip(name: str, reason: str, title: str, paths: Paths, run: StageRun) -> None:
    """Write no findings, a table that is the reason alone, and a figure that says it; log all three.

    Args:
        name: of the attack.
        title: of the figure.
    """
    files = {suffix: paths.attacks / f"{name}.{suffix}" for suffix in ("csv", "json", "png")}
    write_csv(files["csv"], pd.DataFrame(index=pd.Index([reason], name=COLUMN)))
    write_findings(files["json"], {})
    draw_words(files["png"], f"{COLUMN}: {reason}", title)
    run.log_files(*files.values())


def reason(table: pd.DataFrame) -> str | None:
    """Return why an attack was not made; None if this is a table of what it found."""
    return str(table.index[0]) if table.index.name == COLUMN else None
