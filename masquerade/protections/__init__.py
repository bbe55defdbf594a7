"""Published protections of embeddings, a module each, which need nothing but F(X) and a token.

The reports hold ours against them, on the same images and pairs.
"""

from masquerade.protections import biohash, iom_grp, mlp_hash, polyprotect
from masquerade.protections.base import Protection

_ALL = {
    "biohash_64": biohash.protection(64),
    "biohash_128": biohash.protection(128),
    "mlp_hash": mlp_hash.PROTECTION,
    "iom_grp": iom_grp.PROTECTION,
    "polyprotect": polyprotect.PROTECTION,
}

NAMES = tuple(_ALL)
"""Names of all schemes, in the order of the report."""


def protection(name: str) -> Protection:
    """Return one of :data:`NAMES`; raise KeyError for any other name."""
    return _ALL[name]
