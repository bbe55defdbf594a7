import sys
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.program import output


def test_what_a_program_prints_in_its_folder(tmp_path: Path) -> None:
    assert output(sys.executable, "-c", "import os; print(os.getcwd())", folder=tmp_path) == str(tmp_path.resolve())


def test_complaint_of_a_program() -> None:
    with pytest.raises(InputError, match=r"-c .*: no such branch$"):
        output(sys.executable, "-c", "import sys; sys.exit('no such branch')")


def test_silent_failure_is_its_exit_status() -> None:
    with pytest.raises(InputError, match=r"exits with 3$"):
        output(sys.executable, "-c", "raise SystemExit(3)")
