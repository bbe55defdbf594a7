"""The service: serve."""

from pathlib import Path

import click

from masquerade.cli.options import SYSTEM, Asked, command
from masquerade.errors import InputError


@command("serve", *(option for option in SYSTEM if option != "json"))
@click.option(
    "--tokens", type=click.Path(path_type=Path), required=True, help="The file of the tokens and their roles."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--tls-cert", type=click.Path(path_type=Path), help="A certificate, for HTTPS.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="Its private key.")
def serve(asked: Asked, tokens: Path, host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Serve the system and its page until it is stopped.

    \b
    masquerade serve --tokens tokens.json
    masquerade serve --tokens tokens.json --host 0.0.0.0 --port 8443 --tls-cert cert.pem --tls-key key.pem
    """
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together.")
    try:
        import uvicorn

        from masquerade.service.app import create_app  # type: ignore[import-untyped]
        from masquerade.service.settings import Settings  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is not installed: pip install masquerade[serve]") from error
    settings = Settings(
        model=asked.model, gallery=asked.gallery, key=asked.key, system=asked.system, fmr=asked.fmr, tokens=tokens
    )
    uvicorn.run(create_app(settings), host=host, port=port, ssl_certfile=tls_cert, ssl_keyfile=tls_key)
