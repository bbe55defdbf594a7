from pathlib import Path

import pytest

from masquerade.errors import InputError


@pytest.mark.parametrize(
    ("experiment", "root", "says"),
    [
        ("alpha-4", ".", True),
        ("alpha-4", "elsewhere", False),  # --temp and --queue run in a copy, nothing here has changed
        ("", ".", False),  # dvc repro changes no parameters
        (None, None, False),
    ],
)
def test_way_back_is_told_where_dvc_has_changed_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, experiment: str | None, root: str | None, says: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    if experiment is not None and root is not None:
        monkeypatch.setenv("DVC_EXP_NAME", experiment)
        monkeypatch.setenv("DVC_ROOT", str(tmp_path / root))
    sentence = InputError("params.yaml: seed: missing").format_message()

    assert sentence.startswith("params.yaml: seed: missing")
    assert ("`git restore . && dvc checkout`" in sentence) is says
    assert says or sentence == "params.yaml: seed: missing"
