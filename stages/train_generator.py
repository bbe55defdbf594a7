"""Train a generator G against the frozen embedder. A killed training goes on from its last epoch.

Example: python stages/train_generator.py --modality digits --generator unet
"""

from contextlib import ExitStack

import click
import numpy as np

from masquerade.data.augment import augmented
from masquerade.data.pictures import Pictures
from masquerade.devices import use_devices
from masquerade.figures.curves import draw_curves
from masquerade.generators import NAMES, kind
from masquerade.generators.cost import cost, speed
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import load_model, save_model
from masquerade.stage import stage
from masquerade.tables import write_csv, write_json
from masquerade.training import seed_everything


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
@click.option("--generator", "name", type=click.Choice(NAMES), required=True, help="The kind of generator.")
def main(modality: str, name: str) -> None:
    params, paths = load_params(), Paths(modality)
    section, generator_kind = params.modality(modality), kind(name)
    settings, copies = section.settings(name), section.augmentation
    seed_everything(params.seed, settings.compiled)
    use_devices(params.devices)
    with ExitStack() as state, stage(f"train_generator@{name}", params, modality, trains=True) as run:
        train, test = Pictures.load(paths.train), Pictures.load(paths.test)
        embedder = load_model(paths.embedder)
        images = augmented(train.images, copies.copies, copies.shift, copies.mirror, params.seed)
        inputs = (
            name,
            settings.model_dump_json(),
            copies.model_dump_json(),
            params.generator.model_dump_json(),
            str(params.seed),
            paths.embedder.read_bytes(),
            train.images.tobytes(),
        )
        backup = state.enter_context(resumable(paths.embedder.parent, *inputs))
        generator, curves = generator_kind.train(
            embedder, images, test.images, settings, params.generator, params.seed, backup, run.log_epoch
        )
        costs = cost(generator)
        save_model(generator, paths.generator(name))
        write_json(paths.cost(name), costs)
        write_json(paths.timing(f"training/{name}"), speed(curves.attrs["images"], curves.attrs["seconds"]))
        table, figure = (paths.reports / "training" / f"{name}.{suffix}" for suffix in ("csv", "png"))
        write_csv(table, curves)
        draw_curves(figure, curves, generator_kind.panels, f"{modality}: training of {generator_kind.title}")
        run.log_metrics({f"cost.{name}.{key}": value for key, value in costs.items()})
        run.log_files(table, figure)
        run.log_model(generator, name=f"{modality}-{name}", example=test.images[:2] / np.float32(255))


if __name__ == "__main__":
    main()
