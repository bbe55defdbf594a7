"""One progress bar for a training run."""

from collections.abc import Mapping

import click
import keras
from tqdm import tqdm


class Progress(keras.callbacks.Callback):
    """Show the steps of all epochs, the remaining time, and the epoch's loss and d_emb so far.

    Without a terminal (a log file), print one line per epoch.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title.replace("_", " ")

    def set_params(self, params: dict[str, int]) -> None:
        super().set_params(params)
        self.steps = params["steps"]

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        if not hasattr(self, "bar"):  # a resumed training begins later
            total = self.params["epochs"] * self.steps
            self.bar = tqdm(total=total, initial=epoch * self.steps, desc=self.title, unit=" steps", disable=None)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self.bar.update()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        shown = {name.removeprefix("embedding_"): f"{value:.3g}" for name, value in (logs or {}).items()}
        shown = {name: shown[name] for name in ("loss", "d_emb", "accuracy") if name in shown}
        if self.bar.disable:
            line = ", ".join(
                [f"{self.title}: epoch {epoch + 1} of {self.params['epochs']}", *map(" ".join, shown.items())]
            )
            click.echo(line)
        else:
            self.bar.set_postfix(shown)

    def on_train_end(self, logs: object = None) -> None:
        if hasattr(self, "bar"):
            self.bar.close()
