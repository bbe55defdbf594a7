"""How a gallery of a given size is opened and searched, filled up with synthetic people.

Example: python -m masquerade.recognition.scale build lfw.npz --gallery large.db --records 1000000
         python -m masquerade.recognition.scale measure lfw.npz --gallery large.db

lfw.npz is what ``masquerade embed`` writes. Vectors are locked as templates' are, but nothing is painted: a painting
adds its d_emb, and time at enrolment alone. The key is public.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

import click
import numpy as np
import psutil
from sqlalchemy import insert

from masquerade.errors import InputError
from masquerade.evaluation.identification import recall, tpir_at
from masquerade.gallery.schema import State, subjects, templates
from masquerade.gallery.store import Gallery
from masquerade.keys import Keyring, public_key
from masquerade.lock import Components, Lock
from masquerade.recognition.ann import ApproximateIndex
from masquerade.recognition.calibration import Calibration, Point
from masquerade.recognition.scopes import SCOPES
from masquerade.recognition.system import RecognitionSystem

SYSTEM = "scale"
KEY = public_key(0)
TOGETHER = 10_000
PROBES = 2000
"""Probes of strangers, and as many of people who are enrolled."""
COMPONENTS = 64
WHITENING = 0.5


class People(NamedTuple):
    """Vectors of real people, of whom every second one is enrolled with one image.

    Attributes:
        names: of those who are enrolled (n,).
        enrolled: F of the image of each, (n, m).
        who, mated: names and F of their other images.
        strangers: F of an image of each of the others.
        fill: mean (m,) and a root (m, m) of the covariance of all, for synthetic people.
    """

    names: np.ndarray
    enrolled: np.ndarray
    who: np.ndarray
    mated: np.ndarray
    strangers: np.ndarray
    fill: tuple[np.ndarray, np.ndarray]

    def synthetic(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw unit vectors (count, m) of people who do not exist."""
        mean, root = self.fill
        drawn = mean + rng.standard_normal((count, len(mean))) @ root
        return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class Space:
    """A model whose images are vectors already, and whose templates are locked vectors without a picture."""

    components: Components

    @classmethod
    def of(cls, vectors: np.ndarray) -> Self:
        """Fit the components to vectors (n, m)."""
        return cls(Components.fit(vectors, min(COMPONENTS, vectors.shape[1] - 1), WHITENING))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.components.kernel.tobytes()).hexdigest()

    @property
    def calibration(self) -> Calibration:
        return Calibration(1, [Point(0.5, 4.0, 0.0, 1.0, 0.0)])  # every candidate is listed

    def read(self, name: str, data: bytes, cropped: bool = False) -> np.ndarray:
        return np.frombuffer(data, "<f4")

    def embed(self, images: np.ndarray) -> np.ndarray:
        return images

    def paint(self, vectors: np.ndarray, lock: Lock) -> tuple[list[bytes], np.ndarray]:
        return [b""] * len(vectors), lock.lock(vectors)


