"""F and a G with keys, and how they are used: what a recognition system is opened with."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from masquerade.data.decode import decode
from masquerade.errors import InputError
from masquerade.json_file import read_json
from masquerade.paths import Paths
from masquerade.recognition.calibration import Calibration
from masquerade.tracking.registered import artifacts, is_address

if TYPE_CHECKING:
    import keras

    from masquerade.lock import Components, Lock


@dataclass(frozen=True)
class ModelFiles:
    """The files of a model; the stage ``package`` writes the last one and gives all of them to MLflow.

    Attributes:
        embedder: F, a .keras file.
        generator: G, which takes codes, a .keras file.
        usage: a .json file: how images are cropped and templates refined, and thresholds.
    """

    embedder: Path
    generator: Path
    usage: Path

    @property
    def digest(self) -> str:
        """SHA-256 of F and G, in hexadecimal."""
        digest = hashlib.sha256()
        for path in (self.embedder, self.generator):
            try:
                digest.update(hashlib.sha256(path.read_bytes()).digest())
            except OSError as error:
                raise InputError(f"{path}: cannot be read: {error.strerror}") from error
        return digest.hexdigest()


def model_files(name: str) -> ModelFiles:
    """Find a model.

    Args:
        name: a modality of this project, such as ``faces``, whose keyed generator is taken; a folder that MLflow has
            saved; or MLflow's address of a registered model, such as ``models:/faces-keyed@champion``.

    Raises:
        InputError: there is no such model.
    """
    if is_address(name):
        return ModelFiles(*artifacts(name, "embedder", "generator", "usage"))
    return _of_project(name)


def _of_project(modality: str) -> ModelFiles:
    paths = Paths(modality)
    usages = sorted(paths.usage("*").parent.glob("*.json"))
    if not usages:
        raise InputError(
            f"model {modality}: neither a modality with a packaged model in models/, nor a model of MLflow"
        )
    return ModelFiles(paths.embedder, paths.generator(usages[0].stem), usages[0])


@dataclass(frozen=True)
class Model:
    """F and G in memory.

    Attributes:
        embedder: F, images (n, h, w, c) → unit vectors (n, m).
        generator: G, codes (n, k) → templates (n, h, w, c).
        refinement: gradient steps on each template at enrolment, see :mod:`masquerade.generators.refine`.
        calibration: thresholds.
        digest: of the files.
        faces: whether the images are faces, which are looked for in photographs; otherwise the largest square is taken.
    """

    embedder: "keras.Model"
    generator: "keras.Model"
    refinement: int
    calibration: Calibration
    digest: str
    faces: bool

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        return self.embedder.input_shape[1:]

    @property
    def components(self) -> "Components":
        """The space in which keys rotate."""
        from masquerade.lock import components_of

        return components_of(self.generator)

    def read(self, name: str, data: bytes, cropped: bool = False) -> np.ndarray:
        """Decode a file to the image that F sees, uint8 (h, w, c).

        Args:
            name: of the file, in errors.
            cropped: the image shows no more than F should see; otherwise its face is looked for, if F knows faces.

        Raises:
            InputError: it is no image, or it does not show one face.
        """
        crop = None
        if self.faces and not cropped:
            from masquerade.data.face import face_crop

            crop = face_crop(name, data, "--cropped if the image shows the face alone")
        return with_channels(decode(name, data, self.shape[0], crop), self.shape[2])

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Return F of uint8 images (n, h, w, c), float32 (n, m)."""
        from masquerade.training import predict

        return predict(self.embedder, images)

    def paint(self, vectors: np.ndarray, lock: "Lock") -> tuple[list[bytes], np.ndarray]:
        """Make templates of embeddings (n, m).

        Args:
            lock: with the keys of the n records.

        Returns:
            T, n .png files, and F(T) of what they show, float32 (n, m).
        """
        from masquerade.generators.distort import paint

        templates = paint(
            self.generator, self.embedder, lock.codes(vectors).astype(np.float32), lock.lock(vectors), self.refinement
        )
        return [png(template) for template in templates], self.embed(templates)


def open_model(name: str) -> Model:
    """Load a model by the name that :func:`model_files` knows.

    Raises:
        InputError: a file is missing or damaged.
    """
    return load(model_files(name))


def load(files: ModelFiles) -> Model:
    """Load a model.

    Raises:
        InputError: a file is missing or damaged.
    """
    usage = read_json(files.usage)
    from masquerade.saving import load_model

    return Model(
        load_model(files.embedder),
        load_model(files.generator),
        usage["refinement"],
        Calibration.of(usage["calibration"]),
        files.digest,
        usage["photographs"] == "face",
    )


def with_channels(image: np.ndarray, channels: int) -> np.ndarray:
    """Return uint8 (h, w, c) with one channel or three, grey by ITU-R 601 as Pillow does."""
    if image.shape[-1] == channels:
        return image
    if channels == 3:
        return np.repeat(image, 3, axis=-1)
    return np.asarray(Image.fromarray(image).convert("L"))[..., None]


def png(template: np.ndarray) -> bytes:
    """Return uint8 (h, w, c) as a .png file."""
    buffer = io.BytesIO()
    Image.fromarray(template.squeeze(-1) if template.shape[-1] == 1 else template).save(buffer, "PNG")
    return buffer.getvalue()


def pixels(files: Sequence[bytes]) -> np.ndarray:
    """Return the contents of .png files of one size, uint8 (n, h, w, c)."""
    images = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
    return np.stack(images).reshape(len(images), *images[0].shape[:2], -1)
