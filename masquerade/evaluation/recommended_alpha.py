"""Which margin α to choose: the largest that costs no more than one is ready to pay."""

import pandas as pd


def recommended_alpha(sweep: pd.DataFrame, budget: float) -> float | None:
    """Return the largest α whose interval of ΔEER ends within the budget; None if there is none.

    Args:
        sweep: a row for each α, its index, with ``validation_delta_eer_high``: the upper bound of the EER of real –
            template minus that of real – real, 0…1, on validation images (:func:`masquerade.data.split.validation`).
        budget: of the same unit.
    """
    affordable = sweep.index[sweep["validation_delta_eer_high"] <= budget]
    return float(affordable.max()) if len(affordable) else None
