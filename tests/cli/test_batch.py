"""Distort and embed what lies in files, folders and archives."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from filelock import FileLock
from fixture_types import WriteTar, WriteTree
from linear_model import LinearModel
from PIL import Image

from masquerade.data.decode import decode
from masquerade.evaluation.pairs import squared_distances
from masquerade.keys import Keyring, Record, create_key, read_key
from masquerade.lock import Lock

Call = Callable[..., Result]

TREE = {"ada/1.png": "0-0", "ada/2.png": "0-1", "more/bo/1.png": "1-0", "top.png": "2-0"}


@pytest.fixture
def files(folder: Path) -> dict[str, bytes]:
    return {path: (folder / f"{name}.png").read_bytes() for path, name in TREE.items()}


@pytest.fixture
def people(folder: Path, files: dict[str, bytes], write_tree: WriteTree) -> Path:
    """A folder with four images, a text and a hidden file."""
    return write_tree(folder / "people", {**files, "notes.txt": b"x", "ada/.hidden.png": b"x"})


def vector(file: Path) -> np.ndarray:
    """F of what a file shows."""
    return LinearModel().embed(decode("", file.read_bytes(), 8)[None])


def outputs(folder: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*.png"))


def test_templates_lie_in_the_same_folders_and_nothing_is_left_out_in_silence(call: Call, people: Path) -> None:
    result = call("distort", "people", "--out", "out")

    assert result.exit_code == 0
    assert result.stdout in {
        f"4 made, 0 were there, 0 failed, skipped: {reasons}\n"
        for reasons in ("1 hidden, 1 .txt (unsupported format)", "1 .txt (unsupported format), 1 hidden")
    }
    assert outputs("out") == sorted(TREE)


def test_a_template_says_which_key_opens_it(call: Call, people: Path) -> None:
    assert call("distort", "people", "--out", "out", "--system", "door").exit_code == 0
    for path, subject in (("ada/1.png", "ada"), ("more/bo/1.png", "bo"), ("top.png", "people")):
        with Image.open(Path("out") / path) as image:
            text = image.info
        assert (text["subject"], text["system"]) == (subject, "door")
        assert (text["model"], text["key"]) == (LinearModel().digest, read_key().epoch)
        record = Record("door", subject, int(text["number"]))
        lock = Lock(LinearModel().components, Keyring(read_key(), [record]))
        seen, real = vector(Path("out") / path), vector(people / path)
        assert squared_distances(lock.unlock(seen), real).item() < 0.05
        assert squared_distances(seen, real).item() > 0.2  # locked it is another direction


def test_what_is_there_is_not_made_again(call: Call, people: Path) -> None:
    call("distort", "people/ada", "--out", "out")
    before = (Path("out") / "1.png").read_bytes()

    (Path("out") / "2.png").unlink()
    result = call("distort", "people/ada", "--out", "out", "--json")
    counts = {"made": 1, "resumed": 1, "skipped": {"hidden": 1}, "failed": []}
    assert json.loads(result.stdout) == counts
    assert (Path("out") / "1.png").read_bytes() == before


def test_templates_of_another_key_are_not_mistaken_for_these(call: Call, people: Path) -> None:
    assert call("distort", "people/ada", "--out", "out").exit_code == 0
    create_key(Path("other"))
    (Path("out") / "1.png").write_bytes(b"damaged")

    result = call("distort", "people/ada", "--out", "out", "--key", "other")
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if "Error" in line] == [
        *(f"Error: out/{n}.png: is there, and was not made with this model, key and system" for n in (1, 2)),
        "Error: 2 of 2 could not be used, see above",
    ]


@pytest.mark.parametrize("command", [("distort", "--out", "out"), ("embed", "--out", "out.npz")])
def test_what_cannot_be_read_is_listed_and_the_rest_is_done(
    call: Call, people: Path, command: tuple[str, ...], write_tar: WriteTar, files: dict[str, bytes]
) -> None:
    (people / "ada" / "1.png").write_bytes(b"no image")
    (people / "ada" / "3.png").symlink_to("nowhere")
    write_tar(Path("cut.tar"), {f"cut/{path}": content for path, content in files.items()}, "w")
    Path("cut.tar").write_bytes(Path("cut.tar").read_bytes()[:-9000])

    result = call(*command, "people", "cut.tar", "3-0.png", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    image, link, archive = found["failed"]
    assert link == "people: 'people/ada/3.png' is a link to no file"
    assert image.startswith("people/ada/1.png: is not a readable image: ")
    assert archive.startswith("cut.tar: is not a complete tar archive: ")
    assert all(f"Error: {sentence}" in result.stderr for sentence in found["failed"])
    done = found.get("made", found.get("embedded"))
    assert done >= 4  # three of the folder, one of its own, and what the archive had before its end
    assert result.stderr.splitlines()[-1] == f"Error: 3 of {done + 3} could not be used, see above"


def test_archives_are_read_as_folders_are(call: Call, files: dict[str, bytes], write_tar: WriteTar) -> None:
    write_tar(Path("people.tar.gz"), files)

    assert call("distort", "people.tar.gz", "--out", "out").exit_code == 0
    assert outputs("out") == sorted(TREE)
    with Image.open("out/top.png") as image:
        assert image.info["subject"] == "people"


def test_two_images_do_not_become_one_template(call: Call, people: Path) -> None:
    Image.open(people / "ada" / "1.png").save(people / "ada" / "1.bmp")

    for made in (4, 0):  # the second time as the first
        result = call("distort", "people", "--out", "out", "--json")
        assert result.exit_code == 1
        assert json.loads(result.stdout)["made"] == made
        assert json.loads(result.stdout)["failed"] == [
            "people/ada/1.png: becomes out/ada/1.png, and so does another image"
        ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("none", "--out", "out"), "none: does not exist"),
        (("/dev/null", "--out", "out"), "/dev/null: is not a file or folder"),
        (("people", "--out", "people/out"), "people/out: lies in people, and its templates would be distorted next"),
        (("people", "--out", "key/out"), "key/out: cannot be written: Not a directory"),
        (("empty", "--out", "out"), "there is no image in what was given"),
        (("people", "--out", "busy"), "busy: another process is writing there"),
    ],
)
def test_one_sentence_and_no_template(call: Call, people: Path, arguments: tuple[str, ...], sentence: str) -> None:
    for name in ("empty", "busy"):
        Path(name).mkdir()
    with FileLock("busy/.lock"):
        result = call("distort", *arguments)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"Error: {sentence}")
    assert not list(people.rglob("out"))
    assert not list(Path("busy").glob("*.png"))


def test_vectors_with_paths_and_subjects(call: Call, people: Path) -> None:
    result = call("embed", "people", "3-0.png", "--out", "vectors.npz")

    assert result.exit_code == 0
    assert result.stdout.startswith("5 embedded, 0 failed, skipped: ")
    assert Path("vectors.npz").stat().st_mode & 0o777 == 0o600
    with np.load("vectors.npz") as found:
        assert set(found["paths"]) == {*TREE, "3-0.png"}
        row = list(found["paths"]).index("more/bo/1.png")
        assert found["subjects"][row] == "bo"
        np.testing.assert_allclose(found["vectors"][row], vector(people / "more/bo/1.png")[0], atol=1e-6)
    assert call("embed", "people", "--out", "vectors.csv").exit_code == 2
    assert call("embed", "none", "--out", "other.npz").exit_code == 1
    assert not Path("other.npz").exists()
