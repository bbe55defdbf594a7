import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.params.__main__ import main

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, runpy, sys
runpy.run_module("masquerade.params", run_name="__main__")
print(json.dumps([name for name in ("keras", "tensorflow", "jax", "mlflow") if name in sys.modules]))
"""


def test_command_writes_both_files_without_networks_or_tracking(tmp_path: Path) -> None:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )

    assert json.loads(done.stdout) == []
    assert json.loads((tmp_path / "params.schema.json").read_text(encoding="utf-8"))["title"] == "Params"
    assert (tmp_path / "docs" / "parameters.md").read_text(encoding="utf-8").startswith("# Parameters\n")


def test_wrong_parameters_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "params.yaml").write_text("seed: 7\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match="generator: missing"):
        main()

    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
