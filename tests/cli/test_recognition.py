"""Enrol, verify, identify and what happens to templates later, from a shell."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from linear_model import LinearModel

from masquerade.gallery.store import Gallery
from masquerade.keys import create_key, read_key
from masquerade.recognition import model

Call = Callable[..., Result]


def complaint(result: Result) -> str:
    """Return the one sentence of a command that fails."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")


def said(result: Result) -> object:
    assert result.exit_code in (0, 3), result.output
    return json.loads(result.stdout)


def test_a_person_is_enrolled_and_verified(call: Call) -> None:
    result = call("enroll", "Ada", "0-0.png", "0-1.png")
    assert (result.exit_code, result.stdout) == (0, "Ada: 2 templates enrolled\n")

    result = call("verify", "Ada", "0-1.png")
    assert result.exit_code == 0
    assert result.stdout.startswith("match: d_F 0.0")
    result = call("verify", "Ada", "1-0.png")
    assert result.exit_code == 3
    assert result.stdout.startswith("no match: d_F ")
    assert call("verify", "Bo", "0-0.png").exit_code == 3  # is not enrolled


def test_answers_for_programs(enrolled: Call) -> None:
    records = said(enrolled("enroll", "Ada", "6-0.png", "--json"))
    assert isinstance(records, dict)
    assert records["subject"] == "Ada"
    assert [int(number) for number in records["records"]] == [
        record.number for record in Gallery("gallery.db").enrolled("Ada")
    ]
    decision = said(enrolled("verify", "Ada", "6-1.png", "--json"))
    assert isinstance(decision, dict)
    assert decision.keys() == {"subject", "matched", "distance", "threshold"}
    assert (decision["matched"], decision["threshold"]) == (True, 0.4)
    found = said(enrolled("identify", "3-1.png", "-k", "2", "--json"))
    assert isinstance(found, list)
    assert found[0]["subject"] == "person 3"
    assert [each["matched"] for each in found] == [True, False]
    assert said(enrolled("revoke", "Ada", "--json")) == {"subject": "Ada", "revoked": 1}
    assert said(enrolled("delete", "Ada", "--json")) == {"subject": "Ada", "deleted": 1}
    assert said(enrolled("renew", "person 3", "--json")) == {"subject": "person 3", "renewed": 1}
    assert said(enrolled("renew", "--all", "--json")) == {"renewed": 6}
    key = said(enrolled("create-key", "new", "--json"))
    assert key == {"file": "new", "key": read_key(Path("new")).epoch}
    assert said(enrolled("rotate-key", "new", "--json")) == {"renewed": 6, "key": read_key(Path("new")).epoch}
    rows = said(enrolled("list", "--json"))
    assert isinstance(rows, list)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["changed_at"]) for row in rows)
    assert [row["subject"] for row in rows] == ["Ada", *(f"person {number}" for number in range(6))]
    assert [(row["enrolled"], row["revoked"], row["deleted"]) for row in rows] == [
        (0, 0, 1),
        *[(1, 2, 0)] * 3,
        (1, 3, 0),
        *[(1, 2, 0)] * 2,
    ]


def test_identification_lists_the_nearest_first(enrolled: Call) -> None:
    result = enrolled("identify", "3-1.png", "-k", "3")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert len(lines) == 3
    assert lines[0].split(None, 2)[1:] == ["match", "person 3"]
    assert all("no match" in line for line in lines[1:])
    assert enrolled("identify", "9-0.png").exit_code == 3


def test_a_revoked_person_no_longer_matches(enrolled: Call) -> None:
    assert enrolled("revoke", "person 1").stdout == "person 1: 1 template revoked\n"

    assert enrolled("verify", "person 1", "1-1.png").exit_code == 3
    assert enrolled("identify", "1-1.png").exit_code == 3
    assert complaint(enrolled("revoke", "person 1")) == "subject person 1: has no enrolled template"
    assert complaint(enrolled("renew", "person 1")) == "subject person 1: has no enrolled template"


