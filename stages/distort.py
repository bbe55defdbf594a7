"""Distort the held-out pictures and write what would be stored: 8-bit templates, and both sides' embeddings.

Example: python stages/distort.py --modality faces --generator unet
"""

import click

from masquerade.data.pictures import Pictures
from masquerade.generators import NAMES
from masquerade.generators.distort import distort, picture_distances
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv, write_json
from masquerade.training import seed_everything


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
@click.option("--generator", "kind", type=click.Choice(NAMES), required=True, help="Whose templates.")
def main(modality: str, kind: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    seed_everything(params.seed)
    with stage(f"distort@{kind}", params, modality) as run:
        test = Pictures.load(paths.test)
        generator, embedder = (load_model(path) for path in (paths.generator(kind), paths.embedder))
        templates = distort(generator, embedder, test.images, section.refinement[kind])
        templates.save(paths.templates(kind))
        each = picture_distances(test.images, templates, params.generator.beta)
        each.insert(0, "class", test.names[test.labels])
        table, summary = (paths.reports / "distortion" / f"{kind}.{suffix}" for suffix in ("csv", "json"))
        write_csv(table, each)
        metrics = {name: float(each[name].mean()) for name in each.columns.drop("class")}
        metrics["within_alpha"] = float((each["d_emb"] <= params.generator.alpha).mean())
        write_json(summary, metrics)
        run.log_metrics({f"distortion.{kind}.{name}": value for name, value in metrics.items()})
        run.log_files(table, summary)


if __name__ == "__main__":
    main()
