"""An approximate index of FAISS (Johnson et al. 2019) for more vectors than an exact search can compare in time.

It is an optional part: ``pip install masquerade[ann]``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from masquerade.errors import InputError


class ApproximateIndex:
    """Vectors in cells around centroids, of which a search looks into the nearest ones; a number takes 2 bytes.

    Nothing can be removed: it is built anew. Its answers are compared with the exact ones by
    :func:`masquerade.evaluation.identification.recall`.

    Args:
        blocks: vectors (…, m), which need not have length 1, in the order in which they are numbered.
        cells: centroids.
        visited: cells that a search looks into: more find more, in more time. It can be changed later.

    Raises:
        InputError: FAISS is not installed, or there are fewer vectors than cells.
    """

    def __init__(self, blocks: Sequence[np.ndarray], cells: int = 1024, visited: int = 128) -> None:
        try:
            import faiss
        except ModuleNotFoundError as error:
            raise InputError("an approximate search needs FAISS: pip install masquerade[ann]") from error
        total = sum(map(len, blocks))
        if total < cells:
            raise InputError(f"{total} vectors are too few for an index of {cells} cells: search exactly")
        dimension = blocks[0].shape[1]
        self._index: Any = faiss.index_factory(dimension, f"IVF{cells},SQfp16", faiss.METRIC_INNER_PRODUCT)
        # Every so many-th vector: FAISS advises 39 to 256 for each cell.
        step = max(1, total // (64 * cells))
        self._index.train(np.concatenate([block[::step] for block in blocks]))
        for block in blocks:
            self._index.add(np.ascontiguousarray(block, np.float32))
        self.visited = visited

    def nearest_rows(self, probes: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of about the nearest vectors of each probe (n, m), and their d_F, both (n, wanted).

        Where too few were looked at, the number is −1.
        """
        self._index.nprobe = self.visited
        products, rows = self._index.search(np.ascontiguousarray(probes, np.float32), wanted)
        return rows, np.clip(2 - 2 * products, 0, 4)
