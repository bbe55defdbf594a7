"""Key recovery: do known pairs of images and templates give the key of other templates away?

Example: python stages/key_recovery.py --modality digits
"""

import pandas as pd

from masquerade.attacks.finding import Finding, Key
from masquerade.attacks.key_recovery import Scope, Victims
from masquerade.attacks.people import TOO_FEW, attacked, others
from masquerade.attacks.record import record
from masquerade.attacks.skip import skip
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.keys import keys_of
from masquerade.evaluation.templates import load_all
from masquerade.figures.key_recovery import draw_key_recovery
from masquerade.figures.words import draw_words
from masquerade.generators import kind
from masquerade.lock import Lock
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.space import Space
from masquerade.stage import stage
from masquerade.tracking import StageRun

SCOPES: tuple[Scope, ...] = ("record", "system")


@stage("key_recovery")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    title = f"{modality}: key recovery"
    if not (its_victims := attacked(test.labels, test.subjects)).any():
        draw_words(paths.attacks / "key_recovery.png", f"not attacked: {TOO_FEW}", title)
        skip("key_recovery", TOO_FEW, paths, run)
        return
    names = test.names[test.labels].tolist()
    real = next(iter(stored.values())).real_embeddings
    victims = Victims(real, test.labels, test.subjects, its_victims, others(test.subjects))
    sampling = (params.evaluation.bootstrap, params.evaluation.confidence, params.seed)
    findings: dict[str, dict[Key, Finding]] = {}
    tables, dimensions = {}, {}
    for name, its in stored.items():
        if kind(name).source is None:
            tables[name] = victims.without_key(its.seen_embeddings)
        else:
            components = Space.load(paths.space(name)).components
            keys = {scope: keys_of(params, modality, "held-out", names, scope) for scope in SCOPES}
            locked = {
                scope: Lock(components, keyring, params.evaluation.keys.bits).codes(its.template_embeddings)
                for scope, keyring in keys.items()
            }
            tables[name], finding = victims.attack(
                components, its.template_embeddings, locked, params.evaluation.keys.scope, *sampling
            )
            findings[name] = {"secret": finding}
            dimensions[name] = len(components.scales)
    keyed = {name: tables[name] for name in dimensions}
    draw_key_recovery(paths.attacks / "key_recovery.png", keyed, dimensions, title)
    of_system = {f"{name}.system": float(table.xs("system")["cosine"].iloc[-1]) for name, table in keyed.items()}
    record("key_recovery", pd.concat(tables, names=["generator"]), findings, paths, run, of_system)


if __name__ == "__main__":
    main()
