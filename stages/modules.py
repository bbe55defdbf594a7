"""Hash the modules that each stage imports: it reruns when the code behind its numbers changes, not its comments.

Example: python stages/modules.py
"""

from pathlib import Path

from ruamel.yaml import YAML

from masquerade.json_file import write_json
from masquerade.modules import digests, stages
from masquerade.params import Params
from masquerade.paths import modules
from masquerade.stage import stage


@stage("modules", axes=(), tracked=False)
def main(params: Params) -> None:
    read = params.model_dump(mode="json")
    pipeline = YAML(typ="safe").load(Path("dvc.yaml"))["stages"]
    for name, its, axes in stages(pipeline, read):
        write_json(modules(name), digests(Path(), its, axes, read))


if __name__ == "__main__":
    main()
