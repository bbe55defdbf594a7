"""Write the parameters of the section `generator` that one kind of generator reads.

In dvc.yaml, `train_generator` depends on this file, not on the section, so a new α retrains only the kinds that read α.

Example: python stages/shared.py --generator unet
"""

from masquerade.generators import kind
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import shared_parameters
from masquerade.stage import stage


@stage("shared", axes=("generator",), tracked=False)
def main(generator: str, params: Params) -> None:
    shared = params.generator.model_dump(mode="json", include=kind(generator).shared)
    write_json(shared_parameters(generator), shared)


if __name__ == "__main__":
    main()
