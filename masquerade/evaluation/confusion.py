"""Confusion matrices of the mock recognition system: Table 4, Eq. 20 and 21."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import stats

from masquerade.errors import InputError
from masquerade.evaluation.arms import Arm
from masquerade.evaluation.matcher import Matcher
from masquerade.params import MockSystem


@dataclass(frozen=True)
class Confusion:
    """Outcomes of genuine attempts (tp, fn) and impostor attempts (fp, tn) at one threshold."""

    threshold: float
    tp: int
    fn: int
    fp: int
    tn: int

    @property
    def precision(self) -> float:
        """Eq. 20; 0 if nothing was accepted."""
        return self.tp / max(self.tp + self.fp, 1)

    @property
    def recall(self) -> float:
        """Eq. 20."""
        return self.tp / (self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Eq. 21; 0 if nothing was accepted correctly."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn)


@dataclass(frozen=True)
class Attempts:
    """Distances (n,) of probes to the one template each was compared with."""

    genuine: np.ndarray
    impostor: np.ndarray

    def at(self, threshold: float) -> Confusion:
        """Count the outcomes if distances below the threshold are accepted."""
        tp = int(np.count_nonzero(self.genuine < threshold))
        fp = int(np.count_nonzero(self.impostor < threshold))
        return Confusion(threshold, tp, len(self.genuine) - tp, fp, len(self.impostor) - fp)

    def best(self, thresholds: int) -> Confusion:
        """Return the outcomes with the best F1 of equally spaced thresholds in [0, 4]; ties: the lowest threshold."""
        return max((self.at(float(t)) for t in np.linspace(0, 4, thresholds)), key=lambda outcome: outcome.f1)


def choose_classes(
    labels: np.ndarray, count: int, images: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Choose ``count`` classes to enrol, each with at least ``images`` images, and as many others as impostors.

    Each half of the held-out protocol needs two images of an enrolled class, one as probe and one as template, and
    one image of an impostor class: four and two in all.

    Raises:
        InputError: there are too few such classes.
    """
    present, sizes = np.unique(labels, return_counts=True)
    large, usable = present[sizes >= images], present[sizes >= 2]
    if len(large) < count or len(usable) < 2 * count:
        raise InputError(
            f"evaluation.mock_system.classes: {count} classes of {images} images and {count} others of 2 are asked "
            f"for, but of the held-out classes {len(large)} have {images} and {len(usable)} have 2"
        )
    enrolled = rng.choice(large, count, replace=False)
    return enrolled, rng.choice(np.setdiff1d(usable, enrolled), count, replace=False)


def attempt(
    probes: np.ndarray,
    templates: np.ndarray,
    labels: np.ndarray,
    enrolled: np.ndarray,
    others: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> Attempts:
    """Run the paper's protocol: enrol the templates of some classes, then try genuine and impostor probes.

    Every probe claims an enrolled class, drawn at random, and is compared with one random template of it, never with
    its own template.

    Args:
        probes, templates: embeddings (n, m) of the same images, plain and as stored.
        labels: int (n,).
        enrolled, others: classes of the genuine and of the impostor probes.
        count: genuine attempts, and as many impostor attempts.
    """
    system = Matcher(threshold=0)
    members = {label: np.flatnonzero(labels == label) for label in enrolled}
    for label, images in members.items():
        system.enroll(label, templates[images])
    impostors = np.flatnonzero(np.isin(labels, others))

    genuine, impostor = [], []
    for label, share in zip(
        enrolled, np.bincount(rng.integers(len(enrolled), size=count), minlength=len(enrolled)), strict=True
    ):
        images = members[label]
        probe = rng.integers(len(images), size=share)
        # Skip the probe's own template.
        other = (probe + rng.integers(1, len(images), size=share)) % len(images)
        genuine.append(system.distances(label, probes[images])[probe, other])
        stranger = rng.choice(impostors, size=share)
        impostor.append(
            system.distances(label, probes[stranger])[np.arange(share), rng.integers(len(images), size=share)]
        )
    return Attempts(np.concatenate(genuine), np.concatenate(impostor))


def repeated(
    probes: np.ndarray, stored: Mapping[Arm, np.ndarray], labels: np.ndarray, params: MockSystem, seed: int
) -> pd.DataFrame:
    """Run both protocols for random choices of the classes.

    ``paper`` chooses the threshold with the best F1 and reports it on the same attempts (errata 4). ``held_out``
    chooses it on one half of the images and reports it on the other. All arms see the same classes and attempts.

    Args:
        probes: embeddings (n, m) of the plain images.
        stored: embeddings (n, m) of what is enrolled.

    Returns:
        One row per repeat, protocol, generator and comparison with the counts, threshold, precision, recall and F1.
    """
    rows = []
    for repeat in range(params.repeats):
        rng = np.random.default_rng([seed, repeat])
        classes = choose_classes(labels, params.classes, params.images, rng)
        half = _half(labels, rng)
        for arm, templates in stored.items():
            seeds = np.random.SeedSequence([seed, repeat]).spawn(3)  # the same for every arm
            everything, first, second = (
                attempt(
                    probes[part], templates[part], labels[part], *classes, params.attempts, np.random.default_rng(s)
                )
                for part, s in zip((half | ~half, half, ~half), seeds, strict=True)
            )
            outcomes = {
                "paper": everything.best(params.thresholds),
                "held_out": second.at(first.best(params.thresholds).threshold),
            }
            for protocol, outcome in outcomes.items():
                rates = {"precision": outcome.precision, "recall": outcome.recall, "f1": outcome.f1}
                rows.append({"repeat": repeat, "protocol": protocol, **arm._asdict(), **asdict(outcome), **rates})
    return pd.DataFrame(rows).set_index("repeat")


def summary(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Average the repeats of :func:`repeated`: mean of each column and the t-interval of the mean F1."""
    groups = rows.groupby(["protocol", "generator", "comparison"], sort=False)
    table = groups.mean()
    spread = groups["f1"].sem() * stats.t.ppf((1 + confidence) / 2, groups["f1"].count() - 1)
    return table.assign(f1_low=table["f1"] - spread, f1_high=table["f1"] + spread).sort_index(
        level="protocol", ascending=False, sort_remaining=False, kind="stable"
    )


def _half(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mark a random half of the images of every class, bool (n,)."""
    shuffled = rng.permutation(len(labels))
    rank = np.empty(len(labels), dtype=int)
    for label in np.unique(labels):
        chosen = shuffled[labels[shuffled] == label]
        rank[chosen] = np.arange(len(chosen))
    return rank % 2 == 0
