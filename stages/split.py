"""Split the images into a training and a held-out part; count the classes and show examples (Fig. 8).

Example: python stages/split.py --modality faces
"""

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.data.split import split
from masquerade.figures.sheet import draw_sheet
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("split")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    section = params.modality(modality)
    image_set = ImageSet.load(paths.images)
    train, test = split(image_set, section.split_by, section.test_fraction, params.seed, section.held_out)
    train.save(paths.train)
    test.save(paths.test)

    counts = pd.DataFrame(
        {
            part: np.bincount(half.labels, minlength=len(image_set.names))
            for part, half in [("train", train), ("test", test)]
        },
        index=pd.Index(image_set.names, name="class"),
    )
    write_csv(paths.reports / "class_counts.csv", counts)
    examples = paths.reports / "examples.png"
    rows = [image_set.images[image_set.labels == label][:5] for label in image_set.most_frequent(10)]
    draw_sheet(examples, list(zip(*rows, strict=False)), title=f"{section.dataset} (Fig. 8)")
    for part, half in [("train", train), ("test", test)]:
        run.log_images(half.images, half.labels, name=section.dataset, split=part)
    run.log_metrics({"train_images": len(train), "test_images": len(test)})
    run.log_files(paths.reports / "class_counts.csv", examples)


if __name__ == "__main__":
    main()
