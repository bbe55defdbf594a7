from pathlib import Path

import pytest

from masquerade.data.tree import Entry, Tree
from masquerade.errors import InputError


def unread() -> bytes:
    raise AssertionError("a file that is refused is not read")


@pytest.mark.parametrize(
    "name", ["Zo\udcebe/1.png", "Ann/\udcff.png", "Ann\n/1.png", "Ann/1\x1b[2J.png", "Ann\0/1.png"]
)
def test_name_that_is_not_utf_8_or_has_control_characters_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        list(Tree(Path("faces"), iter([Entry(name, 3, False, unread)])))

    assert caught.value.message == f"faces: {name!r} is not UTF-8 or has control characters in its name"
    assert caught.value.message.isprintable()


def test_names_of_the_world_are_taken() -> None:
    names = ["Zoë/1.png", "毛泽东/１.png", "می\u200cخواهم/1.png", "O'Brien; & <b>/1 (2).png"]

    tree = Tree(Path("faces"), iter([Entry(name, 3, False, name.encode) for name in names]))

    assert list(tree) == [(name, name.encode()) for name in names]


@pytest.mark.parametrize(("size", "allowed"), [(5_048_576, True), (5_048_577, False), (3 * 2**30, False)])
def test_file_is_refused_by_its_size_before_it_is_read(size: int, allowed: bool) -> None:
    """One megapixel: 4,000,000 bytes of pixels and 1,048,576 for the rest."""
    tree = Tree(Path("faces"), iter([Entry("Ann/1.png", size, False, lambda: b"ann")]), max_megapixels=1)

    if allowed:
        assert list(tree) == [("Ann/1.png", b"ann")]
    else:
        with pytest.raises(InputError, match=rf"faces: Ann/1.png has {size:,} bytes; max_megapixels = 1 allows 5,048,"):
            list(tree)


def test_images_of_one_path_are_refused() -> None:
    with pytest.raises(InputError, match=r"faces: Ann/1.png occurs twice"):
        list(Tree(Path("faces"), iter(2 * [Entry("Ann/1.png", 3, False, lambda: b"ann")])))
