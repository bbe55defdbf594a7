"""The adaptive judge: how many labelled templates does it take to learn to identify others?

Example: python stages/adaptive_judge.py --modality digits
"""

import numpy as np

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import load_all
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognisability.adaptive import adaptive_accuracy
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("adaptive_judge")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    train, test = ImageSet.load(paths.train), ImageSet.load(paths.test)
    classes = test.most_frequent(params.evaluation.classes)
    tried = np.isin(test.labels, classes)
    held_out, known = test.take(tried), train.take(np.isin(train.labels, classes))
    stored = load_all(paths, params.generators)
    parts = {"embedding": [next(iter(stored.values())).real_embeddings[tried]], "real": [held_out.images]}
    parts |= {kind: [its.images[tried]] for kind, its in stored.items()}
    if len(known):  # empty if people are held out as a whole; then no network has to be loaded
        from masquerade.generators.enrol import enrol
        from masquerade.saving import load_model
        from masquerade.training import seed_everything

        seed_everything(params.seed)
        embedder = load_model(paths.embedder)
        names = known.names[known.labels].tolist()
        for kind in stored:
            made = enrol(params, paths, kind, embedder, known.images, names, "adaptive judge")
            parts[kind].append(made.images)
        parts["embedding"].append(made.real_embeddings)
        parts["real"].append(known.images)
    labels = np.concatenate([held_out.labels, known.labels])
    probes = np.arange(len(labels)) < len(held_out)
    probes[1 : len(held_out) : 2] = False  # learn from every other held-out image: there may be no training images
    inputs = {name: np.concatenate(pieces) for name, pieces in parts.items()}
    table = adaptive_accuracy(inputs, labels, probes, params.recognisability.enrolled, params.seed)
    write_csv(paths.reports / "adaptive.csv", table)
    of_all = table["accuracy"].groupby(level="generator", sort=False).last()
    run.log_metrics({f"adaptive.{name}": float(accuracy) for name, accuracy in of_all.items()})
    run.log_files(paths.reports / "adaptive.csv")


if __name__ == "__main__":
    main()
