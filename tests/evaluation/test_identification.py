import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.evaluation.identification import recall, tpir_at

MATED = [[("Ann", 0.1)], [("Bo", 0.3)], [("Ann", 0.2)], [("Cy", 0.9)], []]
WHO = ["Ann", "Bo", "Bo", "Cy", "Cy"]
STRANGERS = [[("Ann", distance)] for distance in (0.5, 0.8, 1.2, 1.5)]


@pytest.mark.parametrize(
    ("fpir", "tpir", "below"),
    [
        (0.25, 0.4, 0.8),  # Ann and Bo; the second probe of Bo is taken for Ann, Cy is too far or not found
        (0.5, 0.6, 1.2),
        (0.49, 0.4, 0.8),
        (1.0, 0.6, 4.1),
    ],
)
def test_tpir_counts_first_and_right_and_near_enough(fpir: float, tpir: float, below: float) -> None:
    rate = tpir_at(fpir, MATED, WHO, STRANGERS)

    assert rate.tpir == pytest.approx(tpir)
    assert rate.threshold < below
    assert np.mean([found[0][1] <= rate.threshold for found in STRANGERS]) <= fpir
    assert (rate.mated, rate.strangers) == (5, 4)


def test_too_few_strangers_are_refused() -> None:
    with pytest.raises(InputError, match=r"^an FPIR of 0\.2 cannot be told from 4 strangers and 5 probes of others$"):
        tpir_at(0.2, MATED, WHO, STRANGERS)
    with pytest.raises(InputError, match=r"and 0 probes of others$"):
        tpir_at(0.5, [], [], STRANGERS)


def test_recall_is_the_share_that_was_found() -> None:
    exact = np.array([[1, 2], [3, 4], [5, 6]])

    assert recall(exact, exact[:, ::-1]) == 1
    assert recall(exact, np.array([[1, 9], [4, 3], [-1, -1]])) == pytest.approx(0.5)
