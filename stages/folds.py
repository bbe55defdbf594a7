"""Verification over folds, as in View 2 of LFW: mean accuracy and its standard error.

Example: python stages/folds.py --modality faces
"""

from pathlib import Path

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.data.pair_folds import draw_folds
from masquerade.data.pairs_file import read_pairs
from masquerade.evaluation.arms import BASELINE, Arm
from masquerade.evaluation.folds import fold_table
from masquerade.evaluation.pairs import paired_distances
from masquerade.evaluation.templates import Templates, enrolled, load_all
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("folds")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    section, drawn = params.modality(modality), params.evaluation.folds
    test = ImageSet.load(paths.test)
    if section.pairs is None:
        pairs, apart = draw_folds(test.labels, test.subjects, drawn.count, drawn.pairs, params.seed)
        subsets = {"people_apart" if apart else "people_shared": np.full(len(pairs.fold), True)}
        stored = load_all(paths, params.generators)
    else:
        train = ImageSet.load(paths.train)
        people = np.concatenate([half.names[half.labels] for half in (test, train)]).tolist()
        files = np.concatenate([half.files for half in (test, train)]).tolist()
        pairs = read_pairs(Path(section.pairs).expanduser(), people, files)
        unseen = np.maximum(pairs.first, pairs.second) < len(test)
        subsets = {"unseen": unseen, "all": np.full(len(unseen), True)}
        named, pairs = pairs.renumbered()
        held_out = named < len(test)
        images = np.concatenate([test.images[named[held_out]], train.images[named[~held_out] - len(test)]])
        stored = _templates(paths, params, images, [people[number] for number in named])

    vectors = enrolled(stored)
    probes = vectors[BASELINE][pairs.first]
    arms = {arm: paired_distances(probes, enrolled_ones[pairs.second]) for arm, enrolled_ones in vectors.items()}
    table = fold_table(arms, pairs.mated, pairs.fold, subsets)
    write_csv(paths.reports / "folds.csv", table)
    metrics = {
        f"{subset}.{Arm(*arm).metric}.{rate}": float(table.loc[(subset, *arm), rate])
        for subset, *arm in table.index
        for rate in ("accuracy", "standard_error")
        if pd.notna(table.loc[(subset, *arm), rate])  # a subset may have pairs in one fold or in none
    }
    write_json(paths.reports / "folds.json", metrics)
    run.log_metrics({f"folds.{name}": value for name, value in metrics.items()})
    run.log_files(paths.reports / "folds.csv", paths.reports / "folds.json")


def _templates(paths: Paths, params: Params, images: np.ndarray, people: list[str]) -> dict[str, Templates]:
    """Distort images of both halves: `distort` stores templates of the held-out ones only."""
    # Imported here: loading TensorFlow takes 8 s, and pairs of held-out images do not need it.
    from masquerade.generators.enrol import enrol
    from masquerade.saving import load_model
    from masquerade.training import seed_everything

    seed_everything(params.seed)
    embedder = load_model(paths.embedder)
    return {name: enrol(params, paths, name, embedder, images, people, "pairs") for name in params.generators}


if __name__ == "__main__":
    main()
