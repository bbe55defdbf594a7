"""Key recovery: do known pairs of images and templates give the key of other templates away?

Example: python stages/key_recovery.py --modality digits
"""

import pandas as pd

from masquerade.attacks.finding import Finding, Key, numbers, write_findings
from masquerade.attacks.key_recovery import Scope, Victims
from masquerade.attacks.people import attacked, others
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import load_all
from masquerade.figures.key_recovery import draw_key_recovery
from masquerade.generators import kind
from masquerade.generators.enrol import keys_of
from masquerade.lock import Lock
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.space import Space
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun

SCOPES: tuple[Scope, ...] = ("record", "system")


@stage("key_recovery")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    names = test.names[test.labels].tolist()
    real = next(iter(stored.values())).real_embeddings
    victims = Victims(real, test.labels, test.subjects, attacked(test.labels, test.subjects), others(test.subjects))
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
    folder = paths.attacks
    write_csv(folder / "key_recovery.csv", pd.concat(tables, names=["generator"]))
    write_findings(folder / "key_recovery.json", findings)
    keyed = {name: tables[name] for name in dimensions}
    draw_key_recovery(folder / "key_recovery.png", keyed, dimensions, f"{modality}: key recovery")
    metrics = numbers(findings)
    for name, table in keyed.items():
        metrics[f"{name}.system"] = float(table.xs("system")["cosine"].iloc[-1])
    run.log_metrics({f"key_recovery.{name}": value for name, value in metrics.items()})
    run.log_files(*(folder / f"key_recovery.{suffix}" for suffix in ("csv", "json", "png")))


if __name__ == "__main__":
    main()
