"""Renewability: does a revoked template still match, and how often can a template be renewed without the image?

Example: python stages/renewability.py --modality digits
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key
from masquerade.attacks.record import record
from masquerade.attacks.rekeyed import Rekeyed, locks_in_a_row
from masquerade.attacks.renewability import KEYS, System, distinct
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.keys import keys_of
from masquerade.evaluation.templates import Templates, load_all
from masquerade.figures.renewability import Panel, draw_renewability
from masquerade.generators import kind
from masquerade.lock import Lock
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.space import Space
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("renewability")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    system = System.of(next(iter(stored.values())).real_embeddings, test.labels, test.subjects)
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
            again = Rekeyed.load(paths.rekeyed(name))
            locks = list(
                locks_in_a_row(params, modality, test, Space.load(paths.space(name)).components, len(again.renewed))
            )
            revoked = locks[1].unlock(its.seen_embeddings)
            findings[name] = {
                "secret": system.submitted(revoked, ceiling, *sampling),
                "stolen": system.presented(first, again.renewed[0], *sampling),
            }
            for lock, renewed in zip(locks[1:], again.renewed, strict=True):
                rows.append(system.row(renewed, lock.unlock(its.seen_embeddings)))
            shown += [*again.shown]
            count = distinct(under_many_keys(params, modality, test, its, locks[0]), system.threshold)
        tables[name] = pd.DataFrame(rows).rename_axis("renewals").assign(distinct=count)
        valid, wrong = (system.comparison(vectors).histogram() for vectors in (first, revoked))
        panels[name] = Panel(valid, wrong, np.stack(shown), tables[name]["eer"].tolist())
    draw_renewability(paths.attacks / "renewability.png", panels, system.threshold, f"{modality}: renewability")
    record("renewability", pd.concat(tables, names=["generator"]), findings, paths, run)


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
