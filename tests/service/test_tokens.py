"""A file with hashes of tokens, for its owner alone."""

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.service import tokens
from masquerade.service.tokens import Role, Tokens, create_token, read_tokens, revoke_token


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_a_token_is_shown_once_and_never_stored(path: Path) -> None:
    secret = create_token(path, "front door", ["verifier"])

    assert re.fullmatch(r"mq_[\w-]{43}", secret)  # 256 bits
    assert secret not in path.read_text()
    assert secret[3:] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (found,) = read_tokens(path)
    assert Tokens(path).find(secret) == found
    assert (found.name, set(found.roles)) == ("front door", {Role.VERIFIER})
    assert timedelta(89.9) < found.expires_at - datetime.now(UTC) < timedelta(90)


def test_only_the_token_itself_is_known(path: Path) -> None:
    secret = create_token(path, "a", ["admin"])
    known = Tokens(path)

    (stored,) = json.loads(path.read_text())["tokens"]
    for other in ("", secret[:-1], secret + "x", secret.upper(), stored["sha256"], "\udcff"):
        assert known.find(other) is None


def test_an_admin_may_do_everything_and_others_what_they_are_for(path: Path) -> None:
    create_token(path, "a", ["admin"])
    create_token(path, "e", ["enroller"])
    create_token(path, "both", ["enroller", "verifier"])

    may = {token.name: {str(role) for role in Role if token.may(role)} for token in read_tokens(path)}
    assert may == {"a": {"admin", "enroller", "verifier"}, "e": {"enroller"}, "both": {"enroller", "verifier"}}


def test_a_revoked_token_is_refused_at_once(path: Path) -> None:
    first, second = create_token(path, "a", ["admin"]), create_token(path, "b", ["admin"])
    known = Tokens(path)
    assert known.find(first) is not None
    revoke_token(path, "a")

    assert known.find(first) is None
    assert known.find(second) is not None
    with pytest.raises(InputError, match=r"^token a: there is none of that name in .*tokens\.json$"):
        revoke_token(path, "a")


def test_a_token_expires_and_no_clock_brings_it_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = create_token(path, "a", ["admin"], days=1)
    seconds = 1000.0
    known = Tokens(path, clock=lambda: seconds)

    class Moved(datetime):
        ahead = timedelta(0)

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + cls.ahead

    monkeypatch.setattr(tokens, "datetime", Moved)
    seconds += 86_000
    assert known.find(secret) is not None
    seconds += 500
    assert known.find(secret) is None  # although the clock on the wall has not moved
    seconds -= 80_000
    Moved.ahead = timedelta(days=1)
    assert known.find(secret) is None  # it has, while the machine slept


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_file_that_others_may_use_is_refused(path: Path, mode: int) -> None:
    secret = create_token(path, "a", ["admin"])
    known = Tokens(path)
    path.chmod(mode)

    with pytest.raises(InputError, match=r"tokens\.json: others may read or change the tokens: chmod 600$"):
        known.find(secret)


def test_a_missing_or_damaged_file_is_a_sentence(path: Path) -> None:
    with pytest.raises(InputError, match=r"tokens\.json: the tokens cannot be read: No such file or directory$"):
        Tokens(path)
    for content in (b"", b"{", b"[]", b'{"tokens": [{}]}', b'{"tokens": 3}', b"[" * 100_000):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(InputError, match=r"tokens\.json: is not a file of tokens$"):
            read_tokens(path)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"tokens\.json: the tokens cannot be read: "):
        read_tokens(path)


@pytest.mark.parametrize("name", ["", "a" * 65, " a", "a\n", "a'; --", "../a", "a\x00"])
def test_names_are_checked(path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"a name has 1 to 64 letters, digits, spaces"):
        create_token(path, name, ["admin"])
    assert not path.exists()


def test_unknown_roles_and_days_are_refused(path: Path) -> None:
    with pytest.raises(
        InputError, match=r"^token a: 'king' is not a valid Role; the roles are enroller, verifier, admin$"
    ):
        create_token(path, "a", ["king"])
    for roles, days in [([], 1.0), (["admin"], 0.0), (["admin"], -1.0)]:
        with pytest.raises(InputError, match=r"^token a: needs a role, and a day or more$"):
            create_token(path, "a", roles, days)
    with pytest.raises(InputError, match=r"^token a: "):
        create_token(path, "a", ["admin"], 1e9)
    with pytest.raises(InputError, match=r"there is no folder .*nowhere$"):
        create_token(path.parent / "nowhere" / "tokens.json", "a", ["admin"])
    create_token(path, "a", ["admin"])
    with pytest.raises(InputError, match=r"^token a: there is one of that name in "):
        create_token(path, "a", ["admin"])


def test_tokens_that_are_made_at_once_are_all_kept(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: create_token(path, f"n{number}", ["admin"]), range(20)))

    assert {token.name for token in read_tokens(path)} == {f"n{number}" for number in range(20)}
