"""Fig. 1: an image of each of the largest classes above its templates and their negatives.

Example: python stages/gallery.py --modality digits
"""

import numpy as np

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import load_all
from masquerade.figures.sheet import draw_sheet
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("gallery")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test = ImageSet.load(paths.test)
    stored = load_all(paths, params.generators)
    classes = np.sort(test.most_frequent(params.evaluation.classes))
    shown = test.first_of(classes)
    rows = [side for templates in stored.values() for side in (templates.images[shown], 255 - templates.images[shown])]
    figure = paths.reports / "gallery.png"
    draw_sheet(
        figure,
        [test.images[shown], *rows],
        title=f"{modality}: real, distorted, and the distorted as a negative (Fig. 1)",
        row_names=["real X", *(name for kind in stored for name in (f"{kind} T", "1 − T"))],
        column_names=[str(test.names[test.labels[i]]).replace("_", "\n") for i in shown],
    )
    run.log_files(figure)


if __name__ == "__main__":
    main()
