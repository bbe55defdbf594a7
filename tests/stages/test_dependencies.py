"""dvc.yaml says what a stage depends on: every module of ours that it imports and that can change what it writes."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT
from ruamel.yaml import YAML

from masquerade.leaves import leaves
from masquerade.plain_yaml import read_yaml

PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")
PARAMS = read_yaml(ROOT / "params.yaml")

PLUMBING = {"arrays", "atomic", "axes", "devices", "errors", "json_file", "leaves", "params", "paths", "plain_yaml"} | {
    "progress", "quiet", "resume", "saving", "section", "stage", "tables", "tracking"
}  # fmt: skip
"""Modules and packages that read, write and report: they change no number."""

REGISTRIES = {"masquerade/distances", "masquerade/embedders", "masquerade/generators"}
"""Packages that import a member when params.yaml names it."""

# Another generator, like another modality, has its own instance of the stage
CHOSEN = {"train_generator": "${item.generator}"} | {
    stage: f"${{{stage}.generator}}" for stage in ("alpha_sweep", "failure_modes")
}


def plumbing(path: str) -> bool:
    return Path(path).with_suffix("").parts[1] in PLUMBING


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of every import but those for type checkers."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name("TYPE_CHECKING")):
                continue
            case ast.ImportFrom(module=str(module)):
                yield from ((module, alias.name) for alias in node.names)
            case ast.Import():
                yield from ((alias.name, "") for alias in node.names)
            case _:
                yield from _imports(node)


@cache
def imported(path: str) -> frozenset[str]:
    """Files of ours that a file imports, also inside a function."""
    found = set()
    for module, name in _imports(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if module.partition(".")[0] == "masquerade":
            stem = module.replace(".", "/")
            files = (f"{stem}/{name}.py", f"{stem}/{name}/__init__.py", f"{stem}.py", f"{stem}/__init__.py")
            found.add(next(file for file in files if (ROOT / file).exists()))
    return frozenset(found)


def members(package: str) -> set[str]:
    """Files of a registry that params.yaml names."""
    named = {value for _, value in leaves(PARAMS) if isinstance(value, str)}
    return {str(file.relative_to(ROOT)) for file in (ROOT / package).glob("*.py") if file.stem in named}


def needed(stage: str) -> set[str]:
    """Files that the script of a stage imports, and what those import."""
    files, queue = set(), [f"stages/{stage}.py"]
    while queue:
        file = queue.pop()
        if file in files or (file.startswith("masquerade") and plumbing(file)):
            continue
        files.add(file)
        queue += imported(file)
        if file.endswith("/__init__.py") and (package := file.removesuffix("/__init__.py")) in REGISTRIES:
            queue += members(package)
            if stage in CHOSEN and package == "masquerade/generators":
                kind = PARAMS.get(stage, {}).get("generator", "*")
                queue += [str(path.relative_to(ROOT)) for path in (ROOT / package).glob(f"{kind}/*.py")]
    return files


def declared(stage: str) -> list[str]:
    """Modules and folders of them that dvc.yaml lists."""
    deps = [dep for dep in PIPELINE["stages"][stage]["deps"] if dep.startswith(("masquerade", "stages"))]
    return [dep for dep in deps if dep.endswith(".py") or "${" in dep or any((ROOT / dep).glob("*.py"))]


def covered(file: str, deps: list[str]) -> bool:
    """A dependency is the file or a folder above it; the folder of a generator is named by the matrix."""
    parts = Path(file).parts
    if parts[:2] == ("masquerade", "generators") and len(parts) == 4:
        return any(dep.startswith("masquerade/generators/${") for dep in deps)
    return any(file == dep or file.startswith(f"{dep}/") for dep in deps)


@pytest.mark.parametrize("stage", PIPELINE["stages"])
def test_what_changes_its_numbers_is_a_dependency(stage: str) -> None:
    assert sorted(file for file in needed(stage) if not covered(file, declared(stage))) == []


@pytest.mark.parametrize("stage", PIPELINE["stages"])
def test_no_dependency_is_beyond_what_it_imports(stage: str) -> None:
    files = needed(stage)
    for dep in (dep for dep in declared(stage) if "${" not in dep):
        package = str(Path(dep).parent)  # what params.yaml does not name now it may name in an experiment
        usable = files | ({dep} if package in REGISTRIES and f"{package}/__init__.py" in files else set())
        assert any(covered(file, [dep]) for file in usable), f"{stage} imports nothing of {dep}"
        if (ROOT / dep).is_dir() and dep not in REGISTRIES:
            every = {str(file.relative_to(ROOT)) for file in (ROOT / dep).glob("*.py")} - {f"{dep}/__init__.py"}
            assert every <= files, f"{stage} does not import all of {dep}"


def test_generators_are_those_of_the_matrix() -> None:
    for stage, name in CHOSEN.items():
        assert f"masquerade/generators/{name}" in declared(stage)


def test_imports_are_found(tmp_path: Path) -> None:
    script: Any = ast.parse(
        "import masquerade.tables\nif TYPE_CHECKING:\n    import keras\n"
        "def f():\n    from masquerade.distances import mse, distance"
    )

    assert set(_imports(script)) == {
        ("masquerade.tables", ""),
        ("masquerade.distances", "mse"),
        ("masquerade.distances", "distance"),
    }
