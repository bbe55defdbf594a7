"""Damaged input of every kind is read or is an InputError; where it has a checksum it is read as it was."""

import gzip
import hashlib
import io
import struct
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from fixture_types import Png, TarMode, WriteTar
from PIL import Image

from masquerade.data import folder, mnist
from masquerade.data.archive import members
from masquerade.data.decode import decode
from masquerade.data.image_set import ImageSet
from masquerade.data.pairs_file import read_pairs
from masquerade.data.tree import SUFFIXES, Tree
from masquerade.data.walk import walk
from masquerade.errors import InputError

pytestmark = pytest.mark.slow


def flipped(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """The content with one bit of it flipped, another one each time."""
    for bit in rng.choice(8 * len(content), min(count, 8 * len(content)), replace=False):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


def damaged(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """The content with bits flipped, other bytes, a piece cut out or repeated, or an end missing."""
    yield from flipped(content, rng, count // 2)
    for _ in range(count - count // 2):
        start, end = sorted(rng.integers(0, len(content), 2))
        piece = [b"", content[start:end] * 2, rng.bytes(end - start), bytes(end - start)][rng.integers(4)]
        yield content[:start] + piece + (content[end:] if rng.random() < 0.8 else b"")


@pytest.fixture
def images(rng: np.random.Generator, png: Png) -> dict[str, bytes]:
    names = ["a/1.png", "a/2.png", "b/1.png", "b/2.png"]
    return {name: png(rng.integers(0, 256, (8, 8), dtype=np.uint8)) for name in names}


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of damaged EXIF
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "PPM", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_images(rng: np.random.Generator, kind: str, mode: str) -> None:
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    pixels = rng.integers(0, 256, (12, 16) if mode == "L" else (12, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, kind, exif=exif)
    whole, kept = decode("x", buffer.getvalue(), 8), 0

    for content in damaged(buffer.getvalue(), rng, 300):
        with suppress(InputError):
            image = decode("x", content, 8)
            assert image.dtype == np.uint8
            assert image.shape in ((8, 8, 1), (8, 8, 3))
            assert kind != "PNG" or np.array_equal(image, whole)
            kept += 1

    assert kept < 300


def same(one: ImageSet, other: ImageSet) -> bool:
    return all(np.array_equal(getattr(one, key), getattr(other, key)) for key in ("images", "labels", "names", "files"))


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_one_bit_of_a_compressed_archive(
    tmp_path: Path, rng: np.random.Generator, images: Mapping[str, bytes], write_tar: WriteTar, mode: TarMode
) -> None:
    archive, refused = write_tar(tmp_path / "images.tar", images, mode), 0
    whole = folder.read(archive, 8)

    for content in flipped(archive.read_bytes(), rng, 300):
        archive.write_bytes(content)
        try:
            assert same(folder.read(archive, 8), whole)
        except InputError:
            refused += 1

    assert refused > 200


@pytest.mark.parametrize("style", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_archives_with_valid_checksums(
    tmp_path: Path, rng: np.random.Generator, images: Mapping[str, bytes], style: int
) -> None:
    """Any byte of any header is another one, and the header's checksum is right for it."""
    archive = tmp_path / "images.tar"
    with tarfile.open(archive, "w", format=style) as tar:
        for name, content in images.items():
            member = tarfile.TarInfo(name if style == tarfile.USTAR_FORMAT else f"{80 * 'x'}/{40 * 'Zoë'}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for kind in (tarfile.LNKTYPE, tarfile.SYMTYPE):
            link = tarfile.TarInfo("b/3.png")
            link.type, link.linkname = kind, "a/1.png"
            tar.addfile(link)
    whole = archive.read_bytes()
    headers = [start for start in range(0, len(whole), 512) if whole[start + 257 : start + 262] == b"ustar"]

    for _ in range(400):
        broken, start = bytearray(whole), rng.choice(headers)
        at = start + rng.choice(
            [*range(8), *range(124, 136), 156, *range(157, 165), *range(257, 265), *range(482, 495)]
        )
        other = int(rng.integers(256))
        broken[at] = rng.choice([0, 0x20, 0x30, 0x37, 0x41, 0x4C, 0x53, 0x67, 0x78, 0x80, 0xFF, other])
        broken[start + 148 : start + 156] = b" " * 8
        broken[start + 148 : start + 156] = b"%06o\0 " % sum(broken[start : start + 512])
        archive.write_bytes(broken)
        with suppress(InputError):
            for path, image in Tree(archive, members(archive)):
                assert isinstance(image, bytes)
                assert path.encode()


@pytest.mark.parametrize("compressed", [False, True])
def test_idx_files(tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, compressed: bool) -> None:
    arrays = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((6, 28, 28), (6,), (3, 28, 28), (3,))]
    contents = {}
    for name, array in zip(list(mnist.FILES), arrays, strict=True):
        content = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
        monkeypatch.setitem(mnist.FILES, name, hashlib.md5(content).hexdigest())
        contents[f"{name}.gz" if compressed else name] = gzip.compress(content) if compressed else content
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    whole, refused = mnist.read(tmp_path, 28), 0

    for name, content in contents.items():
        for other in damaged(content, rng, 100):
            (tmp_path / name).write_bytes(other)
            try:
                assert same(mnist.read(tmp_path, 28), whole)
            except InputError:
                refused += 1
        (tmp_path / name).write_bytes(content)

    assert refused > 200


def test_list_of_pairs(tmp_path: Path, rng: np.random.Generator) -> None:
    people = ["Ann_Lee", "Ann_Lee", "Zoë", "Zoë", "Zoë"]
    files = ["Ann_Lee_0001", "Ann_Lee_0002", "Zoë_0001", "Zoë_0002", "Zoë_0003"]
    lines = ["2\t1", "Ann_Lee\t1\t2", "Ann_Lee\t2\tZoë\t1", "Zoë\t2\t3", "Zoë\t3\tAnn_Lee\t1"]
    path = tmp_path / "pairs.txt"

    for content in damaged("".join(f"{line}\n" for line in lines).encode(), rng, 600):
        path.write_bytes(content)
        with suppress(InputError):
            pairs = read_pairs(path, people, files)
            labels = np.array(people)
            np.testing.assert_array_equal(labels[pairs.first] == labels[pairs.second], pairs.mated)
            assert (pairs.first != pairs.second).all()


def test_folders(tmp_path: Path, rng: np.random.Generator, png: Png) -> None:
    """Every file of a tree is an image that is read, or is counted."""
    names = ["1.png", "2.PNG", "3.jpeg", "4.gif", "notes", ".5.png", "6.png.txt", "a.b.webp", "..7", "8.", "'9'.tif"]
    image, folders = png(np.zeros((8, 8), dtype=np.uint8)), ["Ann", "Bo.png", "Zoë", "x y", "d.e"]

    for tree in range(200):
        source = tmp_path / str(tree)
        written = set()
        for _ in range(rng.integers(1, 12)):
            file = source.joinpath(*rng.choice(folders, rng.integers(0, 4)), rng.choice(names))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(image)
            written.add(file.relative_to(source).as_posix())
        entries = Tree(source, walk(source))

        found = dict(entries)

        assert len(found) + entries.skipped.total() == len(written)
        for path in written:
            *above, name = path.split("/")
            wanted = above and not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES
            assert (path in found) == bool(wanted)
