"""The paper's mock recognition system (Section 5.4): templates in memory, compared by d_F."""

from collections.abc import Hashable

import numpy as np

from masquerade.errors import InputError
from masquerade.evaluation.pairs import squared_distances


class RecognitionSystem:
    """Stores embeddings of templates by identity and decides with one threshold.

    Args:
        threshold: largest d_F (Eq. 1) that still matches, 0…4.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._templates: dict[Hashable, np.ndarray] = {}

    def enroll(self, identity: Hashable, templates: np.ndarray) -> None:
        """Store the embeddings (k, m) of an identity's templates beside those it already has."""
        if not len(templates):
            raise InputError(f"identity {identity} cannot be enrolled without a template")
        stored = self._templates.get(identity)
        self._templates[identity] = templates if stored is None else np.concatenate([stored, templates])

    def distances(self, identity: Hashable, probes: np.ndarray) -> np.ndarray:
        """Return d_F of probes (n, m) to each template of an identity, (n, k)."""
        if identity not in self._templates:
            raise InputError(f"identity {identity} is not enrolled")
        return squared_distances(probes, self._templates[identity])

    def verify(self, identity: Hashable, probes: np.ndarray) -> np.ndarray:
        """Tell whether probes (n, m) match the nearest template of the identity they claim, bool (n,)."""
        return self.distances(identity, probes).min(axis=1) <= self.threshold

    def identify(self, probes: np.ndarray) -> list[Hashable | None]:
        """Return the identity with the nearest template for each probe (n, m), None where none is near enough."""
        if not self._templates:
            return [None] * len(probes)
        identities = list(self._templates)
        nearest = np.stack([self.distances(identity, probes).min(axis=1) for identity in identities])
        found = zip(nearest.argmin(axis=0), nearest.min(axis=0), strict=True)
        return [identities[best] if distance <= self.threshold else None for best, distance in found]
