"""Services with a gallery in SQLite."""

from pathlib import Path
from typing import Any

import pytest
from linear_model import LinearModel
from service_client import OpenService, Service

from masquerade.keys import create_key
from masquerade.service.settings import Settings
from masquerade.service.tokens import Role, create_token


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    """One of each role, and who may enrol and verify."""
    path = tmp_path / "tokens.json"
    made = {str(role): create_token(path, f"the {role}", [role]) for role in Role}
    return made | {"both": create_token(path, "both", [Role.ENROLLER, Role.VERIFIER])}


@pytest.fixture
def settings(tmp_path: Path, tokens: dict[str, str]) -> dict[str, Any]:
    """Of a service whose limits no test reaches by accident."""
    create_key(tmp_path / "key")
    files = {"tokens": tmp_path / "tokens.json", "gallery": str(tmp_path / "gallery.db"), "key": tmp_path / "key"}
    limits = {"rate": 1_000_000, "subject_rate": 1_000_000, "identify_rate": 1_000_000, "failures": 1_000_000}
    return files | limits


@pytest.fixture
def open_service(settings: dict[str, Any], tokens: dict[str, str]) -> OpenService:
    """Open a service: open_service(rate=…)."""

    def opened(model: Any = None, judge: Any = None, **changes: Any) -> Service:
        from masquerade.service.app import create_app

        chosen, model = Settings(**settings | changes), model or LinearModel()
        return Service(create_app(chosen, model, judge), chosen, model, tokens)

    return opened


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service()
