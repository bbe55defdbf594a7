"""Table 6, runnable: published template protections on the same embeddings and pairs as ours.

Example: python stages/protections.py --modality digits
"""

from typing import Any

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import BASELINE
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import enrolled, load_all
from masquerade.figures.protections import draw_protections
from masquerade.generators import kind
from masquerade.keys import public_key
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.protections import NAMES, protection
from masquerade.protections.columns import COLUMNS, error_rates, linkability
from masquerade.protections.scenarios import linkable, scenarios, token_of
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun

CLASSES = 10
"""At most, the largest; each has a token, under which all images are protected."""

IMAGES = 100
"""Of each class, at most."""

LINKED = 10
"""Templates of each class that are linked, at most: each has a token of its own, and one of MLP-Hash takes 0.1 s."""


@stage("protections")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    many, few = first(test, IMAGES), first(test, LINKED)
    labels, subjects, names = test.labels[many], test.subjects[many], test.names.astype(str)
    evaluation, seed, master = params.evaluation, params.seed, public_key(params.evaluation.keys.seed)
    rows: dict[str, dict[str, Any]] = {}

    for arm, templates in enrolled(stored).items():
        real = next(iter(stored.values())).real_embeddings
        probes = real[many]
        comparison = compare(probes, probes if arm == BASELINE else templates[many], labels, subjects)
        rows[arm.generator] = error_rates("stolen", comparison, evaluation, seed)
        if arm == BASELINE:
            rows[arm.generator] |= {"title": "F(X), not protected", "bits": 32 * real.shape[1]}
            rows[arm.generator] |= linkability(real[few], test.labels[few], evaluation, seed)
            continue
        its = stored[arm.generator]
        rows[arm.generator] |= {"title": kind(arm.generator).title, "bits": 8 * its.images[0].size}
        rows[arm.generator] |= linkability(its.seen_embeddings[few], test.labels[few], evaluation, seed)
        if kind(arm.generator).source is not None:  # it has a key
            unlocked = its.template_embeddings[few]
            rows[arm.generator] |= linkability(unlocked, test.labels[few], evaluation, seed, "_stolen")

    for name in NAMES:
        scheme = protection(name)
        tokens = {label: token_of(master, name, names[label]) for label in np.unique(labels).tolist()}
        records = [token_of(master, name, names[test.labels[at]], at + 1) for at in few.tolist()]
        scenario = scenarios(scheme, tokens, real[many], labels, subjects)
        secret, estimated = linkable(scheme, records, real[few])
        rows[name] = {"title": scheme.title, "source": scheme.source, "bits": scheme.bits(real.shape[1])}
        rows[name] |= error_rates("normal", scenario.normal, evaluation, seed)
        rows[name] |= error_rates("stolen", scenario.stolen, evaluation, seed)
        rows[name] |= linkability(secret, test.labels[few], evaluation, seed)
        if estimated is not None:
            rows[name] |= linkability(estimated, test.labels[few], evaluation, seed, "_stolen")

    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(COLUMNS)).rename_axis("scheme")
    write_csv(paths.reports / "protections.csv", table)
    draw_protections(paths.reports / "protections.png", table, f"{modality}: protections")
    measured = table[["eer_normal", "eer_stolen", "d_sys", "d_sys_stolen"]]
    named = {f"protections.{row}.{column}": value for column in measured for row, value in measured[column].items()}
    run.log_metrics({name: value for name, value in named.items() if pd.notna(value)})
    run.log_files(*(paths.reports / f"protections.{suffix}" for suffix in ("csv", "png")))


def first(test: ImageSet, count: int) -> np.ndarray:
    """Return the positions of the first images of each of the largest classes, in their order."""
    each = [np.flatnonzero(test.labels == label)[:count] for label in test.most_frequent(CLASSES)]
    return np.sort(np.concatenate(each))


if __name__ == "__main__":
    main()
