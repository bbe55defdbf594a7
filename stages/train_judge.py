"""Train the judge that tries to identify templates, on real training images in every view, without G or F.

Example: python stages/train_judge.py --modality digits
"""

from masquerade.data.image_set import ImageSet
from masquerade.devices import use_devices
from masquerade.figures.curves import draw_curves
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognisability.judge import train_judge
from masquerade.resume import resumable
from masquerade.saving import save_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun
from masquerade.training import seed_everything


@stage("train_judge", trains=True)
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    section = params.modality(modality).judge
    seed_everything(params.seed)
    use_devices(params.devices)
    train = ImageSet.load(paths.train)
    inputs = (
        section.model_dump_json(exclude={"pretrained", "detector"}),
        str(params.seed),
        train.images.tobytes(),
        train.labels.tobytes(),
    )
    with resumable(paths.judge.parent, *inputs) as backup:
        judge, curves = train_judge(train, section, params.seed, backup, run.log_epoch)
        save_model(judge, paths.judge)
        table, figure = paths.reports / "judge_curves.csv", paths.reports / "judge_curves.png"
        write_csv(table, curves)
        draw_curves(figure, curves, {"loss": "cross-entropy", "accuracy": "accuracy"}, f"Judge of {modality}")
        run.log_files(table, figure)


if __name__ == "__main__":
    main()
