"""Train the judge that tries to read templates: on real training pictures in every view, without G or F.

Example: python stages/train_judge.py --modality digits
"""

from contextlib import ExitStack

import click

from masquerade.data.pictures import Pictures
from masquerade.devices import use_devices
from masquerade.figures.curves import draw_curves
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.recognisability.judge import train_judge
from masquerade.resume import resumable
from masquerade.saving import save_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.training import seed_everything


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality).judge
    seed_everything(params.seed)
    use_devices(params.devices)
    with ExitStack() as state, stage("train_judge", params, modality, trains=True) as run:
        train = Pictures.load(paths.train)
        inputs = (section.model_dump_json(), str(params.seed), train.images.tobytes())
        backup = state.enter_context(resumable(paths.judge.parent, *inputs))
        judge, curves = train_judge(train, section, params.seed, backup, run.log_epoch)
        save_model(judge, paths.judge)
        table, figure = paths.reports / "judge_curves.csv", paths.reports / "judge_curves.png"
        write_csv(table, curves)
        draw_curves(figure, curves, {"loss": "cross-entropy", "accuracy": "accuracy"}, f"Judge of {modality}")
        run.log_files(table, figure)


if __name__ == "__main__":
    main()
