import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError, create_model

from masquerade import section
from masquerade.section import Section

NUMBERS: dict[str, tuple[type, Callable[[float], bool]]] = {
    "Share": (float, lambda x: 0 <= x <= 1),
    "OpenShare": (float, lambda x: 0 < x < 1),
    "BelowHalf": (float, lambda x: 0 <= x < 0.5),
    "Positive": (float, lambda x: 0 < x < math.inf),
    "SquaredDistance": (float, lambda x: 0 <= x <= 4),
    "Count": (int, lambda x: 1 <= x <= 10**6),
    "Several": (int, lambda x: 2 <= x <= 10**6),
    "Resamplings": (int, lambda x: 2 <= x <= 10**4),
    "Parts": (int, lambda x: 2 <= x <= 1000),
    "BatchSize": (int, lambda x: 1 <= x <= 4096),
    "Epochs": (int, lambda x: 1 <= x <= 10**4),
    "Filters": (int, lambda x: 1 <= x <= 256),
    "Grain": (int, lambda x: 1 <= x <= 512),
    "Refinement": (int, lambda x: 0 <= x <= 1000),
}
MODELS: dict[str, Any] = {
    name: create_model(name, __base__=Section, x=(getattr(section, name), ...)) for name in NUMBERS
}
BOUNDS = [0, 0.5, 1, 2, 4, 256, 257, 512, 513, 1000, 1001, 4096, 4097, 10**4, 10**4 + 1, 10**6, 10**6 + 1]


@given(st.sampled_from(BOUNDS) | st.integers() | st.floats() | st.floats(0, 5) | st.booleans() | st.text())
@example(1.0)
@example(math.nan)
@example(math.inf)
@example(5e-324)
@example(True)
def test_each_kind_of_number_takes_its_range_and_nothing_else(value: Any) -> None:
    for name, (kind, accepts) in NUMBERS.items():
        is_number = type(value) is int or (kind is float and type(value) is float)
        if is_number and accepts(value):
            (read,) = dict(MODELS[name](x=value)).values()
            assert read == value
            assert type(read) is kind
        else:
            with pytest.raises(ValidationError):
                MODELS[name](x=value)


def test_a_section_takes_no_other_keys_and_does_not_change() -> None:
    with pytest.raises(ValidationError, match="extra"):
        MODELS["Share"](x=0, y=0)
    with pytest.raises(ValidationError, match="frozen"):
        MODELS["Share"](x=0).x = 1
