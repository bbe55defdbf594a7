"""Paint templates of the same images under other keys: renewed in a row without the images, and drawn anew from them.

Example: python stages/rekey.py --modality faces --generator keyed
"""

from collections.abc import Iterator

import keras
import numpy as np

from masquerade.attacks.people import linked
from masquerade.attacks.rekeyed import Rekeyed, locks_in_a_row
from masquerade.attacks.renewability import RISE, System
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.keys import keys_of
from masquerade.evaluation.templates import Templates
from masquerade.generators.distort import distort
from masquerade.generators.renew import renewals
from masquerade.lock import Lock, components_of
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("rekey", axes=("modality", "generator"))
def main(modality: str, generator: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test, stored = ImageSet.load(paths.test), Templates.load(paths.templates(generator))
    network, embedder = load_model(paths.generator(generator)), load_model(paths.embedder)
    system = System.of(stored.real_embeddings, test.labels, test.subjects)
    limit = system.eer(stored.template_embeddings) + RISE
    locks = locks_in_a_row(params, modality, test, components_of(network), params.attacks.renewals)
    renewed, shown = [], []
    for its in renewals(network, embedder, stored.images, locks, params.modality(modality).refinement[generator]):
        renewed.append(its.template_embeddings)
        shown.append(its.images[0])
        if system.eer(renewed[-1]) > limit:
            break
    test = test.take(linked(test.labels))
    draws = [*redrawn(params, modality, network, embedder, test)]
    Rekeyed(
        np.stack(renewed),
        np.stack(shown),
        np.array([its.images for its in draws], np.uint8),
        np.array([its.seen_embeddings for its in draws], np.float32),
    ).save(paths.rekeyed(generator))
    run.log_metrics({f"renewals.{generator}": len(renewed)})


def redrawn(
    params: Params, modality: str, network: keras.Model, embedder: keras.Model, test: ImageSet
) -> Iterator[Templates]:
    """Yield unrefined templates of images under other keys; one key for all is the same in every draw."""
    if params.evaluation.keys.scope == "system" or not len(test):
        return
    names = test.names[test.labels].tolist()
    for draw in range(1, params.attacks.draws):
        lock = Lock(
            components_of(network), keys_of(params, modality, f"draw {draw}", names), params.evaluation.keys.bits
        )
        yield distort(network, embedder, test.images, lock=lock)


if __name__ == "__main__":
    main()