def read(file: Path) -> tuple[People, Space]:
    """Read vectors of people.

    Raises:
        InputError: the file does not hold them, or of too few people.
    """
    try:
        with np.load(file) as content:
            names, vectors = content["subjects"], content["vectors"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{file}: is not a file of `masquerade embed`") from error
    found, first, numbers = np.unique(names, return_index=True, return_inverse=True)
    if len(found) < 4:
        raise InputError(f"{file}: has {len(found)} people; 4 are the fewest")
    again = np.setdiff1d(np.flatnonzero(numbers % 2 == 0), first)
    again = np.random.default_rng(0).permutation(again)[:PROBES]
    mean, root = vectors.mean(axis=0), np.linalg.svd(np.cov(vectors, rowvar=False))
    fill = mean, np.sqrt(root.S)[:, None] * root.Vh
    people = People(found[::2], vectors[first[::2]], names[again], vectors[again], vectors[first[1::2]][:PROBES], fill)
    return people, Space.of(vectors)


@click.group(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build and measure."""


VECTORS = click.argument("vectors", type=click.Path(path_type=Path))
GALLERY = click.option("--gallery", required=True, help="A file of SQLite, or the address of a database.")
SCOPE = click.option("--scope", type=click.Choice(list(SCOPES)), default="system", show_default=True)


@main.command()
@VECTORS
@GALLERY
@SCOPE
@click.option("--records", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--image-bytes", type=click.IntRange(0), default=0, show_default=True, help="Size of a stand-in picture.")
def build(vectors: Path, gallery: str, scope: str, records: int, image_bytes: int) -> None:
    """Make a gallery of the real people and as many synthetic ones as are missing."""
    people, space = read(vectors)
    store = Gallery(gallery)
    if store.newest():
        raise InputError(f"gallery {gallery}: is not empty")
    its = SCOPES[scope](SYSTEM, space.components)
    now = datetime.now(UTC)
    fixed = {"model": space.digest, "key_epoch": KEY.epoch, "state": State.ENROLLED, "image": bytes(image_bytes)}
    times = {"enrolled_at": now, "changed_at": now}
    number = 0
    for names, plain in _everybody(people, records):
        numbers = range(number + 1, number + 1 + len(names))
        keys = Keyring(KEY, [its.record(*of) for of in zip(names, numbers, strict=True)])
        locked = Lock(space.components, keys).lock(plain)
        rows = [
            {"id": each, "subject": each, "number": each, "vector": vector.tobytes(), **fixed, **times}
            for each, vector in zip(numbers, locked, strict=True)
        ]
        with store.database.writing() as connection:
            named = zip(numbers, names, strict=True)
            connection.execute(insert(subjects), [{"id": each, "name": name} for each, name in named])
            connection.execute(insert(templates), rows)
        number += len(names)
    click.echo(f"{number} records, {max(0, number - len(people.names))} of them synthetic")


def _everybody(people: People, records: int) -> Iterator[tuple[list[str], np.ndarray]]:
    real = min(records, len(people.names))
    yield people.names[:real].tolist(), people.enrolled[:real]
    rng = np.random.default_rng(1)
    for start in range(0, records - real, TOGETHER):
        count = min(TOGETHER, records - real - start)
        yield [f"synthetic {start + each}" for each in range(count)], people.synthetic(count, rng)


@main.command()
@VECTORS
@GALLERY
@SCOPE
@click.option("--approximate", is_flag=True, help="Also build an index of FAISS, and compare it with the exact search.")
def measure(vectors: Path, gallery: str, scope: str, approximate: bool) -> None:
    """Open a gallery and search it; print what that takes and finds as JSON."""
    people, space = read(vectors)
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    system = RecognitionSystem(SYSTEM, space, KEY, Gallery(gallery, create=False), 0.5, scope)  # type: ignore[arg-type]
    system.refresh()
    result = {
        "scope": scope,
        "records": len(system.matcher),
        "synthetic": len(system.matcher) - len(people.names),
        "start_up_seconds": time.perf_counter() - started,
        "memory_megabytes": (psutil.Process().memory_info().rss - before) / 1e6,
        "process_megabytes": _peak(),
    }
    times = [_milliseconds(system, probe) for probe in people.strangers[:21]]
    result |= {"probe_ms_least": min(times), "probe_ms_median": float(np.median(times)), "probe_ms_largest": max(times)}
    mated, strangers = (system.nearest(probes, 1) for probes in (people.mated, people.strangers))
    identified = {}
    for fpir in (0.01, 0.001):
        try:
            identified[f"{fpir:g}"] = tpir_at(fpir, mated, people.who.tolist(), strangers)._asdict()
        except InputError as error:
            identified[f"{fpir:g}"] = {"refused": error.message}
    result["tpir_at_fpir"] = identified
    if approximate:
        result["approximate"] = _approximate(system, people)
    click.echo(json.dumps(result, indent=2))


def _milliseconds(system: RecognitionSystem, probe: np.ndarray) -> float:
    started = time.perf_counter()
    system.nearest(probe[None], 5)
    return 1000 * (time.perf_counter() - started)


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1e3
    return float("nan")


def _approximate(system: RecognitionSystem, people: People) -> dict[str, float]:
    started = time.perf_counter()
    index = ApproximateIndex(system.matcher.blocks())
    result = {"build_seconds": time.perf_counter() - started}
    probes = system.probes(np.concatenate([people.mated[:100], people.strangers[:100]]))
    exact, _ = system.matcher.nearest_rows(probes, 5)
    for visited in (32, 128, 512):
        index.visited = visited
        started = time.perf_counter()
        found = np.array([index.nearest_rows(probe[None], 5)[0][0] for probe in probes])
        result[f"probe_ms_mean_{visited}_cells"] = 1000 * (time.perf_counter() - started) / len(probes)
        result[f"recall_first_{visited}_cells"] = recall(exact[:, :1], found[:, :1])
        result[f"recall_five_{visited}_cells"] = recall(exact, found)
    return result


if __name__ == "__main__":
    main()
