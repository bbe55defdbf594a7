"""What every new generator leaves: the network, its cost, and a table and numbers beside the figure of its making."""

from collections.abc import Mapping
from typing import Any

import keras
import pandas as pd

from masquerade.generators.cost import cost
from masquerade.json_file import write_json
from masquerade.paths import Paths
from masquerade.saving import save_model
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


def record(
    name: str,
    generator: keras.Model,
    table: pd.DataFrame,
    end: Mapping[Any, Any],
    paths: Paths,
    run: StageRun,
) -> None:
    """Write a generator whose figure is drawn, and log what tells of its making.

    Args:
        name: of its kind.
        table: of its training, or of what its settings could have been.
        end: how that ended, with a list of ``warnings``.
    """
    files = {suffix: paths.training(name, suffix) for suffix in ("csv", "png", "json")}
    costs = cost(generator)
    save_model(generator, paths.generator(name))
    write_json(paths.cost(name), costs)
    write_csv(files["csv"], table)
    write_json(files["json"], end)
    run.log_metrics({f"cost.{name}.{key}": value for key, value in costs.items()})
    run.log_files(*files.values())
