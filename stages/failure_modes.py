"""Provoke each failure of Table 5 by its stated cause, in a short run, and keep its templates.

Example: python stages/failure_modes.py --modality digits
"""

import click

from masquerade.data.image_set import ImageSet
from masquerade.devices import use_devices
from masquerade.generators import kind
from masquerade.generators.distort import distort
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.resume import FailedTraining
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("failure_modes", trains=True)
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    setting = params.failure_modes
    settings, train = params.modality(modality).settings(setting.generator), kind(setting.generator).train
    seed_everything(params.seed, settings.compiled)
    use_devices(params.devices)
    known, test = ImageSet.load(paths.train), ImageSet.load(paths.test)
    embedder = load_model(paths.embedder)
    learned = known.some(setting.images, params.seed)
    paths.provoked.mkdir(parents=True, exist_ok=True)
    for name, provocation in setting.provocations.items():
        click.echo(f"provoking: {name}")
        shared = params.generator.model_copy(update={"alpha": provocation.alpha})
        provoked = settings.changed(provocation.settings)
        try:
            generator, _ = train(embedder, learned.images, None, provoked, shared, params.seed)
        except FailedTraining as error:  # exploding gradients, one of the failures, leave no templates
            click.echo(f"{name}: {error.message}")
            paths.provoked_templates(name).unlink(missing_ok=True)
            continue
        distort(generator, embedder, test.images).save(paths.provoked_templates(name))


if __name__ == "__main__":
    main()
