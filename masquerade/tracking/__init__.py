"""Tracking of runs in MLflow; no other package uses MLflow.

A stage script wraps its work in one ``with``::

    with stage_run("train_generator", modality="digits", params={"seed": 7, "generator": {"alpha": 0.2}}) as run:
        ...
        run.log_epoch(1, {"loss": 0.25})
        run.log_metrics({"real_template.eer": 0.031})

Runs go to the SQLite file ``mlflow.db`` and the folder ``mlartifacts`` in the project's root, where
``mlflow ui`` looks, or to the store that MLFLOW_TRACKING_URI names. One parent run stands for one state of the
pipeline (a DVC experiment, or a revision and its params.yaml), and every stage is a run nested in it.

``python -m masquerade.tracking`` creates the store (3 s the first time, 1.4 s after). A stage spends the same
1.4 s on MLflow, nearly all of it importing.
"""

from masquerade.tracking.life_cycle import stage_run
from masquerade.tracking.run import StageRun
from masquerade.tracking.store import initialise

__all__ = ["StageRun", "initialise", "stage_run"]
