"""Table 5: the numbers that reveal the method's failures, in provoked ones and in this pipeline's own templates.

Example: python stages/failure_signs.py --modality digits
"""

import click
import numpy as np
import pandas as pd

from masquerade.data.pictures import Pictures
from masquerade.evaluation.failure_signs import failure_signs
from masquerade.evaluation.templates import Templates, load_all
from masquerade.figures.sheet import draw_sheet
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tables import write_csv


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    provocations = params.failure_modes.provocations
    with stage("failure_signs", params, modality) as run:
        test = Pictures.load(paths.test)
        outcomes = load_all(paths, params.generators)
        own = list(outcomes)
        for name in provocations:  # a training of NaN left no templates: its row stays empty
            if paths.provoked_templates(name).exists():
                outcomes[name] = Templates.load(paths.provoked_templates(name))

        table = pd.DataFrame({name: failure_signs(test.images, templates) for name, templates in outcomes.items()}).T
        write_csv(paths.reports / "table5.csv", table.reindex([*own, *provocations]).rename_axis("run"))
        shown = [int(np.flatnonzero(test.labels == label)[0]) for label in np.unique(test.labels)[:8]]
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
