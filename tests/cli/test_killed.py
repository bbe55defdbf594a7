"""Commands that are killed, kill −9, at the worst moment, and called again."""

import os
import pkgutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import Result

from masquerade.gallery.store import Gallery
from masquerade.keys import create_key

Call = Callable[..., Result]


@pytest.fixture
def killed(call: Call) -> Callable[..., None]:
    """Run a command in a process of its own that dies at the n-th call of a function: killed(function, n, *command)."""

    def run(function: str, number: int, *command: str) -> None:
        child = os.fork()
        if child == 0:
            die_at(function, number)
            call(*command)
            os._exit(0)  # it did not die
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL

    return run


def die_at(function: str, number: int) -> None:
    owner, _, name = function.rpartition(".")
    place = pkgutil.resolve_name(owner)
    whole, calls = getattr(place, name), iter(range(number - 1))

    def counted(*arguments: Any, **more: Any) -> Any:
        return whole(*arguments, **more) if next(calls, None) is not None else die()

    setattr(place, name, counted)


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


LOG = "masquerade.gallery.store:Gallery._log"
"""Called inside each transaction, after the template has been changed."""


def numbers(subject: str) -> list[int]:
    return [record.number for record in Gallery("gallery.db").enrolled(subject)]


def test_enrolment_of_three_pictures_is_all_or_nothing(enrolled: Call, killed: Callable[..., None]) -> None:
    lines = len(Gallery("gallery.db").log())
    killed(LOG, 3, "enroll", "person 1", "1-0.png", "1-1.png", "1-0.png")

    assert len(numbers("person 1")) == 1
    assert len(Gallery("gallery.db").log()) == lines
    assert enrolled("enroll", "person 1", "1-0.png", "1-1.png", "1-0.png").exit_code == 0
    assert len(numbers("person 1")) == 4


@pytest.mark.parametrize("at", [2, 5, 6])  # begin is 1; then revoke and renew of each of six
def test_renewal_of_all_goes_on_with_the_rest(enrolled: Call, killed: Callable[..., None], at: int) -> None:
    people = [f"person {number}" for number in range(6)]
    before = [numbers(person) for person in people]
    killed(LOG, at, "renew", "--all")

    half = [numbers(person) for person in people]
    done = (at - 2) // 2
    assert [len(each) for each in half] == [1] * 6
    assert [new != old for new, old in zip(half, before, strict=True)] == [True] * done + [False] * (6 - done)
    assert enrolled("renew", "--all").stdout.startswith(f"{6 - done} template")
    after = [numbers(person) for person in people]
    assert after[:done] == half[:done]  # nobody is renewed twice
    assert not any(new == old for new, old in zip(after, before, strict=True))
    assert all(enrolled("verify", person, f"{n}-1.png").exit_code == 0 for n, person in enumerate(people))
    assert enrolled("renew", "--all").stdout == "6 templates renewed\n"  # a new one


def test_rotation_goes_on_with_the_rest(
    enrolled: Call, killed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = create_key(Path("new")).epoch
    killed(LOG, 6, "rotate-key", "new")  # two moved, the third half

    epochs = [record.key_epoch for each in Gallery("gallery.db").all_enrolled() for record in each]
    assert len(epochs) == 6
    assert epochs.count(new) == 2
    assert enrolled("enroll", "Ada", "7-0.png").exit_code == 1  # the old key has no future
    assert enrolled("rotate-key", "new").stdout == f"4 templates renewed; all have key {new}\n"
    monkeypatch.setenv("MASQUERADE_KEY", "new")
    assert all(enrolled("verify", f"person {n}", f"{n}-1.png").exit_code == 0 for n in range(6))


@pytest.mark.parametrize("function", ["pathlib:Path.replace", "pathlib:Path.write_bytes"])
def test_distortion_goes_on_with_the_rest(call: Call, killed: Callable[..., None], function: str) -> None:
    killed(function, 5, "distort", "0-0.png", "1-0.png", "2-0.png", "3-0.png", "4-0.png", "5-0.png", "--out", "out")

    out = Path("out")
    before = {file.name: file.read_bytes() for file in out.glob("*.png")}
    assert sorted(before) == [f"{number}-0.png" for number in range(4)]
    pictures = [f"{number}-0.png" for number in range(6)]
    assert call("distort", *pictures, "--out", "out").stdout == "2 made, 4 were there, 0 failed\n"
    assert sorted(file.name for file in out.iterdir()) == [".lock", *pictures]
    assert {name: (out / name).read_bytes() for name in before} == before
