"""Oracles: what do the answers of a verifier give away of the template that it holds?

Example: python stages/oracles.py --modality digits
"""

import pandas as pd

from masquerade.attacks.finding import Finding, Key, with_ceiling
from masquerade.attacks.oracles import FMR, Attacker
from masquerade.attacks.people import TOO_FEW, attacked, others
from masquerade.attacks.record import record
from masquerade.attacks.skip import skip
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import load_all
from masquerade.figures.oracles import draw_oracles
from masquerade.figures.words import draw_words
from masquerade.generators import kind
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("oracles")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    title, victims = f"{modality}: oracles", attacked(test.labels, test.subjects)
    if not victims.any():
        draw_words(paths.attacks / "oracles.png", f"not attacked: {TOO_FEW}", title)
        skip("oracles", TOO_FEW, paths, run)
        return
    real = next(iter(stored.values())).real_embeddings
    threshold = compare(real, real, test.labels, test.subjects).rates.threshold_at(FMR)
    known = others(test.subjects)
    attacker = Attacker.with_images(real[known], test.labels[known], params.seed)
    evaluation = params.evaluation
    findings: dict[str, dict[Key, Finding]] = {}
    tables = {}
    for name, vectors in {REAL: real, **{name: its.template_embeddings for name, its in stored.items()}}.items():
        tables[name], finding = attacker.attack(
            vectors[victims],
            test.labels[victims],
            test.subjects[victims],
            threshold,
            evaluation.bootstrap,
            evaluation.confidence,
            params.seed,
        )
        findings[name] = {"none" if name == REAL or kind(name).source is None else "secret": finding}
    ceiling = findings.pop(REAL)["none"].value
    draw_oracles(paths.attacks / "oracles.png", tables, title)
    record("oracles", pd.concat(tables, names=["generator"]), with_ceiling(findings, ceiling), paths, run)


if __name__ == "__main__":
    main()
