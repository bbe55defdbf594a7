"""Templates under other keys, where there are no further draws of them."""

from pathlib import Path

import pytest
from fixture_types import Run
from parameters import change

from masquerade.attacks.rekeyed import Rekeyed
from masquerade.paths import Paths
from masquerade.tables import read_csv


@pytest.mark.parametrize(("key", "value"), [("attacks.draws", 1), ("evaluation.keys.scope", "system")])
def test_one_draw_of_the_keys_is_linked_alone(run: Run, project: Path, key: str, value: object) -> None:
    change(project, key, value)
    for stage, more in (("rekey", ["--generator", "keyed"]), ("linkability", [])):
        result = run(stage, "--modality", "digits", *more)
        assert result.exit_code == 0, result.output

    paths = Paths("digits")
    assert len(Rekeyed.load(paths.rekeyed("keyed")).drawn) == 0
    linked = read_csv(paths.attacks / "linkability.csv").query("generator == 'keyed' and key == 'secret'")
    assert linked["draws"].unique().tolist() == [1]
