"""Galleries in SQLite and in a real PostgreSQL."""

from pathlib import Path

import numpy as np
import pytest
from gallery_types import NewTemplate
from postgres import Server

from masquerade.gallery.store import Gallery, Template, new_number


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gallery.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.empty("gallery")


@pytest.fixture
def gallery(url: str) -> Gallery:
    return Gallery(url)


@pytest.fixture
def template() -> NewTemplate:
    """Make a template: template(number=…)."""

    def make(number: int | None = None, vector: float = 1.0) -> Template:
        chosen = new_number() if number is None else number
        return Template(chosen, b"\x89PNG", np.full(3, vector, np.float32), "m" * 64, "e" * 16)

    return make
