"""Train the veiled generator, which sees nothing but embeddings. A killed training goes on from its last epoch.

Example: python stages/train_veiled.py --modality faces
"""

from contextlib import ExitStack
from pathlib import Path

import click
import numpy as np

from masquerade.data.augment import augmented
from masquerade.data.pictures import Pictures
from masquerade.devices import use_devices
from masquerade.figures.curves import draw_curves
from masquerade.generator.cost import cost, speed
from masquerade.generator.veiled_trainer import train_veiled
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import load_model, save_model
from masquerade.stage import stage
from masquerade.tables import write_csv, write_json
from masquerade.training import predict, seed_everything

PANELS = {
    "residual_loss": "mean square of the residual, 1 is ε everywhere",
    "embedding_loss": "embedding loss (Eq. 9)",
    "embedding_d_emb": "d_emb (Eq. 10)",
}


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    seed_everything(params.seed)
    use_devices(params.devices)
    with ExitStack() as state, stage("train_veiled", params, modality, trains=True) as run:
        train, test = Pictures.load(paths.train), Pictures.load(paths.test)
        embedder = load_model(paths.embedder)
        copies = section.training
        known = augmented(train.images, copies.copies, copies.shift, copies.mirror, params.seed)
        vectors, held_out = predict(embedder, known), predict(embedder, test.images)
        cover = Path(section.veiled.carrier).expanduser()
        carrier = cover.read_bytes() if cover.is_file() else section.veiled.carrier
        inputs = (
            section.veiled.model_dump_json(),
            carrier,
            str(params.seed),
            paths.embedder.read_bytes(),
            vectors.tobytes(),
        )
        backup = state.enter_context(resumable(paths.embedder.parent, *inputs))
        setting = section.veiled
        generator, curves = train_veiled(embedder, vectors, held_out, setting, params.seed, backup, run.log_epoch)
        costs, seen = cost(generator), setting.epochs * setting.steps * setting.batch_size
        save_model(generator, paths.generator("veiled"))
        write_json(paths.cost("veiled"), costs)
        write_json(paths.timing("training/veiled"), speed(seen, curves.attrs["seconds"]))
        table, figure = paths.reports / "veiled_curves.csv", paths.reports / "veiled_curves.png"
        write_csv(table, curves)
        draw_curves(figure, curves, PANELS, f"Veiled generator of {modality}")
        run.log_metrics({f"cost.veiled.{name}": value for name, value in costs.items()})
        run.log_files(table, figure)
        run.log_model(generator, name=f"{modality}-veiled", example=test.images[:2] / np.float32(255))


if __name__ == "__main__":
    main()
