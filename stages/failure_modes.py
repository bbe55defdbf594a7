"""Table 5: the three failures of the method, each provoked by its stated cause in a short run.

Example: python stages/failure_modes.py --modality digits
"""

import click
import numpy as np
import pandas as pd

from masquerade.data.pictures import Pictures
from masquerade.devices import use_devices
from masquerade.evaluation.failure_signs import failure_signs
from masquerade.evaluation.templates import load_all
from masquerade.figures.sheet import draw_sheet
from masquerade.generator.distort import distort
from masquerade.generator.trainer import train_generator
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.resume import FailedTraining
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.training import seed_everything


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    seed_everything(params.seed, section.training.jit_compile)
    use_devices(params.devices)
    with stage("failure_modes", params, modality) as run:
        train, test = Pictures.load(paths.train), Pictures.load(paths.test)
        embedder = load_model(paths.embedder)
        some = np.random.default_rng(params.seed).permutation(len(train))[: params.failure_modes.pictures]
        learned = train.images[np.sort(some)]
        outcomes = {f"this pipeline's {kind}": its for kind, its in load_all(paths, params.generator.kinds).items()}
        for name, provocation in params.failure_modes.provocations.items():
            click.echo(f"provoking: {name}")
            provoked, shared = provocation.apply(section, params.generator, modality)
            try:
                generator, _ = train_generator(  # nobody looks at its curves: one held-out picture is enough for them
                    embedder, learned, test.images[:1], provoked, shared, params.seed, stop_if_collapsed=False
                )
            except FailedTraining as error:  # exploding gradients are one of the failures: its row stays empty
                click.echo(f"{name}: {error.message}")
                continue
            outcomes[name] = distort(generator, embedder, test.images)

        table = pd.DataFrame({name: failure_signs(test.images, templates) for name, templates in outcomes.items()}).T
        table = table.reindex(list(dict.fromkeys([*outcomes, *params.failure_modes.provocations])))
        write_csv(paths.reports / "table5.csv", table.rename_axis("run"))
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
