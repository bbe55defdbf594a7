import pandas as pd
import pytest

from masquerade.evaluation.recommended_alpha import recommended_alpha


@pytest.mark.parametrize(
    ("highs", "expected"),
    [
        ([0.001, 0.003, 0.0031], 0.2),  # up to the budget, not beyond
        ([0.004, 0.002, 0.004], 0.2),
        ([-0.01, -0.01, -0.01], 0.4),
        ([0.01, 0.01, 0.01], None),
    ],
)
def test_largest_alpha_within_the_budget(highs: list[float], expected: float | None) -> None:
    sweep = pd.DataFrame({"validation_delta_eer_high": highs}, index=pd.Index([0.0, 0.2, 0.4], name="alpha"))

    assert recommended_alpha(sweep, budget=0.003) == expected
    assert recommended_alpha(sweep.iloc[::-1], budget=0.003) == expected
