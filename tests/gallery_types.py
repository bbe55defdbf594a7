"""Types of the gallery's fixtures."""

from typing import Protocol

from masquerade.gallery.store import Template


class NewTemplate(Protocol):
    def __call__(self, number: int | None = ..., vector: float = ...) -> Template: ...
