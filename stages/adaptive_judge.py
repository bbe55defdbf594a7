"""Somebody who holds templates with their names learns to read them: how many does it take?

Example: python stages/adaptive_judge.py --modality digits
"""

import click
import numpy as np

from masquerade.data.pictures import Pictures
from masquerade.generator.distort import distort
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.recognisability.adaptive import adaptive_accuracy
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.training import predict, seed_everything


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    seed_everything(params.seed)
    with stage("adaptive_judge", params, modality) as run:
        train, test = Pictures.load(paths.train), Pictures.load(paths.test)
        classes = test.most_frequent(params.evaluation.classes)
        known, held_out = (side.take(np.isin(side.labels, classes)) for side in (train, test))
        images = np.concatenate([held_out.images, known.images])
        labels = np.concatenate([held_out.labels, known.labels])
        embedder = load_model(paths.embedder)
        inputs = {"embedding": predict(embedder, images), "real": images}
        for kind in params.generator.kinds:
            refinement = params.modality(modality).refinement(kind)
            inputs[kind] = distort(load_model(paths.generator(kind)), embedder, images, refinement).images
        probes = np.arange(len(labels)) < len(held_out)
        probes[1 : len(held_out) : 2] = False  # every other held-out picture is for learning: people are held out whole
        table = adaptive_accuracy(inputs, labels, probes, params.recognisability.enrolled, params.seed)
        write_csv(paths.reports / "adaptive.csv", table)
        run.log_metrics({f"adaptive.{name}": float(table[name].iloc[-1]) for name in table})
        run.log_files(paths.reports / "adaptive.csv")


if __name__ == "__main__":
    main()
