"""The modules of ours that a stage imports and that can change its numbers, with a digest of each.

A stage in dvc.yaml depends on these digests. Listed there by hand, modules would be missing or needless, and DVC reads
and writes dvc.lock after every stage.
"""

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, reduce
from itertools import product
from operator import getitem
from pathlib import Path
from typing import Any

from masquerade.leaves import leaves

PLUMBING = {"arrays", "atomic", "axes", "devices", "errors", "json_file", "leaves", "modules", "params", "paths"} | {
    "plain_yaml", "progress", "quiet", "resume", "saving", "section", "stage", "tables", "tracking"
}  # fmt: skip
"""Modules and packages that read, write and report: they change no number."""

REGISTRIES = {"attacks", "distances", "embedders", "generators"}
"""Packages that import a member, a module or a folder, by its name, such as one of params.yaml."""


def stages(pipeline: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield DVC's name of every stage, such as ``roc@digits``, the stage's own, ``roc``, and its axes.

    Args:
        pipeline: ``stages`` of dvc.yaml.
        params: params.yaml, whose lists are the axes of the matrices, such as ``${alpha_sweep.modalities}``.
    """
    for stage, content in pipeline.items():
        axes = content.get("matrix", {})
        lists = [reduce(getitem, source[2:-1].split("."), params) for source in axes.values()]
        for values in product(*lists):
            name = f"{stage}@{'-'.join(values)}" if values else stage
            yield name, stage, dict(zip(axes, values, strict=True))


def digests(root: Path, stage: str, axes: Mapping[str, str], params: Mapping[str, Any]) -> dict[str, str]:
    """Return file → SHA-256 of its code, for all that ``stages/<stage>.py`` imports, also inside functions.

    Of a registry it is what the axes, the modality's section or the stage's own name. A stage that shows every kind of
    generator depends on their names and colours alone. With the first import of ours Python runs
    ``masquerade/__init__.py``, which sets how TensorFlow computes.
    """
    sections = (params.get(axes.get("modality", ""), {}), params.get(stage, {}))
    named = {value for section in sections for _, value in leaves(section) if isinstance(value, str)}
    named |= set(axes.values())
    found: dict[Path, str] = {}
    queue = [root / f"stages/{stage}.py"]
    while queue:
        file = queue.pop()
        if file in found or _is_plumbing(file.relative_to(root)):
            continue
        found[file], imported = _read(file.read_bytes())
        for module, name in imported:
            its_file = file_of(root, module, name)
            queue += [its_file, root / "masquerade/__init__.py"]
            if its_file.name == "__init__.py" and its_file.parent.name in REGISTRIES:
                queue += _members(its_file.parent, name, named, params["generators"])
    return {str(file.relative_to(root)): found[file] for file in sorted(found)}


@cache
def _read(source: bytes) -> tuple[str, list[tuple[str, str]]]:
    return digest(source), list(imports(ast.parse(source)))


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of every import of ours but those for type checkers."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name("TYPE_CHECKING")):
                continue
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "masquerade":
                yield from ((module, alias.name) for alias in node.names)
            case ast.Import():
                yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] == "masquerade")
            case _:
                yield from imports(node)


def digest(source: bytes) -> str:
    """Return the SHA-256 of what Python runs: comments, docstrings and the layout do not count."""
    return hashlib.sha256(ast.unparse(_WithoutTexts().visit(ast.parse(source))).encode()).hexdigest()


class _WithoutTexts(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node


def _is_plumbing(file: Path) -> bool:
    return file.parts[0] == "masquerade" and Path(file.parts[1]).stem in PLUMBING


def file_of(root: Path, module: str, name: str) -> Path:
    """Return the file that ``from module import name`` runs; ``name`` is empty for ``import module``."""
    stem = module.replace(".", "/")
    files = (f"{stem}/{name}.py", f"{stem}/{name}/__init__.py", f"{stem}.py", f"{stem}/__init__.py")
    return next(root / file for file in files if (root / file).exists())


def _members(package: Path, name: str, named: set[str], kinds: Sequence[str]) -> list[Path]:
    """Return the files of a registry's members, its folders or else its modules, that the import of ``name`` needs.

    Whoever imports the names of modules, or the registry itself, may use each.
    """
    folders = [init.parent for init in package.glob("*/__init__.py")]
    if folders:
        chosen = [file for folder in folders if folder.name in named for file in folder.glob("*.py")]
        return chosen or [folder / "__init__.py" for folder in folders if folder.name in kinds]
    every = name in ("NAMES", package.name)
    return [file for file in package.glob("*.py") if every or (name.islower() and file.stem in named)]
