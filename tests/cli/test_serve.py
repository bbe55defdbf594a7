"""What `masquerade serve` starts."""

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

Call = Callable[..., Result]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Calls of uvicorn.run(), which returns at once; an application shows the settings that it was made with."""
    calls: list[Any] = []
    uvicorn, app, settings = (ModuleType(name) for name in ("uvicorn", "app", "settings"))
    uvicorn.run = lambda made, **options: calls.append((vars(made), options))  # type: ignore[attr-defined]
    app.create_app = lambda settings: settings  # type: ignore[attr-defined]
    settings.Settings = SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "uvicorn", uvicorn)
    monkeypatch.setitem(sys.modules, "masquerade.service", ModuleType("service"))
    monkeypatch.setitem(sys.modules, "masquerade.service.app", app)
    monkeypatch.setitem(sys.modules, "masquerade.service.settings", settings)
    return calls


def test_settings_of_the_service_are_those_of_the_command(call: Call, served: list[Any]) -> None:
    result = call("serve", "--tokens", "tokens", "--port", "9000", "--system", "door", "--fmr", "0.01", "--key", "key")

    assert result.exit_code == 0, result.output
    ((settings, options),) = served
    assert {name: str(value) for name, value in settings.items()} == {
        **{"model": "faces", "gallery": "gallery.db", "key": "key"},
        **{"system": "door", "fmr": "0.01", "tokens": "tokens"},
    }
    assert options == {"host": "127.0.0.1", "port": 9000, "ssl_certfile": None, "ssl_keyfile": None}


def test_certificate_and_key_belong_together(call: Call, served: list[Any]) -> None:
    assert call("serve", "--tokens", "tokens", "--tls-cert", "cert.pem").exit_code == 2
    assert served == []


def test_what_is_missing_is_one_sentence(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = call("serve", "--tokens", "tokens")

    assert result.exit_code == 1
    assert result.stderr == "Error: uvicorn is not installed: pip install masquerade[serve]\n"
