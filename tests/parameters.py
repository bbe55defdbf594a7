"""Parameters of a project that a test breaks."""

from pathlib import Path

from ruamel.yaml import YAML


def change(root: Path, key: str, value: object) -> None:
    """Set one value of params.yaml: change(root, "generator.alpha", 3)."""
    yaml, file = YAML(typ="safe"), root / "params.yaml"
    params = yaml.load(file.read_text(encoding="utf-8"))
    *sections, last = key.split(".")
    section = params
    for name in sections:
        section = section[name]
    section[last] = value
    file.unlink()  # a link to the finished project's
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(params, stream)
