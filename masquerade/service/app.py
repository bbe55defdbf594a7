"""The requests: enrol, verify, identify, revoke, renew, and what stands around them."""

from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, FastAPI, File, Form, HTTPException, Request, Response, Security, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from masquerade.errors import InputError
from masquerade.gallery.connection import UnavailableError
from masquerade.gallery.store import Gallery, checked_name
from masquerade.keys import read_key
from masquerade.recognisability.features import Features
from masquerade.recognition.model import Model, open_model, pixels, png
from masquerade.recognition.system import RecognitionSystem
from masquerade.service import page
from masquerade.service.body import BodyLimit
from masquerade.service.guard import Guard, route
from masquerade.service.judge import OTHERS, open_judge, opinion
from masquerade.service.observe import LOG, Metrics, Observed
from masquerade.service.settings import Settings
from masquerade.service.tokens import Role
from masquerade.service.worker import Worker

TOGETHER = 20
"""Pictures of one enrolment."""


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Health(BaseModel):
    """The service answers, and so does its database."""

    status: str = "ok"


class Shown(BaseModel):
    """What was made of a picture: kept nowhere but in this answer, the template apart.

    ``crop`` and ``template`` are .png files in base64. The judge puts the template at this ``place`` among ``of``, by
    likeness to the crop; the others are other people's.
    """

    crop: str
    template: str
    place: int | None = None
    of: int | None = None


class Enrolled(BaseModel):
    """How many templates were stored."""

    enrolled: int
    shown: list[Shown] | None = None


class Verified(BaseModel):
    """Whether the picture is of the subject; the distance d_F, 0…4, and its threshold for admins who ask."""

    matched: bool
    distance: float | None = None
    threshold: float | None = None


class Found(BaseModel):
    """One of the people found."""

    subject: str
    matched: bool
    distance: float | None = None


class Identified(BaseModel):
    """The people who match, nearest first; for admins who ask for distances also the nearest others."""

    people: list[Found]


class Changed(BaseModel):
    """How many templates were revoked or renewed."""

    templates: int


Picture = Annotated[UploadFile, File(description="An image file: JPEG, PNG or what else Pillow reads")]
Subject = Annotated[str, Form(description="The name of a person", max_length=10_000)]
Cropped = Annotated[bool, Form(description="The picture shows no more than the face: none is looked for")]
Scores = Annotated[bool, Form(description="Also tell distances; admins only")]


def open_system(settings: Settings, model: Model | None = None) -> RecognitionSystem:
    """Open the system that an operator has chosen.

    Raises:
        InputError: its model, key or gallery cannot be used.
    """
    key, gallery = read_key(settings.key), Gallery(settings.gallery)
    return RecognitionSystem(
        settings.system, model or open_model(settings.model), key, gallery, settings.fmr, settings.scope
    )


