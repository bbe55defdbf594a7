"""Split the pictures into a training and a held-out part; count the classes and show examples (Fig. 8).

Example: python stages/split.py --modality faces
"""

import click
import numpy as np
import pandas as pd

from masquerade.data.pictures import Pictures
from masquerade.data.split import split
from masquerade.figures.sheet import draw_sheet
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    with stage("split", params, modality) as run:
        pictures = Pictures.load(paths.pictures)
        train, test = split(pictures, section.split_by, section.test_fraction, params.seed, section.held_out)
        train.save(paths.train)
        test.save(paths.test)

        counts = pd.DataFrame(
            {
                part: np.bincount(half.labels, minlength=len(pictures.names))
                for part, half in [("train", train), ("test", test)]
            },
            index=pd.Index(pictures.names, name="class"),
        )
        write_csv(paths.reports / "class_counts.csv", counts)
        examples = paths.reports / "examples.png"
        rows = [pictures.images[pictures.labels == label][:5] for label in pictures.most_frequent(10)]
        draw_sheet(examples, list(zip(*rows, strict=False)), title=f"{section.dataset} (Fig. 8)")
        for part, half in [("train", train), ("test", test)]:
            run.log_images(half.images, half.labels, name=section.dataset, split=part)
        run.log_metrics({"train_pictures": len(train), "test_pictures": len(test)})
        run.log_files(paths.reports / "class_counts.csv", examples)


if __name__ == "__main__":
    main()
