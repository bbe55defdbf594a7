"""Fig. 4 for people: what each flow keeps, costs, and leaves to a thief."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key
from masquerade.report.results import Results

PARTS = {
    ("cancelable", "pixels"): ("{generator}", "compare"),
    ("cancelable", "F"): ("{generator}", "F", "compare"),
    ("direct", "F"): ("F", "compare"),
    ("encryption", "F"): ("decrypt", "F", "F", "compare"),
}
"""What one comparison takes, by flow and by what is compared."""


def three_flows(result: Results) -> pd.DataFrame:
    """Return a row for each flow, kind of template and what is compared."""
    thieves = result.attacks["distillation"]
    rows = []
    for index, (eer, size) in zip(result.flows.index, result.flows[["eer", "bytes"]].to_numpy(), strict=True):
        flow, generator, compared = map(str, index)
        parts = [part.format(generator=generator) for part in PARTS[flow, compared]]
        time = sum(result.milliseconds[part] for part in parts) if result.milliseconds else np.nan
        of_templates, of_both = _stolen(thieves.get(generator, {}))
        rows.append((flow, generator, compared, f"{eer:.2%}", time, size, of_templates, of_both))
    columns = ["flow", "template", "compared by", "EER", "ms", "bytes", "a thief of the database", "and of the key"]
    return pd.DataFrame(rows, columns=columns)


def _stolen(findings: Mapping[Key, Finding]) -> tuple[str, str]:
    """Say what the templates give away, and what they give away with their key."""
    if not findings:
        return "nothing", "X itself"
    shares = [f"{its.value:.0%}" for its in findings.values()]  # without a key both thieves have the same
    return shares[0], shares[-1]
