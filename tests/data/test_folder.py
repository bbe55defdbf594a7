import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from fixture_types import Png, TarMode, WriteTar, WriteTree
from PIL import Image

from masquerade.data import folder, read
from masquerade.errors import InputError


@pytest.fixture
def files(rng: np.random.Generator, png: Png) -> dict[str, bytes]:
    """Images of two classes whose numbering sorts differently as text, deep in a tree."""
    names = ["top/b/1.png", "top/b/10.png", "top/b/2.png", "top/a/1.png", "top/a/3.png"]
    return {name: png(rng.integers(0, 256, (12, 12), dtype=np.uint8)) for name in names}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_archive_in_any_order_gives_what_the_folder_gives(
    tmp_path: Path,
    files: dict[str, bytes],
    write_tree: WriteTree,
    write_tar: WriteTar,
    mode: TarMode,
) -> None:
    tree = folder.read(write_tree(tmp_path / "tree", files), 12)
    archive = folder.read(write_tar(tmp_path / "images.tar", dict(reversed(files.items())), mode), 12)

    assert tree.names.tolist() == ["a", "b"]
    assert tree.labels.tolist() == [0, 0, 1, 1, 1]
    assert tree.files.tolist() == archive.files.tolist() == ["1", "3", "1", "10", "2"]
    expected = [np.asarray(Image.open(io.BytesIO(files[name]))) for name in sorted(files)]
    np.testing.assert_array_equal(tree.images[..., 0], expected)
    np.testing.assert_array_equal(archive.images, tree.images)
    np.testing.assert_array_equal(archive.labels, tree.labels)


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_what_is_left_out_is_counted_in_one_line(
    tmp_path: Path,
    files: Mapping[str, bytes],
    write_tree: WriteTree,
    write_tar: WriteTar,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    image = files["top/a/1.png"]
    stray = ["cover.png", "top/a/.4.png", "top/.thumbs/1.png", "top/a/1.txt", "top/b/2.TXT", "top/readme.txt"]
    stray += ["top/a/4.gif", "top/a/5.heic", "top/a/5 Anns image", "top/b/6.png~"]
    everything = {**files, **dict.fromkeys(stray, image)}
    write = write_tree if kind == "folder" else write_tar

    assert len(folder.read(write(tmp_path / "images", everything), 12)) == 5

    line = capsys.readouterr().out
    assert line.startswith("skipped: 3 .txt (unsupported format), ")
    assert sorted(line.removeprefix("skipped: ").strip().split(", ")) == [
        "1 .gif (unsupported format)",
        "1 .heic (unsupported format)",
        "1 outside a class folder",
        "2 hidden",
        "2 without a usual suffix",
        "3 .txt (unsupported format)",
    ]


def test_folder_of_nothing_but_unread_formats_says_so(tmp_path: Path, write_tree: WriteTree) -> None:
    with pytest.raises(InputError, match=r"holds no image .*; skipped: 2 .heic \(unsupported format\)"):
        folder.read(write_tree(tmp_path, {"a/1.heic": b"x", "b/2.heic": b"x"}), 12)


def test_class_made_of_several_folders_is_said(
    tmp_path: Path, files: Mapping[str, bytes], write_tree: WriteTree, capsys: pytest.CaptureFixture[str]
) -> None:
    image = files["top/a/1.png"]

    image_set = folder.read(write_tree(tmp_path, {**files, "more/a/9.png": image, "b/8.png": image}), 12)

    assert image_set.names.tolist() == ["a", "b"]
    assert np.bincount(image_set.labels).tolist() == [3, 4]
    assert capsys.readouterr().out == "merged into one class each: b, top/b; more/a, top/a\n"


def test_nothing_is_said_where_nothing_is_left_out(
    tmp_path: Path, files: Mapping[str, bytes], write_tree: WriteTree, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.read(write_tree(tmp_path, files), 12)

    assert capsys.readouterr().out == ""


def test_crop_and_limit_reach_the_images(tmp_path: Path, files: Mapping[str, bytes], write_tree: WriteTree) -> None:
    source = str(write_tree(tmp_path, files))

    whole, part = (read("folder", source, 12 if crop is None else 8, crop) for crop in (None, (3, 11, 1, 9)))

    np.testing.assert_array_equal(part.images, whole.images[:, 3:11, 1:9])
    with pytest.raises(InputError, match=r"top/a/1.png: .* 12×12 pixels, more than max_megapixels = 0.0001"):
        read("folder", source, 12, None, 1e-4)


def test_corrupt_image_is_named(tmp_path: Path, files: dict[str, bytes], write_tree: WriteTree) -> None:
    files["top/a/3.png"] = files["top/a/3.png"][:60]

    with pytest.raises(InputError, match=r"top/a/3.png: is not a readable image"):
        folder.read(write_tree(tmp_path, files), 12)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.6])
def test_truncated_archive_is_refused(
    tmp_path: Path, files: Mapping[str, bytes], write_tar: WriteTar, mode: TarMode, share: float
) -> None:
    archive = write_tar(tmp_path / "images.tar", files, mode)
    content = archive.read_bytes()
    end = 2 * 512 * len(files) if mode == "w" else len(content)  # a header and an image are a block each
    archive.write_bytes(content[: int(share * end)])

    with pytest.raises(InputError, match=r"images.tar: is not a complete tar archive"):
        folder.read(archive, 12)


@pytest.mark.parametrize("name", ["../evil/1.png", "a/../../evil/1.png", "/tmp/evil/1.png"])
def test_member_outside_the_archive_is_refused_and_not_written(
    tmp_path: Path, files: Mapping[str, bytes], write_tar: WriteTar, name: str
) -> None:
    archive = write_tar(tmp_path / "images.tgz", {**files, name: files["top/a/1.png"]})

    with pytest.raises(InputError, match=rf"member {name} points outside the archive"):
        folder.read(archive, 12)

    assert list(tmp_path.iterdir()) == [archive]


def test_source_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no image laid out as class/image.png"):
        folder.read(tmp_path, 12)


def test_grey_images_among_coloured_ones_get_three_equal_channels(
    tmp_path: Path, rng: np.random.Generator, png: Png, write_tree: WriteTree
) -> None:
    grey, colour = rng.integers(0, 256, (12, 12), dtype=np.uint8), rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)

    image_set = folder.read(write_tree(tmp_path, {"a/1.png": png(grey), "a/2.png": png(colour)}), 12)

    np.testing.assert_array_equal(image_set.images[0], np.stack(3 * [grey], axis=-1))
    np.testing.assert_array_equal(image_set.images[1], colour)


def test_source_is_needed_and_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs the parameter source"):
        read("folder", None, 12)
    with pytest.raises(InputError, match=r"source: .*nowhere does not exist"):
        read("folder", str(tmp_path / "nowhere"), 12)


def test_source_that_is_no_folder_or_file_is_refused_unopened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for source in ("/dev/zero", str(tmp_path / "pipe")):
        for dataset in ("folder", "lfw", "orl", "mnist"):
            with pytest.raises(InputError, match=rf"source: {source} is neither a folder nor a file"):
                read(dataset, source, 12)


def test_source_of_an_unknown_user_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"source: ~nobody-of-this-name/faces cannot be read"):
        read("folder", "~nobody-of-this-name/faces", 12)


def test_unknown_data_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"dataset: must be one of mnist5k, mnist, idx, orl, lfw, folder, got 'cifar'"):
        read("cifar", None, 12)


def test_home_folder_is_expanded(
    tmp_path: Path, files: Mapping[str, bytes], write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path / "mine", files)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert len(read("folder", "~/mine", 12)) == 5
