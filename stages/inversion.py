"""Inversion: can the image behind a template be rebuilt, so that a verifier or a judge takes it for the person?

Example: python stages/inversion.py --modality digits
"""

from itertools import product

import numpy as np
import pandas as pd

from masquerade.attacks.exposed import exposed
from masquerade.attacks.finding import Finding, Key
from masquerade.attacks.inversion import PUBLIC, decode, fit_decoder, success
from masquerade.attacks.people import TOO_FEW, attacked, others
from masquerade.attacks.record import record
from masquerade.attacks.skip import skip
from masquerade.attacks.student import clues, learn, sizes
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.arms import REAL
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import load_all
from masquerade.figures.sheet import draw_sheet
from masquerade.figures.words import draw_words
from masquerade.generators.refine import refine
from masquerade.images import to_uint8
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import predict, seed_everything

RATES = (0.01, 0.001)
"""False match rates of real images at the verifiers' thresholds."""


REBUILT = 200
"""Images that are rebuilt from each kind of template, at most, or two of each label."""


@stage("inversion")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    real, victims = next(iter(stored.values())).real_embeddings, attacked(test.labels, test.subjects, REBUILT)
    if not victims.any():
        draw_words(paths.attacks / "inversion.png", f"not attacked: {TOO_FEW}", f"{modality}: inversion")
        skip("inversion", TOO_FEW, paths, run)
        return
    verifiers = {"F": load_model(paths.embedder), "cnn": load_model(paths.judge)}
    known = others(test.subjects)
    learning = np.random.default_rng(params.seed).permutation(np.flatnonzero(known))
    truth = test.take(victims)
    expected, thresholds = {}, {}
    for verifier, network in verifiers.items():
        vectors = predict(network, test.images)
        expected[verifier] = vectors[victims]
        rates = compare(vectors, vectors, test.labels, test.subjects).rates
        thresholds[verifier] = {rate: rates.threshold_at(rate) for rate in RATES}
    public = ImageSet.load(paths.train).some(PUBLIC, params.seed).images
    decoder = fit_decoder(predict(verifiers["F"], public), public)

    read: dict[tuple[str, Key, int], np.ndarray] = {(REAL, "none", 0): real[victims]}
    for name, key, images, embeddings in exposed(stored):
        seen = clues(images, embeddings, known)
        for count in sizes(params.attacks.examples, len(learning)):
            read[name, key, count] = learn(seen, embeddings, real, learning[:count])[victims]
    rows: dict[tuple[str, Key, int, str, float], dict[str, float]] = {}
    targets = np.concatenate([*read.values()])
    images = decode(decoder, targets, test.images.shape[1:])
    images = to_uint8(refine(images, targets, verifiers["F"], params.attacks.inversion_steps))  # all in one network
    rebuilt = dict(zip(read, np.split(images, len(read)), strict=True))
    found: dict[tuple[str, Key, int, str, float], Finding] = {}
    for attack, its_images in rebuilt.items():
        for verifier, fmr in product(verifiers, RATES):
            seen = predict(verifiers[verifier], its_images)
            threshold, evaluation = thresholds[verifier][fmr], params.evaluation
            resampling = (evaluation.bootstrap, evaluation.confidence, params.seed)
            shares = success(seen, expected[verifier], truth.labels, truth.subjects, threshold, *resampling)
            found[*attack, verifier, fmr] = its = shares.type_2
            rows[*attack, verifier, fmr] = {"type_1": shares.type_1, "type_2": its.value, "floor": its.floor}
    ceiling = found[REAL, "none", 0, "F", RATES[0]].value
    findings: dict[str, dict[Key, Finding]] = {}
    for (name, key, _, verifier, fmr), its in found.items():  # that of all pairs is the last
        if name != REAL and (verifier, fmr) == ("F", RATES[0]):
            findings.setdefault(name, {})[key] = its._replace(ceiling=ceiling)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["generator", "key", "examples", "verifier", "fmr"])
    shown = truth.first_of(np.sort(truth.most_frequent(params.evaluation.classes)))
    last = {
        name if key == "none" else f"{name},\nkey {key}": images[shown] for (name, key, _), images in rebuilt.items()
    }
    draw_sheet(
        paths.attacks / "inversion.png",
        [truth.images[shown], *last.values()],
        title=f"{modality}: images, and what an attacker makes of F(X) and of templates",
        row_names=["X", "from F(X)", *list(last)[1:]],
    )
    record("inversion", table, findings, paths, run)


if __name__ == "__main__":
    main()
