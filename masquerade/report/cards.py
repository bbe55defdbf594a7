"""A data card for each modality and a model card for each of its generators, with the numbers of the report."""

from io import StringIO

import pandas as pd
from ruamel.yaml import YAML

from masquerade.generators import kind
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.report.datasets import Datasets
from masquerade.report.render import markdown_template
from masquerade.report.results import READABLE, Results


def render_cards(results: list[Results], params: Params, datasets: Datasets) -> dict[str, str]:
    """Return the text of every card by the name of its file, ``digits.md`` or ``digits-unet.md``."""
    data_card, model_card = markdown_template("data_card.md.jinja"), markdown_template("model_card.md.jinja")
    cards = {}
    for result in results:
        shared = {
            "r": result,
            "facts": datasets.datasets.get(result.params.dataset),
            "confidence": params.evaluation.confidence,
        }
        cards[f"{result.name}.md"] = data_card.render(shared, classes=images_of_classes(result))
        for name in result.kinds:
            cards[f"{result.name}-{name}.md"] = model_card.render(
                shared,
                kind=kind(name),
                path=Paths(result.name).generator(name),
                alpha=params.generator.alpha,
                training=training_of(result, name, params),
            )
    return cards


def images_of_classes(result: Results) -> pd.DataFrame:
    """Count the images of each class, or give quartiles where there are more classes than a person reads."""
    if len(result.classes) <= READABLE:
        return result.classes
    images = result.classes.sum(axis="columns").quantile([0, 0.25, 0.5, 0.75, 1])
    return images.rename_axis("quantile").to_frame("images")


def training_of(result: Results, name: str, params: Params) -> str:
    """Return the part of params.yaml that a generator was trained with, as YAML."""
    section = result.params.model_dump(mode="json")
    chosen = {key: section[key] for key in ("dataset", "image_size", "embedder", "augmentation", name)}
    content = {
        "seed": params.seed,
        "generator": params.generator.model_dump(mode="json"),
        result.name: chosen | {"refinement": {name: section["refinement"][name]}},
    }
    stream = StringIO()
    YAML().dump(content, stream)
    return stream.getvalue().strip()
