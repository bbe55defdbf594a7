"""Hash the files outside the project that params.yaml names: stages that read them rerun when their content changes.

DVC sees only their names, so this stage runs in every `dvc repro`.

Example: python stages/outside.py --modality faces
"""

from masquerade.json_file import write_json
from masquerade.outside import digests
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage


@stage("outside", tracked=False)
def main(modality: str, params: Params, paths: Paths) -> None:
    for key, found in digests(params.modality(modality), params.generators).items():
        write_json(paths.outside(key), found)


if __name__ == "__main__":
    main()
