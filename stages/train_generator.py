"""Train the generator G against the frozen embedder (Eq. 7). A killed training goes on from its last epoch.

Example: python stages/train_generator.py --modality digits
"""

from contextlib import ExitStack

import click
import numpy as np

from masquerade.data.pictures import Pictures
from masquerade.devices import use_devices
from masquerade.figures.curves import draw_curves
from masquerade.generator.cost import cost, speed
from masquerade.generator.trainer import train_generator
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import load_model, save_model
from masquerade.stage import stage
from masquerade.tables import write_csv, write_json
from masquerade.training import seed_everything

PANELS = {
    "generated_loss": "image loss −d_img (Eq. 8)",
    "embedding_loss": "embedding loss (Eq. 9)",
    "embedding_d_emb": "d_emb (Eq. 10)",
}


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    seed_everything(params.seed, section.training.jit_compile)
    use_devices(params.devices)
    with ExitStack() as state, stage("train_generator", params, modality, trains=True) as run:
        train, test = Pictures.load(paths.train), Pictures.load(paths.test)
        embedder = load_model(paths.embedder)
        inputs = (
            section.model_dump_json(),
            params.generator.model_dump_json(),
            str(params.seed),
            paths.embedder.read_bytes(),
            train.images.tobytes(),
        )
        backup = state.enter_context(resumable(paths.embedder.parent, *inputs))
        generator, curves = train_generator(
            embedder, train.images, test.images, section, params.generator, params.seed, backup, run.log_epoch
        )
        costs, seen = cost(generator), section.training.seen(len(train))
        save_model(generator, paths.generator("unet"))
        write_json(paths.cost("unet"), costs)
        write_json(paths.timing("training/unet"), speed(seen, curves.attrs["seconds"]))
        table, figure = paths.reports / "generator_curves.csv", paths.reports / "generator_curves.png"
        write_csv(table, curves)
        draw_curves(figure, curves, PANELS, f"Generator of {modality}, α = {params.generator.alpha:g}")
        run.log_metrics({f"cost.unet.{name}": value for name, value in costs.items()})
        run.log_files(table, figure)
        run.log_model(generator, name=f"{modality}-generator", example=test.images[:2] / np.float32(255))


if __name__ == "__main__":
    main()
