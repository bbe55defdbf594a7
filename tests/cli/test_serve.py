"""What `masquerade serve` starts, and the tokens of its users."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from masquerade.service.settings import Settings
from masquerade.service.tokens import Role, Tokens

Call = Callable[..., Result]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Settings of services that would have been started."""
    pytest.importorskip("prometheus_client", reason="pip install masquerade[serve]")
    pytest.importorskip("python_multipart", reason="pip install masquerade[serve]")
    from masquerade.service import serve

    settings: list[Settings] = []
    monkeypatch.setattr(serve, "serve", settings.append)
    return settings


def test_settings_of_the_service_are_those_of_the_command(call: Call, served: list[Settings]) -> None:
    result = call("serve", "--port", "9000", "--system", "door", "--fmr", "0.01", "--key", "key", "--failures", "3")

    assert result.exit_code == 0, result.output
    chosen: dict[str, Any] = {"port": 9000, "system": "door", "fmr": 0.01, "key": Path("key"), "failures": 3}
    assert served == [Settings(Path("tokens.json"), **chosen)]


def test_defaults_are_those_of_the_service(call: Call, served: list[Settings]) -> None:
    assert call("serve").exit_code == 0
    assert served == [Settings(Path("tokens.json"))]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--certificate", "cert.pem"), "TLS needs both a certificate and its private key"),
        (("--host", "0.0.0.0"), "on 0.0.0.0 others could read tokens and pictures: give a certificate"),
        (("--rate", "0"), "rate: is 0, and must be above 0"),
    ],
)
def test_an_open_service_is_refused(
    call: Call, served: list[Settings], options: tuple[str, ...], sentence: str
) -> None:
    result = call("serve", *options)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}")
    assert served == []


def test_what_is_missing_is_one_sentence(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "masquerade.service.serve", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = call("serve", "--tokens", "tokens")

    assert result.exit_code == 1
    assert result.stderr == "Error: uvicorn is not installed: pip install masquerade[serve]\n"


def test_a_token_is_printed_once_listed_without_its_text_and_revoked(call: Call) -> None:
    made = call("create-token", "front door", "--role", "verifier", "--role", "enroller", "--days", "2")
    secret = made.stdout.strip()
    found = Tokens(Path("tokens.json")).find(secret)
    assert found is not None
    assert set(found.roles) == {Role.VERIFIER, Role.ENROLLER}

    listed = call("list-tokens").stdout
    assert listed.startswith("front door: enroller, verifier, until 20")
    assert secret not in listed
    assert json.loads(call("list-tokens", "--json").stdout)[0]["name"] == "front door"
    assert call("create-token", "front door", "--role", "admin").exit_code == 1
    assert call("create-token", "boss", "--role", "king").exit_code == 2
    assert call("revoke-token", "front door").stdout == "front door: revoked\n"
    assert Tokens(Path("tokens.json")).find(secret) is None
    assert call("revoke-token", "front door").stderr.startswith("Error: token front door: there is none of that name")
