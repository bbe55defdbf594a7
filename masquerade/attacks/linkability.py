"""Linkability: an attacker who lacks the keys tries to tell which templates are of one person.

Knows F, the judges and all templates, no key and no label. Wants to say which templates belong together. Spends one
comparison a pair.

The scores of mated pairs (two templates of one person, each with a key of its own) stand against those of non-mated
pairs. The local measure is D(s) = 2·LR(s)/(1 + LR(s)) − 1 where the likelihood ratio of the two is above 1, and 0
elsewhere; the global one is D_sys = ∫ D(s)·p(s | mated) ds, from 0 (unlinkable) to 1 (Gomez-Barrero, Galbally, Rathgeb
and Busch 2018, with ω = 1). Maximal linkability is log₂ ∫ max(p(s | mated), p(s | non-mated)) ds bits, from 0 to 1
(Otroshi Shahreza, Shkel and Marcel 2023).

Densities are histograms. With few scores even templates of nobody are a little "linkable": no number means anything
without the floor beside it, where chance says which templates are of one person.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Attack, Finding, most
from masquerade.evaluation.bootstrap import interval, multiplicities
from masquerade.evaluation.pairs import squared_distances
from masquerade.evaluation.verification import crossing

ATTACK = Attack(
    title="Linkability: do two templates belong to one person?",
    claim="Two templates of one person cannot be linked",
    attacker="knows F, judges and all templates; compares any two",
    measure="D_sys, 0 to 1",
    shown="{:.2f}",
    text="""Table 2 promises a "secret metric". The attacker compares templates with each other: by `F`, by the
judges, by the correlation of their `pixels`, or by that of their `residual`, what is left without the mean of all
templates. The score that tells most counts. D_sys (Gomez-Barrero et al. 2018) and maximal linkability in bits
(Otroshi Shahreza et al. 2023) are 0 if mated and non-mated pairs have the same scores, and 1 if they have none in
common. The floor is what the best of the same scores gives when chance says which templates are of one person; the
ceiling is that of the images themselves. A secret key is drawn anew several times (`attacks.draws`; only the
templates of the first draw are refined), and the means count. With a stolen key, the templates are unlocked first.
[docs/keys.md](../docs/keys.md) says why a key helps, and where it ends.""",
    column="d_sys",
    by=("score",),
)


MANY = 100
"""Most bins of a histogram."""

HARMLESS = 0.02
"""D_sys above its floor that counts as none."""

PERMUTATIONS = 100
"""Draws behind a floor."""


class Linkability(NamedTuple):
    """Both measures, each in [0, 1], and the EER of the attacker, 0.5 by chance; of several samples (r,)."""

    d_sys: np.ndarray
    maximal: np.ndarray
    eer: np.ndarray


def bins_for(mated: int) -> int:
    """Return the number of bins for this many mated scores: a tenth of it, from 2 to :data:`MANY`."""
    return max(2, min(mated // 10, MANY))


def measured(p: np.ndarray, q: np.ndarray) -> Linkability:
    """Measure the shares of mated and of non-mated scores in each bin, (bins,) or (bins, r), the nearest first."""
    tmr, fmr = (np.concatenate([np.zeros_like(each[:1]), each.cumsum(axis=0)]) for each in (p, q))
    return Linkability((local(p, q) * p).sum(axis=0), np.log2(np.maximum(p, q).sum(axis=0)), crossing(fmr, 1 - tmr))


def local(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return D(s) of each bin: 2·LR/(1 + LR) − 1 = (p − q)/(p + q), which is 1 where no non-mated score lies."""
    return np.divide(np.maximum(p - q, 0), p + q, out=np.zeros(p.shape), where=p + q > 0)


