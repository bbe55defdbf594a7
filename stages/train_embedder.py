"""Train or load the embedder F, centre it and measure how well it verifies held-out images.

Example: python stages/train_embedder.py --modality digits
"""

import click

from masquerade.data.image_set import ImageSet
from masquerade.devices import use_devices
from masquerade.embedders import build_embedder
from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import compare
from masquerade.figures.embedder import draw_embedder
from masquerade.images import to_float
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.resume import resumable
from masquerade.saving import save_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import predict, seed_everything


@stage("train_embedder", trains=True)
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    section, evaluation = params.modality(modality), params.evaluation
    seed_everything(params.seed)
    use_devices(params.devices)
    train, test = ImageSet.load(paths.train), ImageSet.load(paths.test)
    inputs = (
        section.model_dump_json(include={"embedder", "embedder_weights", "triplet"}),
        str(params.seed),
        train.images.tobytes(),
        train.labels.tobytes(),
    )
    with resumable(paths.embedder.parent, *inputs) as backup:
        embedder, curves = build_embedder(section, train, test, params.seed, backup, run.log_epoch)
        save_model(embedder, paths.embedder)

        embeddings = predict(embedder, test.images)
        comparison = compare(embeddings, embeddings, test.labels, test.subjects)
        samples = resampled_eers(comparison, evaluation.bootstrap, params.seed)
        eer = comparison.rates.eer
        if eer > 0.1:
            click.echo(
                f"Warning: {modality}: the embedder's EER on held-out images is {eer:.1%}: it hardly tells these "
                "classes apart. Often the images are not cropped like those it was trained on: see "
                f"{modality}.crop in params.yaml",
                err=True,
            )
        metrics = {
            "eer": eer,
            "mean_genuine_d_f": float(comparison.genuine.mean()),
            "mean_impostor_d_f": float(comparison.impostor.mean()),
            "parameters": embedder.count_params(),
        }
        report, figure, data = (paths.reports / name for name in ("embedder.json", "embedder.png", "embedder"))
        write_json(
            report, {"embedder": section.embedder, "eer_ci": interval(samples, evaluation.confidence), **metrics}
        )
        write_csv(data / "distances.csv", comparison.histogram())
        if curves is not None:
            write_csv(data / "curves.csv", curves)
        draw_embedder(
            figure, comparison.histogram(), curves, f"{modality}: embedder {section.embedder}, held-out pairs"
        )
        run.log_metrics({f"embedder.{name}": value for name, value in metrics.items()})
        run.log_files(report, figure, data)
        run.log_model(embedder, name=f"{modality}-embedder", example=to_float(test.images[:2]))


if __name__ == "__main__":
    main()
