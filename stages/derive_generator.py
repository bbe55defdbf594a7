"""Make a generator from another one, without a training: put a lock before its decoder.

Example: python stages/derive_generator.py --modality faces --generator keyed
"""

from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError
from masquerade.figures.curves import draw_curves
from masquerade.generators import kind
from masquerade.generators.record import record
from masquerade.lock import TooFewDimensionsError, components_of
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.space import Space
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import predict, seed_everything


@stage("derive_generator", axes=("modality", "generator"))
def main(modality: str, generator: str, params: Params, paths: Paths, run: StageRun) -> None:
    derived, settings = kind(generator), params.modality(modality).settings(generator)
    if derived.source is None:
        raise InputError(f"--generator: {generator} is trained, not derived")
    seed_everything(params.seed)
    train, embedder = ImageSet.load(paths.train), load_model(paths.embedder)
    vectors = predict(embedder, train.images)
    try:
        made, tried = derived.derive(load_model(paths.generator(derived.source)), vectors, train, settings)
    except TooFewDimensionsError as error:
        raise InputError(f"params.yaml: {modality}.{generator}.components: {error}") from error
    Space(components_of(made).kernel).save(paths.space(generator))
    draw_curves(paths.training(generator, "png"), tried, derived.panels, f"{modality}: {derived.title}")
    run.log_metrics({f"training.{generator}.{key}": float(value) for key, value in tried.attrs.items()})
    record(generator, made, tried, {"warnings": [], **tried.attrs}, paths, run)


if __name__ == "__main__":
    main()
