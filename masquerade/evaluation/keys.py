"""The keys of the evaluation: public, because anybody can compute them from ``evaluation.keys.seed``."""

from collections.abc import Sequence
from typing import Literal

from masquerade.keys import Keyring, Record, public_key
from masquerade.params import Params


def keys_of(
    params: Params, modality: str, part: str, names: Sequence[str], scope: Literal["record", "system"] | None = None
) -> Keyring:
    """Return the evaluation's keys, which anybody can compute: of every image, or of all together.

    Args:
        scope: by default ``evaluation.keys.scope``.
    """
    keys = params.evaluation.keys
    records = [Record(modality, f"{part}: {name}", number) for number, name in enumerate(names)]
    own = (scope or keys.scope) == "record"
    return Keyring(public_key(keys.seed), records if own else [Record(modality)] * len(names))
