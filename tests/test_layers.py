"""The package is a house: a module imports from the floors below its own."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from repository import ROOT

from masquerade.modules import file_of, imports

FLOORS = [
    "blas distances errors images leaves paper paths progress quiet",
    "__init__ atomic devices keys modules plain_yaml program resume section",
    "arrays json_file kinds lock saving tables",
    "axes checkpoint data params space tracking",
    "outside preset stage training",
    "embedders evaluation gallery",
    "generators recognisability",
    "attacks recognition",
    "figures protections served",
    "report service",
    "cli",
]
"""Rooms, the packages and modules of masquerade, from the ground up. Those of one floor do not know each other."""

KINDS = {"__init__", "base", "params"}
"""Modules of generators that are a room of their own, ``kinds``: params.yaml has a section for each kind of generator.

The section stands in the kind's folder, so params must import it while it runs, and the generators take their settings
from params. One room for both would be a circle. What params imports knows no network, only sections.
"""


def room(file: Path) -> str:
    """The room of a file, by its path from the root of the project."""
    its = Path(file.parts[1]).stem
    return "kinds" if its == "generators" and file.stem in KINDS else its


def not_downwards(root: Path, floors: Sequence[str]) -> Iterator[str]:
    """Every import of another room that is on no lower floor. Without one there is no circle of rooms either."""
    floor = {name: number for number, names in enumerate(floors) for name in names.split()}
    for file in sorted(root.glob("masquerade/**/*.py")):
        for module, name in imports(ast.parse(file.read_bytes())):
            source, target = (each.relative_to(root) for each in (file, file_of(root, module, name)))
            if room(source) != room(target) and floor[room(source)] <= floor[room(target)]:
                yield f"{source} imports {target}"


def test_every_room_has_a_floor() -> None:
    rooms = {room(file.relative_to(ROOT)) for file in ROOT.glob("masquerade/**/*.py")}

    assert sorted(rooms) == sorted(" ".join(FLOORS).split())


def test_arrows_point_down() -> None:
    assert list(not_downwards(ROOT, FLOORS)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from masquerade.cellar import wine", []),
        ("from masquerade.attic.chest import coat", []),  # the same room
        ("def late():\n    from masquerade.roof import tile", ["masquerade/attic/box.py imports masquerade/roof.py"]),
        ("import masquerade.hall", ["masquerade/attic/box.py imports masquerade/hall.py"]),  # the same floor
    ],
)
def test_an_arrow_up_or_to_the_same_floor_is_found(tmp_path: Path, source: str, found: list[str]) -> None:
    (tmp_path / "masquerade/attic").mkdir(parents=True)
    for name in ("cellar", "hall", "roof", "attic/chest"):
        (tmp_path / f"masquerade/{name}.py").touch()
    (tmp_path / "masquerade/attic/box.py").write_text(source)

    assert list(not_downwards(tmp_path, ["cellar", "attic hall", "roof"])) == found
