"""Fig. 4 for people: what each flow keeps, costs, and leaves to a thief."""

import pandas as pd

from masquerade.attacks.skip import COLUMN as NOT_ATTACKED
from masquerade.report.results import Results

PARTS = {"decrypt": "decrypt", "distort": "{generator}", "embed": "F", "compare": "compare"}
"""Parts of a comparison, and what the stage calls the time of one."""

TAKEN = {
    ("cancelable", "pixels"): {"distort": 1, "compare": 1},
    ("cancelable", "F"): {"distort": 1, "embed": 1, "compare": 1},
    ("direct", "F"): {"embed": 1, "compare": 1},
    ("encryption", "F"): {"decrypt": 1, "embed": 2, "compare": 1},
}
"""How many of each part one comparison takes, by flow and by what is compared."""


def three_flows(result: Results) -> pd.DataFrame:
    """Return a row for each flow, kind of template and what is compared, with the milliseconds of each part."""
    rows = []
    for index, (eer, size) in zip(result.flows.index, result.flows[["eer", "bytes"]].to_numpy(), strict=True):
        flow, generator, compared = map(str, index)
        taken = TAKEN[flow, compared]
        times = [
            f"{taken[part] * result.milliseconds[named.format(generator=generator)]:.3g}"
            if part in taken and result.milliseconds
            else "–"
            for part, named in PARTS.items()
        ]
        rows.append((flow, generator, compared, f"{eer:.2%}", *times, size, *_stolen(result, flow, generator)))
    parts = [f"{part}, ms" for part in PARTS]
    columns = ["flow", "template", "compared by", "EER", *parts, "bytes", "a thief of the database", "and of the key"]
    return pd.DataFrame(rows, columns=columns)


def _stolen(result: Results, flow: str, generator: str) -> tuple[str, str]:
    """Say what the stored data give away, and what they give away with their key."""
    if flow == "encryption":
        return "nothing", "X itself"
    findings = result.attacks["distillation"].get(generator, {})
    shares = [f"{its.value:.0%}" for its in findings.values()] or [NOT_ATTACKED]
    return shares[0], shares[-1]  # without a key both thieves have the same