class Scores:
    """The scores of all pairs of templates, in bins of equal width from the smallest score to the largest.

    Args:
        vectors: unit vectors (n, m) of the templates; their squared distance is the score.
        labels: int (n,), who they are of.

    Attributes:
        edges: of the bins, (bins + 1,).
    """

    def __init__(self, vectors: np.ndarray, labels: np.ndarray) -> None:
        sizes = np.unique(labels, return_counts=True)[1]
        distances = squared_distances(vectors, vectors)
        self.labels = labels
        self.mated = int((sizes * (sizes - 1) // 2).sum())
        self.bins = bins_for(self.mated)
        above = np.triu(np.ones(distances.shape, bool), 1)
        self.edges = np.histogram_bin_edges(distances[above], self.bins)
        self.bin_of = np.clip(np.searchsorted(self.edges, distances, "right") - 1, 0, self.bins - 1).astype(np.uint8)
        self.all = np.bincount(self.bin_of[above], minlength=self.bins)

    @property
    def non_mated(self) -> int:
        return int(self.all.sum()) - self.mated

    @property
    def measured(self) -> Linkability:
        """The measures of these scores."""
        return measured(*self.shares())

    def shares(self, labels: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares of mated and of non-mated scores in each bin, as these labels (n,) have it."""
        mated = np.zeros(self.bins)
        for members in groups(self.labels if labels is None else labels):
            its = self.bin_of[np.ix_(members, members)][np.triu_indices(len(members), 1)]
            mated += np.bincount(its, minlength=self.bins)
        return mated / self.mated, (self.all - mated) / self.non_mated

    def by_chance(self, seed: int) -> Linkability:
        """Measure with permuted labels, (:data:`PERMUTATIONS`,); equal seeds permute equally."""
        rng = np.random.default_rng(seed)
        drawn = [self.shares(rng.permutation(self.labels)) for _ in range(PERMUTATIONS)]
        return measured(*(np.stack(each, axis=1) for each in zip(*drawn, strict=True)))

    def resampled(self, subjects: np.ndarray, replicates: int, seed: int) -> Linkability:
        """Measure bootstrap samples of the subjects (n,); their copies are not compared with themselves."""
        names, subject_of = np.unique(subjects, return_inverse=True)
        row, column = np.triu_indices(len(self.labels), 1)
        mated = self.labels[row] == self.labels[column]
        parts = []
        for chosen in (mated, ~mated):
            first, second = subject_of[row[chosen]], subject_of[column[chosen]]
            second[first == second] = len(names)  # the place of a weight that is always 1
            parts.append((first, second, self.bin_of[row[chosen], column[chosen]]))
        shares = []
        for drawn in multiplicities(len(names), replicates, seed).T:
            weights = np.append(drawn, 1)
            counts = [np.bincount(bins, weights[first] * weights[second], self.bins) for first, second, bins in parts]
            shares.append([count / max(count.sum(), 1e-12) for count in counts])
        return measured(*np.moveaxis(np.array(shares), 0, -1))


def groups(labels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the positions of each label."""
    order = np.argsort(labels, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def link(
    draws: Iterable[Mapping[str, np.ndarray]],
    labels: np.ndarray,
    subjects: np.ndarray,
    replicates: int,
    confidence: float,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame, Finding]:
    """Attack with several scores; the one that is farthest above its floor counts.

    Args:
        draws: for each draw of the keys, vectors (n, m) of the templates by the name of the score, see
            :func:`masquerade.attacks.scores.score_vectors`; one draw where there are no keys.

    Returns:
        A row for each score: the means of ``d_sys``, ``maximal`` and ``eer`` over the draws, with the floors of the
        first. The histograms of the best score in the first draw, with D(s). What was found; its ceiling is not known
        here. Its floor is that of the best of all scores. The interval is that of the mean over the draws, or by
        bootstrap over the subjects if there is but one.
    """
    each = iter(draws)
    scores = {name: Scores(vectors, labels) for name, vectors in next(each).items()}
    measures = [{name: its.measured for name, its in scores.items()}]
    measures += [{name: Scores(vectors, labels).measured for name, vectors in draw.items()} for draw in each]
    found = {name: np.array([draw[name] for draw in measures]) for name in scores}
    chance = {name: its.by_chance(seed) for name, its in scores.items()}
    count = len(measures)
    rows = {
        name: {
            "d_sys": found[name][:, 0].mean(),
            "floor_d_sys": chance[name].d_sys.mean(),
            "maximal": found[name][:, 1].mean(),
            "floor_maximal": chance[name].maximal.mean(),
            "eer": found[name][:, 2].mean(),
            "n_mated": its.mated,
            "n_non_mated": its.non_mated,
            "bins": its.bins,
            "draws": count,
        }
        for name, its in scores.items()
    }
    best = max(rows, key=lambda name: rows[name]["d_sys"] - rows[name]["floor_d_sys"])
    value, floor = (float(rows[best][column]) for column in ("d_sys", "floor_d_sys"))
    if count > 1:
        samples = np.random.default_rng(seed).choice(found[best][:, 0], (replicates, count)).mean(axis=1)
    else:
        samples = scores[best].resampled(subjects, replicates, seed).d_sys
        samples += value - samples.mean()  # a resampling has a floor of its own
    low, high = interval(samples.clip(0, 1), confidence)
    # The best of several scores is above its own floor by chance as well, by less in a mean over draws.
    above = np.max([its.d_sys - its.d_sys.mean() for its in chance.values()], axis=0) / np.sqrt(count)
    finding = Finding(value, low, high, floor + float(above.mean()), floor + max(HARMLESS, most(above)), 1.0)
    p, q = scores[best].shares()
    middles = pd.Index((scores[best].edges[:-1] + scores[best].edges[1:]) / 2, name="d_f")
    histograms = pd.DataFrame({"mated": p, "non_mated": q, "d": local(p, q)}, index=middles)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("score"), histograms, finding
