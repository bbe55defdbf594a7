"""List the files that the stages wrote for one modality, with a digest of each: the report depends on these lists.

DVC can loop over stages, but not over the dependencies of a stage.

Example: python stages/contents.py --modality digits
"""

from masquerade.json_file import write_json
from masquerade.outside import digest
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage


@stage("contents", tracked=False)
def main(modality: str, params: Params, paths: Paths) -> None:
    files = sorted(path for path in paths.reports.rglob("*") if path.is_file() and path.name != ".gitignore")
    write_json(paths.contents, {str(path): digest(path) for path in files})


if __name__ == "__main__":
    main()
