"""Pack F, a generator with keys and its thresholds as one model: a recognition system opens it, MLflow serves it.

Example: python stages/package.py --modality faces --generator keyed
"""

from pathlib import Path

import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.recognition.model import png
from masquerade.served import model
from masquerade.served.signature import REQUIREMENTS, signature
from masquerade.stage import stage
from masquerade.tables import read_csv
from masquerade.tracking import StageRun


@stage("package", axes=("modality", "generator"))
def main(modality: str, generator: str, params: Params, paths: Paths, run: StageRun) -> None:
    test = ImageSet.load(paths.test)
    networks = {"embedder": paths.embedder, "generator": paths.generator(generator)}
    for file in networks.values():
        if not file.exists():
            raise InputError(f"{file}: missing; dvc repro runs the stage that writes it")
    points = read_csv(paths.reports / "thresholds.csv", [0, 1]).loc[generator]
    usage = {
        "photographs": params.modality(modality).photographs,
        "refinement": params.modality(modality).refinement[generator],
        "calibration": {
            "impostors": int(points.pop("impostors").iloc[0]),
            "points": points.reset_index().to_dict("records"),
        },
    }
    write_json(paths.usage(generator), usage)
    run.log_code(
        Path(model.__file__),
        networks | {"usage": paths.usage(generator)},
        name=f"{modality}-{generator}",
        signature=signature(),
        example=(
            pd.DataFrame({"image": [png(test.images[0])], "subject": [str(test.names[test.labels[0]])]}),
            {"cropped": True},
        ),
        requirements=REQUIREMENTS,
    )


if __name__ == "__main__":
    main()
