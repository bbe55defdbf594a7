"""Linkability: can templates of one person be told from those of others without the keys? The best score counts.

Example: python stages/linkability.py --modality digits
"""

from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Finding, Key, with_ceiling
from masquerade.attacks.linkability import link
from masquerade.attacks.people import TOO_FEW_TO_LINK, linked
from masquerade.attacks.record import record
from masquerade.attacks.rekeyed import Rekeyed
from masquerade.attacks.scores import score_vectors
from masquerade.attacks.skip import skip
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL
from masquerade.evaluation.templates import load_all
from masquerade.figures.linkability import draw_linkability
from masquerade.figures.words import draw_words
from masquerade.generators import kind
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognisability.judges import load_judges
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("linkability")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test = ImageSet.load(paths.test)
    title, chosen = f"{modality}: linkability", linked(test.labels)
    test = test.take(chosen)
    if not len(test):
        draw_words(paths.attacks / "linkability.png", f"not attacked: {TOO_FEW_TO_LINK}", title)
        skip("linkability", TOO_FEW_TO_LINK, paths, run)
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
    real = next(iter(stored.values())).real_embeddings[chosen]
    attack(REAL, "none", [score_vectors(test.images, real, judges)])
    for name, its in stored.items():
        seen = score_vectors(its.images[chosen], its.seen_embeddings[chosen], judges)
        if kind(name).source is None:
            attack(name, "none", [seen])
        else:
            again = Rekeyed.load(paths.rekeyed(name))
            vectors = (score_vectors(*each, judges) for each in zip(again.drawn, again.seen, strict=True))
            attack(name, "secret", chain([seen], vectors))
            attack(name, "stolen", [{"F": its.template_embeddings[chosen]}])
    ceiling = findings.pop(REAL)["none"].value
    draw_linkability(paths.attacks / "linkability.png", panels, title)
    record("linkability", pd.concat(tables, names=["generator", "key"]), with_ceiling(findings, ceiling), paths, run)


if __name__ == "__main__":
    main()
