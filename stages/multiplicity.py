"""Record multiplicity: how much of F(X) do several stolen records of one image give, by the bits that they keep?

Example: python stages/multiplicity.py --modality digits
"""

from functools import partial

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key
from masquerade.attacks.multiplicity import COLUMNS, IMAGES, LABELS, found, multiplicity
from masquerade.attacks.record import record
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import load_all
from masquerade.figures.multiplicity import draw_multiplicity
from masquerade.generators import kind
from masquerade.keys import public_key
from masquerade.lock import Lock
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.space import Space
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("multiplicity")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    chosen = np.concatenate([np.flatnonzero(test.labels == label)[:IMAGES] for label in test.most_frequent(LABELS)])
    evaluation, master = params.evaluation, public_key(params.evaluation.keys.seed)
    sampling = (evaluation.bootstrap, evaluation.confidence, params.seed)
    tables = {("none", "all"): pd.DataFrame(columns=list(COLUMNS))}  # if there is no kind with a key
    findings: dict[str, dict[Key, Finding]] = {}
    for name, its in stored.items():
        if kind(name).source is None:
            continue
        components = Space.load(paths.space(name)).components
        real, labels, subjects = its.real_embeddings[chosen], test.labels[chosen], test.subjects[chosen]
        shares = [len(components.scales) * quarters // 4 for quarters in (3, 2, 1)]
        for bits in dict.fromkeys([evaluation.keys.bits, None, *(share for share in shares if share)]):
            table = multiplicity(real, labels, partial(Lock, components, bits=bits), master)
            tables[name, "all" if bits is None else str(bits)] = table
        findings[name] = {"stolen": found(its.template_embeddings[chosen], real, labels, subjects, *sampling)}
    table = pd.concat(tables, names=["generator", "bits", "records"])
    draw_multiplicity(paths.attacks / "multiplicity.png", table, f"{modality}: stolen records and their keys")
    record("multiplicity", table, findings, paths, run)


if __name__ == "__main__":
    main()
