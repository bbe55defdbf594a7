"""Train a generator G against the frozen embedder. An interrupted training run continues from its last epoch.

Example: python stages/train_generator.py --modality digits --generator unet
"""

import click

from masquerade.data.augment import augmented
from masquerade.data.image_set import ImageSet
from masquerade.data.split import validation
from masquerade.devices import use_devices
from masquerade.figures.curves import draw_curves
from masquerade.generators import kind
from masquerade.generators.cost import speed
from masquerade.generators.record import record
from masquerade.images import to_float
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("train_generator", axes=("modality", "generator"), trains=True)
def main(modality: str, generator: str, params: Params, paths: Paths, run: StageRun) -> None:
    section, generator_kind = params.modality(modality), kind(generator)
    settings, copies = section.settings(generator), section.augmentation
    seed_everything(params.seed, settings.compiled)
    use_devices(params.devices)
    train = ImageSet.load(paths.train)
    embedder = load_model(paths.embedder)
    known, others = validation(train, section.split_by, params.seed)
    images = augmented(known.images, copies.copies, copies.shift, copies.mirror, params.seed)
    inputs = (
        generator,
        settings.model_dump_json(),
        copies.model_dump_json(),
        params.generator.model_dump_json(include=generator_kind.shared),
        str(params.seed),
        paths.embedder.read_bytes(),
        train.images.tobytes(),
        train.subjects.tobytes(),
        section.split_by,
    )
    with resumable(paths.embedder.parent, *inputs) as backup:
        trained, curves = generator_kind.train(
            embedder, images, others.images, settings, params.generator, params.seed, backup, run.log_epoch
        )
        warnings = curves.attrs["warnings"]
        for warning in warnings:
            click.echo(f"Warning: {modality}, {generator}: {warning}", err=True)
        write_json(paths.timing(f"training/{generator}"), speed(curves.attrs["images"], curves.attrs["seconds"]))
        figure, title = paths.training(generator, "png"), f"{modality}: training of {generator_kind.title}"
        draw_curves(figure, curves, generator_kind.panels, title)
        run.warn(generator, warnings)
        end = {"warnings": warnings, **curves.iloc[-1].to_dict()}
        record(generator, trained, curves, end, paths, run)
        run.log_model(trained, name=f"{modality}-{generator}", example=to_float(others.images[:2]))


if __name__ == "__main__":
    main()
