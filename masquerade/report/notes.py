"""What the numbers of an attack say about the attack itself, in sentences below its table."""

from collections.abc import Iterator

from masquerade.attacks.renewability import RISE
from masquerade.evaluation.arms import REAL
from masquerade.report.results import Results

SUCCEEDS = 0.5
"""SAR of type I from which on an inversion of F(X) itself counts as a success."""

WEAK = 0.25
"""Limit of a share of identified templates from which on little is said by staying below it."""


def notes(attack: str, result: Results) -> list[str]:
    """Return the sentences about an attack, in Markdown; none if it was not made."""
    said = {"inversion": _inversion, "distillation": _distillation, "renewability": _renewability}
    return list(said[attack](result)) if attack in said and not result.skipped(attack) else []


def _inversion(result: Results) -> Iterator[str]:
    """Weak attacks prove nothing: name the verifiers whom even the ceiling does not convince."""
    ceiling = result.attack_tables["inversion"].loc[[REAL]]
    for verifier, rows in ceiling[ceiling["type_1"] < SUCCEEDS].groupby("verifier", sort=False):
        rates = " and ".join(
            f"{share:.0%} at an FMR of {100 * fmr:g} %" for share, fmr in rows[["type_1", "fmr"]].to_numpy().tolist()
        )
        yield (
            f"{result.name.capitalize()}: of the images rebuilt from F(X) itself, `{verifier}` accepts {rates} for the "
            "image (type I). Against this verifier the attack is too weak: those rows prove nothing about templates."
        )


def _distillation(result: Results) -> Iterator[str]:
    """With few people chance names many."""
    found = [its for keys in result.attacks["distillation"].values() for its in keys.values()]
    widest = max(found, key=lambda its: its.limit)
    if widest.limit > WEAK:
        yield (
            f"{result.name.capitalize()}: with so few people, chance names {widest.floor:.0%} of the templates on "
            f"average, and up to {widest.limit:.0%}. An attack that names fewer is not noticed: what holds says little."
        )


def _renewability(result: Results) -> Iterator[str]:
    """Say how often a template can be renewed until that has cost :data:`RISE`."""
    points = f"{100 * RISE:g} points"
    for generator, rows in result.attack_tables["renewability"].groupby(level=0, sort=False):
        eers = rows.set_index("renewals")["eer"]
        if len(eers) == 1:  # without a key there is nothing to renew
            continue
        over = eers.index[eers > eers[0] + RISE]
        count = over[0] if len(over) else eers.index[-1]
        renewed = f"{count} renewals in a row cost" if count > 1 else "one renewal costs"
        yield (
            f"{result.name.capitalize()}, `{generator}`: {renewed} "
            f"{'more' if len(over) else 'less'} than {points} of EER, {eers[0]:.2%} → {eers[count]:.2%}."
        )
