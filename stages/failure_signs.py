"""Table 5: numbers that reveal each failure, in the templates of the provoked runs and in this pipeline's own.

Example: python stages/failure_signs.py --modality digits
"""

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.failure_signs import failure_signs
from masquerade.evaluation.templates import Templates, load_all
from masquerade.figures.sheet import draw_sheet
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("failure_signs")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    provocations = params.failure_modes.provocations
    test = ImageSet.load(paths.test)
    outcomes = load_all(paths, params.generators)
    own = list(outcomes)
    for name in provocations:  # a run whose loss became NaN left no templates: its row stays empty
        if paths.provoked_templates(name).exists():
            outcomes[name] = Templates.load(paths.provoked_templates(name))

    table = pd.DataFrame({name: failure_signs(test.images, templates) for name, templates in outcomes.items()}).T
    # A row is a run: a provoked one is no generator that another table has.
    write_csv(paths.reports / "table5.csv", table.reindex([*own, *provocations]).rename_axis("run"))
    shown = test.first_of(np.unique(test.labels)[:8])
    figure = paths.reports / "table5.png"
    draw_sheet(
        figure,
        [test.images[shown], *[templates.images[shown] for templates in outcomes.values()]],
        title=f"{modality}: failures provoked by their causes (Table 5)",
        row_names=["real", *(name.replace(" ", "\n") for name in outcomes)],
    )
    run.log_files(figure, paths.reports / "table5.csv")


if __name__ == "__main__":
    main()
