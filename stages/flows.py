"""The three flows of Fig. 4: cancelable, encryption and direct, with what each costs.

Example: python stages/flows.py --modality digits
"""

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.flows import decrypt, encrypt, flows, milliseconds, png
from masquerade.evaluation.pairs import squared_distances
from masquerade.evaluation.templates import load_all
from masquerade.generators import kind
from masquerade.images import to_float
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model
from masquerade.stage import stage
from masquerade.tables import write_csv
from masquerade.tracking import StageRun


@stage("flows")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    test, stored = ImageSet.load(paths.test), load_all(paths, params.generators)
    keyed = {name for name in stored if kind(name).source is not None}
    networks = {"F": load_model(paths.embedder)} | {name: load_model(paths.generator(name)) for name in stored}
    table = flows(test.images, test.labels, test.subjects, stored, keyed)
    write_csv(paths.reports / "flows.csv", table)

    key, image = AESGCM.generate_key(256), test.images[:1]
    encrypted, vector = encrypt(png(image[0]), key), next(iter(stored.values())).real_embeddings[:1]
    parts = {"compare": milliseconds(lambda: squared_distances(vector, vector))}
    parts["decrypt"] = milliseconds(lambda: decrypt(encrypted, key))
    for name, network in networks.items():
        codes = len(network.input_shape) == 2  # of F(X), which must be computed first
        probe = np.ones((1, *network.input_shape[1:])) if codes else to_float(image)
        time = milliseconds(lambda network=network, probe=probe: network.predict_on_batch(probe))  # type: ignore[misc]
        parts[name] = time + (parts["F"] if codes else 0)
    write_json(paths.timing("parts/flows"), parts)
    run.log_metrics({"flows.ms." + name: value for name, value in parts.items()})
    run.log_files(paths.reports / "flows.csv")


if __name__ == "__main__":
    main()
