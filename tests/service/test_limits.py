"""How often: rates and lock-outs, on a clock of the test's own."""

from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.service import limits
from masquerade.service.limits import LockOut, Rate
from masquerade.service.settings import Settings


class Clock:
    """Seconds that a test lets pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_rate_allows_a_burst_and_then_one_at_a_time(clock: Clock) -> None:
    rate = Rate(6, 60, clock)

    assert [rate.wait("a") for _ in range(6)] == [0] * 6
    assert rate.wait("a") == pytest.approx(10)  # one every 10 s
    assert rate.wait("b") == 0
    clock.now = 9.9
    assert rate.wait("a") == pytest.approx(0.1)
    clock.now = 10
    assert rate.wait("a") == 0
    assert rate.wait("a") == pytest.approx(10)
    clock.now = 1000
    assert [rate.wait("a") for _ in range(7)] == [0] * 6 + [pytest.approx(10)]


def test_no_more_than_the_rate_is_let_through_however_often_one_asks(clock: Clock) -> None:
    rate, let_through = Rate(30, 60, clock), 0
    for step in range(6000):  # ten minutes, ten times a second
        clock.now = step / 10
        let_through += rate.wait("a") == 0

    assert let_through == 30 + 10 * 30 - 1  # the first burst, and one every 2 s


def test_failures_lock_until_the_first_is_old_enough(clock: Clock) -> None:
    lock_out = LockOut(3, 900, clock)
    for clock.now in (0.0, 100.0, 200.0):
        assert lock_out.wait("Ada") == 0
    clock.now = 300

    assert lock_out.wait("Ada") == 600
    assert lock_out.wait("Bo") == 0
    clock.now = 899.9
    assert lock_out.wait("Ada") == pytest.approx(0.1)
    clock.now = 900
    assert lock_out.wait("Ada") == 0
    assert lock_out.wait("Ada") == 100  # until the second one is


def test_a_success_forgives_itself_alone(clock: Clock) -> None:
    lock_out = LockOut(3, 900, clock)
    for _ in range(2):
        lock_out.wait("Ada")  # rejected
    for _ in range(50):
        assert lock_out.wait("Ada") == 0
        lock_out.forgive("Ada")
    assert lock_out.wait("Ada") == 0  # the third rejection

    assert lock_out.wait("Ada") == 900
    lock_out.forgive("nobody")  # has no failure, and gains none
    assert [lock_out.wait("nobody") for _ in range(4)] == [0, 0, 0, 900]


def test_tries_at_once_count_before_they_have_failed(clock: Clock) -> None:
    lock_out = LockOut(3, 900, clock)

    assert [lock_out.wait("Ada") > 0 for _ in range(10)] == [False] * 3 + [True] * 7


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST", 10)
    rate, lock_out = Rate(1, 60, clock), LockOut(1, 60, clock)
    for number in range(1000):
        rate.wait(f"{number}")
        lock_out.wait(f"{number}")

    assert len(rate._due) == len(lock_out._failures) == 10
    assert rate.wait("999") > 0  # who was there last is not forgotten
    assert lock_out.wait("999") > 0


def test_settings_that_leave_the_service_open_are_refused() -> None:
    tokens, file = Path("tokens.json"), Path("a.pem")
    with pytest.raises(InputError, match=r"^on 0\.0\.0\.0 others could read tokens and pictures: "):
        Settings(tokens, host="0.0.0.0")
    with pytest.raises(InputError, match=r"^TLS needs both a certificate and its private key$"):
        Settings(tokens, certificate=file)
    for name in (
        "max_bytes",
        "max_seconds",
        "waiting",
        "rate",
        "subject_rate",
        "identify_rate",
        "failures",
        "lock_out",
    ):
        with pytest.raises(InputError, match=rf"^{name}: is 0, and must be above 0$"):
            Settings(tokens, **{name: 0})  # type: ignore[arg-type]
    assert Settings(tokens, host="0.0.0.0", behind_proxy=True).port == 8000
    assert Settings(tokens, host="::", certificate=file, private_key=file).certificate == file
