"""Distort the held-out images; write the 8-bit templates to be stored, and the embeddings of images and templates.

Example: python stages/distort.py --modality faces --generator unet
"""

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.distortion import image_distances
from masquerade.generators.enrol import enrol
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("distort", axes=("modality", "generator"))
def main(modality: str, generator: str, params: Params, paths: Paths, run: StageRun) -> None:
    seed_everything(params.seed)
    test, embedder = ImageSet.load(paths.test), load_model(paths.embedder)
    templates = enrol(params, paths, generator, embedder, test.images, test.names[test.labels].tolist())
    templates.save(paths.templates(generator))
    each = image_distances(test.images, templates, params.generator.beta)
    each.insert(0, "class", test.names[test.labels])
    table, summary = (paths.reports / "distortion" / f"{generator}.{suffix}" for suffix in ("csv", "json"))
    write_csv(table, each)
    metrics = {name: float(each[name].mean()) for name in each.columns.drop("class")}
    write_json(summary, metrics)
    run.log_metrics({f"distortion.{generator}.{name}": value for name, value in metrics.items()})
    run.log_files(table, summary)


if __name__ == "__main__":
    main()
