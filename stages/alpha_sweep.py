"""Fig. 12: train a generator briefly for each margin α. An interrupted sweep continues from its last epoch.

Example: python stages/alpha_sweep.py --modality digits
"""

from functools import partial

import pandas as pd

from masquerade.data.augment import augmented
from masquerade.data.image_set import ImageSet
from masquerade.data.split import validation
from masquerade.devices import use_devices
from masquerade.evaluation.arms import BASELINE, REAL_TEMPLATE, Arm
from masquerade.evaluation.distortion import image_distances
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.verification_report import verification_report
from masquerade.generators import kind
from masquerade.generators.distort import distort
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import predict, seed_everything


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
    real = predict(embedder, others.images)
    unprotected = compare(real, real, others.labels, others.subjects)
    with resumable(paths.embedder.parent, *inputs, learned.tobytes(), others.images.tobytes()) as backup:
        rows = []
        for alpha in sweep.alphas:
            shared = params.generator.model_copy(update={"alpha": alpha})
            watch = partial(run.log_epoch, prefix=f"{alpha}.")
            generator, _ = kind(sweep.generator).train(
                embedder, learned, others.images, settings, shared, params.seed, backup / f"alpha-{alpha}", watch
            )
            templates = distort(generator, embedder, test.images)
            templates.save(paths.sweep_templates(alpha))
            each = image_distances(test.images, templates, params.generator.beta)
            enrolled = distort(generator, embedder, others.images).template_embeddings
            arms = {
                BASELINE: unprotected,
                Arm(sweep.generator, REAL_TEMPLATE): compare(real, enrolled, others.labels, others.subjects),
            }
            price = verification_report(arms, params.evaluation, params.seed)[sweep.generator]
            row = {
                "alpha": alpha,
                **{name: float(each[name].mean()) for name in each},
                "within_alpha": float((each["d_emb"] <= alpha).mean()),
                "eer": templates.comparisons(test.labels, test.subjects)[REAL_TEMPLATE].rates.eer,
                "validation_delta_eer": price["delta_eer"],
                "validation_delta_eer_low": price["delta_eer_ci"][0],
                "validation_delta_eer_high": price["delta_eer_ci"][1],
            }
            run.log_metrics({f"alpha_sweep.{alpha}.{name}": value for name, value in row.items()})
            rows.append(row)
        table = paths.reports / "alpha_sweep.csv"
        write_csv(table, pd.DataFrame(rows).set_index("alpha").sort_index())
        run.log_files(table)


if __name__ == "__main__":
    main()
