"""Write params.schema.json and docs/parameters.md into the current folder: python -m masquerade.params."""

from pathlib import Path

from masquerade.atomic import replacing
from masquerade.params.load import load_params
from masquerade.params.page import page
from masquerade.params.schema import schema_text
from masquerade.plain_yaml import read_yaml


def main() -> None:
    """Write both from the models and the params.yaml of the current folder."""
    file = Path("params.yaml")
    load_params(file)
    for path, text in (("params.schema.json", schema_text()), ("docs/parameters.md", page(read_yaml(file)))):
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
