"""Hash the modules that each stage imports: it reruns when the code behind its numbers changes, not its comments.

Example: python stages/modules.py
"""

from pathlib import Path

import click
from ruamel.yaml import YAML

from masquerade.json_file import write_json
from masquerade.modules import digests, stages
from masquerade.params import load_params
from masquerade.paths import modules


@click.command(help=__doc__)
def main() -> None:
    params = load_params().model_dump(mode="json")
    pipeline = YAML(typ="safe").load(Path("dvc.yaml"))["stages"]
    for name, stage, axes in stages(pipeline, params):
        write_json(modules(name), digests(Path(), stage, axes, params))


if __name__ == "__main__":
    main()