def test_a_deleted_person_is_listed_without_templates(enrolled: Call) -> None:
    assert enrolled("delete", "person 1").stdout == "person 1: 1 template deleted\n"

    header, *rows = enrolled("list").stdout.splitlines()
    assert header.split() == ["subject", "enrolled", "revoked", "deleted", "changed_at"]
    assert rows[1].split()[:5] == ["person", "1", "0", "0", "1"]
    assert complaint(enrolled("delete", "person 1")) == "subject person 1: has no template that could be deleted"


def test_renewed_people_still_match(enrolled: Call) -> None:
    before = [record.number for each in Gallery("gallery.db").all_enrolled() for record in each]
    assert enrolled("renew", "--all").stdout == "6 templates renewed\n"

    after = [record.number for each in Gallery("gallery.db").all_enrolled() for record in each]
    assert not set(before) & set(after)
    assert all(enrolled("verify", f"person {n}", f"{n}-1.png").exit_code == 0 for n in range(6))


def test_one_of_subject_and_all(enrolled: Call) -> None:
    for arguments in ((), ("person 1", "--all")):
        result = enrolled("renew", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.endswith("Error: Give either a SUBJECT or --all.\n")


def test_all_templates_move_to_another_key(enrolled: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = read_key().epoch, create_key(Path("new")).epoch
    assert enrolled("rotate-key", "new").stdout == f"6 templates renewed; all have key {new}\n"

    assert complaint(enrolled("verify", "person 1", "1-1.png")).endswith(
        f"was made with key {new}, and this is key {old}"
    )
    monkeypatch.setenv("MASQUERADE_KEY", "new")
    assert enrolled("verify", "person 1", "1-1.png").exit_code == 0
    assert complaint(enrolled("rotate-key", "new")).startswith("new: is the key that is in use already")
    assert complaint(enrolled("rotate-key", "none")) == "none: the key cannot be read: No such file or directory"


def test_a_key_is_made_once_and_readable_by_its_owner(call: Call) -> None:
    result = call("create-key", "new")

    assert result.stdout == f"new: a new key, {read_key(Path('new')).epoch}\n"
    assert Path("new").stat().st_mode & 0o777 == 0o600
    assert complaint(call("create-key", "new")) == "new: the key cannot be written: File exists"


@pytest.mark.parametrize("command", [("enroll", "Ada", "0-0.png"), ("verify", "person 1", "1-1.png")])
def test_another_key_or_model_is_one_sentence(
    enrolled: Call, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = read_key().epoch, create_key(Path("other")).epoch
    assert complaint(enrolled(*command, "--key", "other")).endswith(
        f": was made with key {ours}, and this is key {other}"
    )
    monkeypatch.setattr(model, "open_model", lambda name: LinearModel("e" * 64))
    assert complaint(enrolled(*command)).endswith(": was made with model dddddddddddd, and this is model eeeeeeeeeeee")


def test_a_key_that_cannot_be_used_is_one_sentence(enrolled: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("key").chmod(0o640)
    sentence = "others may read or change the key: chmod 600"
    assert complaint(enrolled("verify", "person 1", "1-1.png", "--key", "key")) == f"key: {sentence}"
    assert complaint(enrolled("enroll", "Ada", "0-0.png")) == f"the file that MASQUERADE_KEY names: {sentence}"
    monkeypatch.setenv("MASQUERADE_KEY", "c2VjcmV0")  # the secret itself, by mistake
    assert "c2VjcmV0" not in complaint(enrolled("identify", "1-1.png"))
    monkeypatch.delenv("MASQUERADE_KEY")
    assert complaint(enrolled("renew", "--all")) == (
        "no key: set MASQUERADE_KEY to the path of the file with the master secret"
    )
    assert enrolled("revoke", "person 1").exit_code == 0  # needs none


def test_a_gallery_that_is_not_there_is_not_made_by_mistake(call: Call, folder: Path) -> None:
    for command in (
        *(("verify", "Ada", "0-0.png"), ("identify", "0-0.png"), ("list",), ("revoke", "Ada")),
        *(("delete", "Ada"), ("renew", "--all"), ("renew", "Ada")),
    ):
        assert complaint(call(*command, "--gallery", "typo.db")) == "gallery typo.db: there is no such file"
    assert complaint(call("enroll", "Ada", "none.png")) == "none.png: there is no such file"
    assert complaint(call("enroll", "Ada", str(folder))) == f"{folder}: is not a file"
    assert complaint(call("enroll", "Ada", "0-0.png", "key")).startswith("key: is not a readable image: ")
    assert not list(folder.glob("*.db"))


def test_a_picture_among_others_that_cannot_be_read_stores_nothing(enrolled: Call) -> None:
    assert complaint(enrolled("enroll", "person 1", "0-1.png", "key")).startswith("key: is not a readable image")

    assert len(Gallery("gallery.db").enrolled("person 1")) == 1


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE subjects; --", '"', "%", "_", "a\\'b", "Zoë", "渡辺 --json", "{0}", "x" * 200]
)
def test_any_name_is_a_name(enrolled: Call, name: str) -> None:
    assert enrolled("enroll", name, "7-0.png").exit_code == 0
    assert enrolled("verify", name, "7-1.png").exit_code == 0
    assert enrolled("verify", "person 1", "1-1.png").exit_code == 0
    rows = said(enrolled("list", "--json"))
    assert isinstance(rows, list)
    assert name in [row["subject"] for row in rows]
    assert enrolled("delete", name).exit_code == 0
    assert len(rows) == 7


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x" * 10_000, "a subject's name has 10000 characters; 200 are the most"),
        ("", "a subject's name is empty, or begins or ends with a space"),
        ("a\x1b[2J", "subject 'a\\x1b[2J': has characters that cannot be shown"),
        ("\udcff", "subject '\\udcff': has characters that cannot be shown"),
    ],
)
def test_what_is_no_name_is_one_sentence(enrolled: Call, name: str, sentence: str) -> None:
    for command in (
        *(("enroll", name, "0-0.png"), ("verify", name, "0-0.png")),
        *(("revoke", name), ("renew", name), ("delete", name)),
    ):
        assert complaint(enrolled(*command)) == sentence


def test_an_fmr_that_cannot_be_told_is_one_sentence(enrolled: Call) -> None:
    assert "cannot be told from 1000 impostor comparisons" in complaint(
        enrolled("verify", "person 1", "1-1.png", "--fmr", "1e-6")
    )
    decision = said(enrolled("verify", "person 1", "1-1.png", "--fmr", "0.1", "--json"))
    assert isinstance(decision, dict)
    assert decision["threshold"] == 1.0
    assert enrolled("verify", "person 1", "1-1.png", "--fmr", "often").exit_code == 2


def test_a_password_is_never_shown(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+psycopg://me:s3cret@127.0.0.1:1/gallery"
    for command in (("enroll", "Ada", "0-0.png"), ("list",), ("verify", "Ada", "0-0.png")):
        assert "s3cret" not in complaint(call(*command, "--gallery", url))
    monkeypatch.setenv("MASQUERADE_GALLERY", url.replace("psycopg", "nothing"))
    for arguments in (("list",), ("verify", "--help"), ("list", "--nothing")):
        result = call(*arguments)
        assert "s3cret" not in result.output
        assert "s3cret" not in str(result.exception)


@pytest.mark.parametrize("cropped", [True, False])
def test_cropped_reaches_the_model(call: Call, monkeypatch: pytest.MonkeyPatch, cropped: bool) -> None:
    given: list[bool] = []
    plain = LinearModel.read

    def read(self: LinearModel, name: str, data: bytes, cropped: bool = False) -> np.ndarray:
        given.append(cropped)
        return plain(self, name, data)

    monkeypatch.setattr(LinearModel, "read", read)
    for command in (
        ("enroll", "Ada", "0-0.png"),
        ("verify", "Ada", "0-1.png"),
        ("identify", "0-1.png"),
        ("embed", "0-0.png", "--out", "vectors.npz"),
        ("distort", "0-0.png", "--out", "templates"),
    ):
        result = call(*command, *["--cropped"] * cropped)
        assert result.exit_code == 0, result.output
    assert given == [cropped] * 5
