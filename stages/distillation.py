"""Distillation: how many pairs of images and templates does it take to learn whose a template is?

Example: python stages/distillation.py --modality digits
"""

import numpy as np
import pandas as pd

from masquerade.attacks.distillation import found, identified
from masquerade.attacks.exposed import exposed
from masquerade.attacks.finding import Finding, Key
from masquerade.attacks.people import TOO_FEW, attacked, others
from masquerade.attacks.record import record
from masquerade.attacks.skip import skip
from masquerade.attacks.student import clues, learn, sizes
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import load_all
from masquerade.figures.attempts import draw_attempts
from masquerade.figures.words import draw_words
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("distillation")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    real, victims = next(iter(stored.values())).real_embeddings, attacked(test.labels, test.subjects)
    title = f"{modality}: whose is a template?"
    if not victims.any():
        draw_words(paths.attacks / "distillation.png", f"not attacked: {TOO_FEW}", title)
        skip("distillation", TOO_FEW, paths, run)
        return
    known = others(test.subjects)
    learning = np.random.default_rng(params.seed).permutation(np.flatnonzero(known))
    truth, subjects = test.labels[victims], test.subjects[victims]

    def judge(read: np.ndarray) -> Finding:
        named = identified(read[victims], real[victims], truth)
        resampling = (params.evaluation.bootstrap, params.evaluation.confidence, params.seed)
        return found(named, truth, subjects, *resampling)

    ceiling = judge(real).value
    rows: dict[tuple[str, Key, int], Finding] = {}
    findings: dict[str, dict[Key, Finding]] = {}
    for name, key, images, embeddings in exposed(stored):
        seen = clues(images, embeddings, known)
        for count in sizes(params.attacks.examples, len(learning)):
            read = learn(seen, embeddings, real, learning[:count])
            rows[name, key, count] = judge(read)._replace(ceiling=ceiling)
        findings.setdefault(name, {})[key] = rows[name, key, count]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=Finding._fields)
    table.index = pd.MultiIndex.from_tuples(table.index, names=["generator", "key", "examples"])
    draw_attempts(paths.attacks / "distillation.png", table, "examples", "rank-1", title)
    record("distillation", table, findings, paths, run)


if __name__ == "__main__":
    main()
