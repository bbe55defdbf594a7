"""Linkability: can templates of one person be told from those of others without the keys? The best score counts.

Example: python stages/linkability.py --modality digits
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key, with_ceiling
from masquerade.attacks.linkability import IMAGES, link
from masquerade.attacks.people import TOO_FEW_TO_LINK, several
from masquerade.attacks.record import record
from masquerade.attacks.scores import score_vectors
from masquerade.attacks.skip import skip
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL
from masquerade.evaluation.templates import Templates, load_all
from masquerade.figures.linkability import draw_linkability
from masquerade.generators import kind
from masquerade.generators.distort import distort
from masquerade.generators.enrol import keys_of
from masquerade.lock import Lock, components_of
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognisability.judges import load_judges
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("linkability")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test = ImageSet.load(paths.test)
    title, linked = f"{modality}: linkability", several(test.labels, IMAGES, np.ones(len(test), bool))
    test = test.take(linked)
    if len(np.unique(test.labels)) < 2:
        skip("linkability", TOO_FEW_TO_LINK, title, paths, run)
        return
    judges = load_judges(params.modality(modality).judge, paths.judge, test.images.shape[1:])
    evaluation = params.evaluation
    findings: dict[str, dict[Key, Finding]] = {}
    tables, panels = {}, {}

    def attack(name: str, key: Key, draws: Iterable[Mapping[str, np.ndarray]]) -> None:
        tables[name, key], histograms, finding = link(
            draws, test.labels, test.subjects, evaluation.bootstrap, evaluation.confidence, params.seed
        )
        findings.setdefault(name, {})[key] = finding
        panels[f"{name}, {key} key" if key != "none" else name] = histograms

    stored = load_all(paths, params.generators)
    real = next(iter(stored.values())).real_embeddings[linked]
    attack(REAL, "none", [score_vectors(test.images, real, judges)])
    for name, its in stored.items():
        seen = score_vectors(its.images[linked], its.seen_embeddings[linked], judges)
        if kind(name).source is None:
            attack(name, "none", [seen])
        else:
            again = redrawn(params, paths, name, test)
            vectors = (score_vectors(each.images, each.seen_embeddings, judges) for each in again)
            attack(name, "secret", chain([seen], vectors))
            attack(name, "stolen", [{"F": its.template_embeddings[linked]}])
    ceiling = findings.pop(REAL)["none"].value
    draw_linkability(paths.attacks / "linkability.png", panels, title)
    record("linkability", pd.concat(tables, names=["generator", "key"]), with_ceiling(findings, ceiling), paths, run)


def redrawn(params: Params, paths: Paths, generator: str, test: ImageSet) -> Iterator[Templates]:
    """Yield unrefined templates of the same images under other keys; one key for all is the same in every draw."""
    if params.evaluation.keys.scope == "system":
        return
    network, embedder = load_model(paths.generator(generator)), load_model(paths.embedder)
    names = test.names[test.labels].tolist()
    for draw in range(1, params.attacks.draws):
        keys = keys_of(params, paths.modality, f"draw {draw}", names)
        lock = Lock(components_of(network), keys, params.evaluation.keys.bits)
        yield distort(network, embedder, test.images, lock=lock)


if __name__ == "__main__":
    main()
