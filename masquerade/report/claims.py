"""What the paper claims, beside what was measured here."""

from dataclasses import dataclass

import pandas as pd

from masquerade import paper
from masquerade.evaluation.arms import BASELINE, REAL_REAL, REAL_TEMPLATE
from masquerade.report.results import Results

CONSIDERABLE = 1.1
"""Smallest factor by which α changes the distortion; less is not "much more considerable"."""

REACHED = 0.9
"""Share of the templates within α from which a training of the sweep counts: the others never reached their α."""


@dataclass(frozen=True)
class Claim:
    """One claim of the paper beside our number.

    Attributes:
        holds: None: it cannot be told.
    """

    where: str
    says: str
    paper: str
    measured: str
    holds: bool | None


def claims(results: list[Results]) -> list[Claim]:
    """List the paper's claims about every generator and about the margin α; the card has those of Table 2."""
    listed = [claim for result in results for kind in result.kinds for claim in _of_generator(result, kind)]
    listed += [_of_sweep(result, result.sweep) for result in results if result.sweep is not None]
    return listed


def _of_sweep(result: Results, sweep: pd.DataFrame) -> Claim:
    reached = sweep["within_alpha"] >= REACHED
    mse = sweep["mse"][reached]
    measured, holds = "fewer than two α reached", None
    if len(mse) > 1:
        measured = f"mse {mse.iloc[0]:.3f} → {mse.iloc[-1]:.3f}, α {mse.index[0]:g} → {mse.index[-1]:g}"
        holds = bool(mse.iloc[-1] > CONSIDERABLE * mse.iloc[0])
    beyond = ", ".join(f"{alpha:g}" for alpha in sweep.index[~reached])
    return Claim(
        f"{result.name}, {result.swept}",
        "A greater α makes the distortion much more considerable (Fig. 12)",
        "by eye, α 0 → 0.8",
        f"{measured}; not reached: α {beyond}" if beyond else measured,
        holds,
    )


def _of_generator(result: Results, kind: str) -> list[Claim]:
    where, verified = f"{result.name}, {kind}", result.verification[kind]
    read, chance = result.recognisability[kind], result.recognisability["chance"]
    delta, (low, high) = verified["delta_eer"], verified["delta_eer_ci"]
    f1 = result.table4["f1"].loc["paper"]
    gain = float(f1[kind, REAL_TEMPLATE] - f1[BASELINE])
    changed = result.distortion[kind]["hamming"]
    listed = [
        Claim(
            where,
            "Nobody recognises a template (abstract)",
            "judged by eye",
            f"a judge identifies {read['rank_1']:.0%}, {chance:.0%} by chance",
            not result.legible(kind),
        ),
        Claim(where, "Pixels change by more than 70 % (abstract)", "> 70 %", f"L1 {changed:.0%}", changed > 0.7),
        Claim(
            where,
            "Recognition stays as accurate as without distortion (abstract)",
            "EER of the images not given",
            f"EER {100 * delta:+.2f} points [{100 * low:+.2f}, {100 * high:+.2f}]",
            low <= 0,
        ),
        Claim(
            where,
            "It even slightly outscores the images themselves (Section 5.4)",
            _paper_gain(result),
            f"F1 {100 * gain:+.2f} points",
            gain > 0 and high < 0,
        ),
    ]
    classes = result.table3.query("generator == @kind and comparison == @REAL_TEMPLATE").dropna(subset="paper")
    if len(classes):
        theirs, ours = (float(classes[name].mean()) for name in ("paper", "mse"))
        says = "Mean distance between real and generated (Table 3)"
        listed.append(Claim(where, says, f"{theirs:.2f}", f"mse {ours:.2f}", ours >= theirs))
    if (theirs_eer := paper.eer(result.params.dataset)) is not None:
        ours_eer = verified["real_template"]["eer"]
        listed.append(Claim(where, "EER (Table 6)", f"{theirs_eer:.1%}", f"{ours_eer:.2%}", ours_eer <= theirs_eer))
    return listed


def _paper_gain(result: Results) -> str:
    cells = result.paper_table4
    if not cells:
        return "no numbers for this data"
    return f"F1 {100 * (cells[REAL_TEMPLATE]['f1'] - cells[REAL_REAL]['f1']):+.2f} points"
