"""Train a short generator with one margin α, for Fig. 12.

Example: python stages/alpha_sweep.py --modality digits --alpha 0.4
"""

import click

from masquerade.data.pictures import Pictures
from masquerade.devices import use_devices
from masquerade.generator.distort import distort, picture_distances
from masquerade.generator.trainer import train_generator
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_json
from masquerade.training import seed_everything


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
@click.option("--alpha", type=click.FloatRange(0, 4), required=True, help="Margin of Eq. 9.")
def main(modality: str, alpha: float) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    listed = params.alpha_sweep.listed(alpha)
    training = section.training.model_copy(update={"epochs": params.alpha_sweep.epochs, "copies": 0})
    loss = section.loss.model_copy(update={"margin": 1.0})  # α itself is what is swept
    section = section.model_copy(update={"training": training, "loss": loss})
    seed_everything(params.seed, training.jit_compile)
    use_devices(params.devices)
    with stage(f"alpha_sweep@{listed}", params, modality) as run:
        train, test = Pictures.load(paths.train), Pictures.load(paths.test)
        embedder = load_model(paths.embedder)
        shared = params.generator.model_copy(update={"alpha": alpha})
        generator, curves = train_generator(embedder, train.images, test.images, section, shared, params.seed)
        templates = distort(generator, embedder, test.images)
        templates.save(paths.sweep_templates(listed))
        each = picture_distances(test.images, templates, section.loss.beta)
        arm = templates.arms(test.labels, test.subjects)["real_template"]
        metrics = {
            "alpha": alpha,
            **{name: float(each[name].mean()) for name in each},
            "within_alpha": float((each["d_emb"] <= alpha).mean()),
            "eer": arm.rates.eer,
        }
        write_json(paths.sweep_metrics(listed), metrics)
        run.log_curves(curves)
        run.log_metrics({f"alpha_sweep.{listed}.{name}": value for name, value in metrics.items()})


if __name__ == "__main__":
    main()
