from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from masquerade.figures.curves import draw_curves


def test_panels_are_what_the_training_has_and_wide_ranges_are_logarithmic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """λ goes over four powers of ten; no training has ``absent``."""
    curves = pd.DataFrame({"loss": [2.0, 1.0], "multiplier": [0.3, 3000.0]}, index=pd.RangeIndex(1, 3, name="epoch"))
    with monkeypatch.context() as patch:
        patch.setattr(plt, "close", lambda figure: None)
        draw_curves(tmp_path / "curves.png", curves, {"loss": "loss", "absent": "nothing", "multiplier": "λ"}, "title")

    axes = plt.gcf().axes
    plt.close()
    assert axes[1].yaxis.get_major_formatter()(1000.0) == "1000"
    assert [(axis.get_ylabel(), axis.get_yscale()) for axis in axes] == [("loss", "linear"), ("λ", "log")]
