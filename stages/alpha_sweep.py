"""Fig. 12: train a generator briefly for each margin α and keep its templates.

An interrupted sweep continues from its last epoch.

Example: python stages/alpha_sweep.py --modality digits
"""

from functools import partial

from masquerade.data.augment import augmented
from masquerade.data.image_set import ImageSet
from masquerade.data.split import validation
from masquerade.devices import use_devices
from masquerade.generators import kind
from masquerade.generators.distort import distort
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("alpha_sweep", trains=True)
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    sweep, section = params.alpha_sweep, params.modality(modality)
    settings = section.settings(sweep.generator).changed(sweep.settings)
    seed_everything(params.seed, settings.compiled)
    use_devices(params.devices)
    train, test = ImageSet.load(paths.train), ImageSet.load(paths.test)
    embedder = load_model(paths.embedder)
    inputs = (
        settings.model_dump_json(),
        params.generator.model_dump_json(include={"beta", "optimizer"}),
        str(params.seed),
        paths.embedder.read_bytes(),
    )
    known, others = validation(train, section.split_by, params.seed)
    copies = section.augmentation
    learned = known.some(sweep.images, params.seed).images
    learned = augmented(learned, copies.copies, copies.shift, copies.mirror, params.seed)
    with resumable(paths.embedder.parent, *inputs, learned.tobytes(), others.images.tobytes()) as backup:
        for alpha in sweep.alphas:
            shared = params.generator.model_copy(update={"alpha": alpha})
            watch = partial(run.log_epoch, prefix=f"{alpha}.")
            generator, _ = kind(sweep.generator).train(
                embedder, learned, others.images, settings, shared, params.seed, backup / f"alpha-{alpha}", watch
            )
            distort(generator, embedder, test.images).save(paths.sweep_templates(alpha))
            distort(generator, embedder, others.images).save(paths.sweep_validation(alpha))


if __name__ == "__main__":
    main()
