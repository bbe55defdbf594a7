"""Help and shell completion: at once, and without what a command needs."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from masquerade.cli.main import masquerade

HEAVY = {"keras", "tensorflow", "mlflow", "sqlalchemy", "pandas", "numpy", "scipy", "PIL", "pydantic", "cryptography"}

LISTED = "import sys, masquerade.cli.main as cli; cli.masquerade(sys.argv[1:], 'masquerade', standalone_mode=False)\n"


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"], ["distort", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = f"{LISTED}print(*{{name.split('.')[0] for name in sys.modules}}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)

    assert "Exit codes: 0 done or a match, 1 an error" in " ".join(done.stdout.split())
    assert HEAVY & set(done.stderr.split()) == set()


def test_help_takes_a_third_of_a_second_at_most() -> None:
    seconds = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "masquerade.cli.main", "--help"], check=True, stdout=subprocess.DEVNULL)
        after = os.times()  # of the processor: others may be at work
        seconds.append(sum(after[2:4]) - sum(before[2:4]))

    assert min(seconds) <= 0.3


def test_every_command_has_a_short_line_and_an_example() -> None:
    for name, command in masquerade.commands.items():
        examples = (command.help or "").partition("\b\n")[2]
        assert f"    masquerade {name}" in examples
        assert not command.get_short_help_str(60).endswith("...")


def test_completion_in_a_shell() -> None:
    def complete(words: str) -> list[str]:
        environment = {"_MASQUERADE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "1"}
        program = "from masquerade.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    assert complete("masquerade re") == ["plain,renew", "plain,revoke", "plain,revoke-token"]


def test_a_wrong_command_is_wrong_usage(call: Callable[..., Result]) -> None:
    assert call("enrol").exit_code == 2
    assert call("verify", "Ada").exit_code == 2
    assert call("identify", "0-0.png", "-k", "0").exit_code == 2


def test_the_program_is_installed_under_its_name() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")

    assert '\n[project.scripts]\nmasquerade = "masquerade.cli.main:main"\n' in text
