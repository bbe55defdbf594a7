"""The page, and the documentation of the requests: files of this package, which load nothing from elsewhere."""

from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from jinja2 import Environment, FileSystemLoader

FOLDER = Path(__file__).parent / "page"

FILES = {
    "/": ("index.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}


def add(app: FastAPI) -> None:
    """Let a service serve the page at ``/`` and its documentation at ``/docs``."""
    for path, (name, kind) in FILES.items():
        answer = (FOLDER / name).read_bytes()
        app.add_api_route(path, _file(answer, kind), include_in_schema=False)

    @cache
    def documentation() -> str:
        template = Environment(loader=FileSystemLoader(FOLDER), autoescape=True).get_template("docs.html.jinja")
        return template.render(schema=app.openapi())

    async def docs() -> Response:
        return Response(documentation(), media_type="text/html")

    app.add_api_route("/docs", docs, include_in_schema=False)


def _file(content: bytes, kind: str) -> Callable[[], Coroutine[Any, Any, Response]]:
    async def answer() -> Response:
        return Response(content, media_type=kind)

    return answer