def create_app(settings: Settings, model: Model | None = None, judge: Features | None = None) -> FastAPI:
    """Make the service.

    Args:
        model: None: the one that the settings name.
        judge: None: the one that the settings name, if they do.

    Raises:
        InputError: the tokens, the model, the key, the gallery or the judge cannot be used.
    """
    guard, metrics, worker = Guard(settings), Metrics(), Worker(settings.waiting)
    system = open_system(settings, model)
    if judge is None and settings.judge is not None:
        judge = open_judge(settings.judge)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        LOG.info("started")
        yield
        await run_in_threadpool(worker.close)
        system.gallery.database.engine.dispose()
        LOG.info("stopped")

    app = FastAPI(
        title="Masquerade",
        version=version("masquerade"),
        description="Recognition on templates that people cannot recognise.",
        docs_url=None,  # Swagger's page loads its scripts from elsewhere; page.py has one that does not
        redoc_url=None,
        lifespan=life,
        middleware=[
            Middleware(Observed, metrics=metrics),
            Middleware(BodyLimit, max_bytes=settings.max_bytes, max_seconds=settings.max_seconds),
        ],
        exception_handlers={InputError: _refused, RequestValidationError: _unreadable},
    )
    app.state.guard, app.state.system = guard, system

    def router(role: Role | None) -> APIRouter:
        responses: dict[int | str, dict[str, Any]] = {"4XX": {"model": Problem}, 503: {"model": Problem}}
        bearer = Security(HTTPBearer(auto_error=False, description=f"A token of the role {role or 'any'}"))
        return APIRouter(route_class=route(guard, role), responses=responses, dependencies=[bearer])

    enrolling, verifying, watching = router(Role.ENROLLER), router(Role.VERIFIER), router(None)

    @enrolling.post("/enroll", response_model_exclude_none=True)
    async def enroll(
        request: Request,
        subject: Subject,
        pictures: Annotated[list[UploadFile], File(min_length=1, max_length=TOGETHER)],
        cropped: Cropped = False,
        show: Annotated[bool, Form(description="Also answer with the crops and the templates")] = False,
    ) -> Enrolled:
        """Store a template of each picture beside those that the subject has, all or none, and forget the pictures."""
        name, actor = checked_name(subject), request.state.token.name
        files = [await picture.read() for picture in pictures]

        def work() -> Enrolled:
            images = [system.model.read(f"picture {n}", data, cropped) for n, data in enumerate(files, start=1)]
            numbers = system.enroll(name, np.stack(images), actor)
            shown = _shown(images, name, system.gallery.images(name, numbers), system, judge) if show else None
            return Enrolled(enrolled=len(numbers), shown=shown)

        return await worker.run(work)

    @enrolling.post("/crop", response_class=Response, responses={200: {"content": {"image/png": {}}}})
    async def crop(picture: Picture, cropped: Cropped = False) -> Response:
        """Answer with what the system sees of a picture, a .png file. Nothing is stored."""
        data = await picture.read()
        seen = await worker.run(lambda: png(system.model.read("the picture", data, cropped)))
        return Response(seen, media_type="image/png")

    @enrolling.post("/revoke")
    async def revoke(request: Request, subject: Subject) -> Changed:
        """Let no picture match the subject's templates any more."""
        name, actor = checked_name(subject), request.state.token.name
        return Changed(templates=await worker.run(lambda: system.revoke(name, actor)))

    @enrolling.post("/renew")
    async def renew(request: Request, subject: Subject) -> Changed:
        """Replace the subject's templates by others under new keys, without pictures."""
        name, actor = checked_name(subject), request.state.token.name
        return Changed(templates=await worker.run(lambda: system.renew(name, actor)))

    @verifying.post("/verify", response_model_exclude_none=True)
    async def verify(
        request: Request, subject: Subject, picture: Picture, cropped: Cropped = False, scores: Scores = False
    ) -> Verified:
        """Tell whether a picture is of the subject. Somebody unknown is rejected like an impostor."""
        name, token = checked_name(subject), request.state.token
        _admin(scores, token.may(Role.ADMIN))
        data = await picture.read()
        guard.verifying(name)
        try:
            decision = await worker.run(
                lambda: system.verify(name, system.model.read("the picture", data, cropped), token.name)
            )
        except Exception:
            guard.lock_out.forgive(name)  # nothing was told
            raise
        if decision.matched:
            guard.lock_out.forgive(name)
        metrics.decided("verify", decision.matched)
        return Verified(**decision._asdict()) if scores else Verified(matched=decision.matched)

    @verifying.post("/identify", response_model_exclude_none=True)
    async def identify(
        request: Request,
        picture: Picture,
        count: Annotated[int, Form(ge=1, le=100, description="People to name at most")] = 5,
        cropped: Cropped = False,
        scores: Scores = False,
    ) -> Identified:
        """Tell who is on a picture."""
        token = request.state.token
        _admin(scores, token.may(Role.ADMIN))
        data = await picture.read()
        guard.identifying(token)
        people = await worker.run(
            lambda: system.identify(system.model.read("the picture", data, cropped), token.name, count)
        )
        metrics.decided("identify", bool(people) and people[0].matched)
        found = [Found(**person._asdict()) for person in people]
        if not scores:  # the order of those who do not match would tell how near they are
            found = [Found(subject=person.subject, matched=True) for person in people if person.matched]
        return Identified(people=found)

    @watching.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def prometheus() -> Response:
        """Counts and times for Prometheus; nothing in them says who."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/health", responses={503: {"model": Problem}})
    async def health() -> Health:
        """Tell whether the service and its database answer."""
        await run_in_threadpool(system.gallery.check)
        return Health()

    for part in (enrolling, verifying, watching):
        app.include_router(part)
    page.add(app)
    return app


def _shown(
    images: Sequence[np.ndarray],
    subject: str,
    templates: Sequence[bytes],
    system: RecognitionSystem,
    judge: Features | None,
) -> list[Shown]:
    others = system.gallery.others(subject, system.model.digest, OTHERS) if judge else []
    shown = []
    for image, template in zip(images, templates, strict=True):
        files = {"crop": b64encode(png(image)).decode(), "template": b64encode(template).decode()}
        opinions = opinion(judge, pixels([template, *others]), image)._asdict() if judge and others else {}
        shown.append(Shown(**files, **opinions))
    return shown


def _admin(scores: bool, admin: bool) -> None:
    if scores and not admin:
        raise HTTPException(403, "only an admin may ask for scores: they give a template away")


async def _refused(_: Request, error: Exception) -> JSONResponse:
    status = 503 if isinstance(error, UnavailableError) else 400
    # The database's own words may name its address.
    detail = "the gallery cannot be used now: the service's log has more" if status == 503 else str(error)
    if status == 503:
        LOG.error("unavailable", extra={"fields": {"reason": str(error)}})
    return JSONResponse({"detail": detail}, status)


async def _unreadable(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]  # what was sent is not repeated
    return JSONResponse({"detail": f"{first['loc'][-1]}: {first['msg']}"}, 422)
