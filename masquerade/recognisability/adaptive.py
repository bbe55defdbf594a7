"""The adaptive judge: an attacker who has labelled templates and learns from them.

It succeeds by construction: T carries F(X). The same classifier on F(X) itself is the bound to compare with.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits


def adaptive_accuracy(
    inputs: Mapping[str, np.ndarray], labels: np.ndarray, probes: np.ndarray, sizes: Sequence[int], seed: int
) -> pd.DataFrame:
    """Train a logistic regression on n labelled vectors and test it on others.

    Args:
        inputs: what it learns from, by name, each (n, …): templates, real images, or the embeddings F(X).
        labels: int (n,).
        probes: bool (n,), the images it is tested on; it learns from the others.
        sizes: numbers of images to learn from. Those above the number available, or too small for two classes, are left
            out; all available images come last.

    Returns:
        The ``accuracy``, one row per number ``n`` and input (in the index: ``generator``).
    """
    # float32 is exact enough for pixels, and half the work
    inputs = {name: vectors.reshape(len(labels), -1).astype(np.float32) for name, vectors in inputs.items()}
    learning = np.random.default_rng(seed).permutation(np.flatnonzero(~probes))
    rows = []
    for n in [*(size for size in sorted(sizes) if size < len(learning)), len(learning)]:
        chosen = learning[:n]
        if len(np.unique(labels[chosen])) < 2:
            continue
        with threadpool_limits(1, "blas"):  # hundreds of small products: threads would wait for each other
            for name, vectors in inputs.items():
                judge = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
                judge.fit(vectors[chosen], labels[chosen])
                rows.append((n, name, judge.score(vectors[probes], labels[probes])))
    return pd.DataFrame(rows, columns=["n", "generator", "accuracy"]).set_index(["n", "generator"])
