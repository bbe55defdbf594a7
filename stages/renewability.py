"""Renewability: does a revoked template still match, and how often can a template be renewed without the image?

Example: python stages/renewability.py --modality digits
"""

from collections.abc import Iterator

import keras
import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key
from masquerade.attacks.record import record
from masquerade.attacks.renewability import KEYS, RISE, System, distinct
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates, load_all
from masquerade.figures.renewability import Panel, draw_renewability
from masquerade.generators import kind
from masquerade.generators.enrol import keys_of
from masquerade.generators.renew import renewals
from masquerade.lock import Lock, components_of
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("renewability")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    system = System.of(next(iter(stored.values())).real_embeddings, test.labels, test.subjects)
    embedder = load_model(paths.embedder)
    sampling = (params.evaluation.bootstrap, params.evaluation.confidence, params.seed)
    findings: dict[str, dict[Key, Finding]] = {}
    tables, panels = {}, {}
    for name, its in stored.items():
        first = its.template_embeddings
        rows, shown, ceiling = [system.row(first, first)], [its.images[0]], system.genuine(first)
        if kind(name).source is None:
            revoked, count = first, 1.0  # G paints the same template of the same image again
            findings[name] = {"none": system.submitted(revoked, ceiling, *sampling)}
        else:
            network = load_model(paths.generator(name))
            locks = list(locks_in_a_row(params, modality, test.names[test.labels].tolist(), network))
            refinement = params.modality(modality).refinement[name]
            chain = renewals(network, embedder, its.images, locks, refinement)
            for lock, renewed in zip(locks[1:], chain, strict=True):
                of_first = lock.unlock(its.seen_embeddings)
                if name not in findings:
                    revoked, secret = of_first, system.submitted(of_first, ceiling, *sampling)
                    stolen = system.presented(first, renewed.template_embeddings, *sampling)
                    findings[name] = {"secret": secret, "stolen": stolen}
                rows.append(system.row(renewed.template_embeddings, of_first))
                shown.append(renewed.images[0])
                if rows[-1]["eer"] > rows[0]["eer"] + RISE:
                    break
            count = distinct(under_many_keys(params, modality, test, its, locks[0]), system.threshold)
        tables[name] = pd.DataFrame(rows).rename_axis("renewals").assign(distinct=count)
        valid, wrong = (system.comparison(vectors).histogram() for vectors in (first, revoked))
        panels[name] = Panel(valid, wrong, np.stack(shown), tables[name]["eer"].tolist())
    draw_renewability(paths.attacks / "renewability.png", panels, system.threshold, f"{modality}: renewability")
    record("renewability", pd.concat(tables, names=["generator"]), findings, paths, run)


def locks_in_a_row(params: Params, modality: str, names: list[str], network: keras.Model) -> Iterator[Lock]:
    """Yield the lock of the stored templates and those of their renewals, each with keys of its own."""
    components, bits = components_of(network), params.evaluation.keys.bits
    yield Lock(components, keys_of(params, modality, "held-out", names), bits)
    for renewal in range(1, params.attacks.renewals + 1):
        yield Lock(components, keys_of(params, modality, f"renewal {renewal}", names, "record"), bits)


def under_many_keys(
    params: Params, modality: str, test: ImageSet, templates: Templates, lock: Lock
) -> Iterator[np.ndarray]:
    """Yield locked vectors (keys, m) of the first image of each label."""
    for at in np.unique(test.labels, return_index=True)[1]:
        names = [str(test.names[test.labels[at]])] * KEYS
        many = Lock(lock.components, keys_of(params, modality, "many keys", names, "record"), lock.bits)
        yield many.lock(np.repeat(templates.real_embeddings[at : at + 1], KEYS, axis=0))


if __name__ == "__main__":
    main()
