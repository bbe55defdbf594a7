"""How long a probe and a record take with a million people: `make benchmark -k identification`."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from masquerade.evaluation.matcher import ROWS, Matcher
from masquerade.keys import public_key
from masquerade.lock import Components
from masquerade.recognition.scopes import SCOPES, Scope

pytestmark = pytest.mark.skipif(
    "not config.getoption('benchmark_only')", reason="`make benchmark` measures on an otherwise idle machine"
)

RNG = np.random.default_rng(0)


def vectors(count: int) -> np.ndarray:
    drawn = RNG.standard_normal((count, 128), dtype=np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_identify_among_a_million(benchmark: BenchmarkFixture) -> None:
    matcher = Matcher(4.0)
    for start in range(0, 1_000_000, ROWS):
        numbers = range(start, min(start + ROWS, 1_000_000))
        matcher.enroll_all(numbers, vectors(len(numbers)))

    benchmark(matcher.nearest, vectors(1), 5)

    assert benchmark.stats.stats.median < 0.1  # seconds


@pytest.mark.parametrize("scope", list(SCOPES))
def test_open_a_gallery(benchmark: BenchmarkFixture, scope: str) -> None:
    components = Components.fit(RNG.standard_normal((500, 128)), 64, 0.5)
    its: Scope = SCOPES[scope]("door", components)
    records, stored = [its.record("Ada", number) for number in range(1000)], vectors(1000)

    benchmark(its.enrolled, records, stored, public_key(1))

    benchmark.extra_info["microseconds per record"] = 1e3 * benchmark.stats.stats.median
