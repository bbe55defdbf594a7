"""Run the service until it is told to stop."""

import socket

import uvicorn

from masquerade.errors import InputError
from masquerade.recognition.model import Model
from masquerade.service.app import create_app
from masquerade.service.observe import log_to_stderr
from masquerade.service.settings import Settings


def serve(settings: Settings, model: Model | None = None) -> None:
    """Answer requests until SIGTERM or SIGINT; then those that run are answered, and no others.

    Args:
        model: None: the one that the settings name.

    Raises:
        InputError: something that the settings name cannot be used, or the port is taken.
    """
    app = create_app(settings, model)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.private_key,
        log_config=None,
        access_log=False,  # Observed writes one without addresses and paths
        server_header=False,
        proxy_headers=False,  # nothing depends on where a request comes from
        limit_concurrency=2 * settings.waiting,  # as many requests may be in memory
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    try:
        config.load()
    except OSError as error:
        raise InputError(
            f"{settings.certificate}: the certificate or its private key cannot be used: {error}"
        ) from error
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise InputError(f"{settings.host}:{settings.port}: cannot be listened to: {error.strerror}") from error
    log_to_stderr()
    with listening:
        uvicorn.Server(config).run(sockets=[listening])
