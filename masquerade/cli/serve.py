"""The service: serve."""

from pathlib import Path
from typing import Any

import click

from masquerade.cli.options import SYSTEM, Asked, command
from masquerade.errors import InputError


@command("serve", *(option for option in SYSTEM if option != "json"))
@click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    default="tokens.json",
    show_default=True,
    help="The file of the tokens and their roles: create-token.",
)
@click.option("--judge", type=click.Path(path_type=Path), help="A .keras file of a judge, for the page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--certificate", type=click.Path(path_type=Path), help="A .pem file, for HTTPS.")
@click.option("--private-key", type=click.Path(path_type=Path), help="Its private key.")
@click.option("--behind-proxy", is_flag=True, help="A proxy speaks HTTPS.")
@click.option("--max-bytes", type=int, default=10_000_000, show_default=True, help="Of a request.")
@click.option("--rate", type=int, default=120, show_default=True, help="Requests a minute of a token.")
@click.option("--subject-rate", type=int, default=20, show_default=True, help="Verifications a minute of a subject.")
@click.option("--identify-rate", type=int, default=20, show_default=True, help="Identifications a minute of a token.")
@click.option("--failures", type=int, default=5, show_default=True, help="Rejections that lock a subject.")
@click.option("--lock-out", type=float, default=900, show_default=True, help="Seconds in which they are counted.")
def serve(asked: Asked, **chosen: Any) -> None:
    """Serve the system and its page until it is stopped.

    \b
    masquerade create-token boss --role admin
    masquerade serve
    masquerade serve --host 0.0.0.0 --port 8443 --certificate cert.pem --private-key key.pem
    """
    try:
        from masquerade.service.serve import serve
        from masquerade.service.settings import Settings
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is not installed: pip install masquerade[serve]") from error
    system = {name: getattr(asked, name) for name in SYSTEM if name != "json"}
    serve(Settings(**system, **chosen))
