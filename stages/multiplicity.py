"""Record multiplicity: how much of F(X) do several stolen records of one image give, by the bits that they keep?

Example: python stages/multiplicity.py --modality digits
"""

from functools import partial

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key, numbers, write_findings
from masquerade.attacks.multiplicity import IMAGES, multiplicity
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import load_all
from masquerade.figures.multiplicity import draw_multiplicity
from masquerade.generators import kind
from masquerade.keys import public_key
from masquerade.lock import Lock, components_of
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("multiplicity")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    chosen = np.linspace(0, len(test) - 1, min(IMAGES, len(test))).astype(int)
    keys, master = params.evaluation.keys, public_key(params.evaluation.keys.seed)
    tables: dict[tuple[str, str], pd.DataFrame] = {}
    findings: dict[str, dict[Key, Finding]] = {}
    for name, its in stored.items():
        if kind(name).source is None:
            continue
        components = components_of(load_model(paths.generator(name)))
        count = len(components.scales)
        for bits in dict.fromkeys([keys.bits, None, 3 * count // 4, count // 2, count // 4]):
            lock = partial(Lock, components, bits=bits)
            tables[name, str(bits or "all")] = multiplicity(
                its.real_embeddings[chosen], test.labels[chosen], lock, master
            )
        one = tables[name, str(keys.bits or "all")].iloc[0].drop("eer")
        findings[name] = {"stolen": Finding(**one.rename({"cosine": "value"}), ceiling=1.0)}
    folder = paths.attacks
    table = pd.concat(tables, names=["generator", "bits"])
    write_csv(folder / "multiplicity.csv", table)
    write_findings(folder / "multiplicity.json", findings)
    draw_multiplicity(folder / "multiplicity.png", table, f"{modality}: stolen records and their keys")
    run.log_metrics({f"multiplicity.{name}": value for name, value in numbers(findings).items()})
    run.log_files(*(folder / f"multiplicity.{suffix}" for suffix in ("csv", "json", "png")))


if __name__ == "__main__":
    main()
