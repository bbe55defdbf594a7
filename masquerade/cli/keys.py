"""The master secret: create-key, rotate-key."""

from pathlib import Path

import click

from masquerade.cli.options import SYSTEM, Asked, actor, command
from masquerade.cli.records import templates
from masquerade.errors import InputError


@command("create-key", "json")
@click.argument("file", type=click.Path(path_type=Path))
def create_key(asked: Asked, file: Path) -> None:
    """Write a new master secret to FILE, which only you can read.

    A file that exists is never replaced. Keep a copy apart from the gallery: without the key no template can be
    compared, and with it every template can.

    \b
    masquerade create-key ~/masquerade.key
    export MASQUERADE_KEY=~/masquerade.key
    """
    from masquerade.keys import create_key

    epoch = create_key(file).epoch
    asked.say({"file": str(file), "key": epoch}, f"{file}: a new key, {epoch}")


@command("rotate-key", *SYSTEM)
@click.argument("new_key_file", type=click.Path(path_type=Path))
def rotate_key(asked: Asked, new_key_file: Path) -> None:
    """Renew all templates under a new master secret.

    They are made from the templates, without pictures. It can be interrupted and called again. Until it is done,
    keep the old key, which --key names.

    \b
    masquerade create-key new.key
    masquerade rotate-key new.key --key old.key
    export MASQUERADE_KEY=new.key
    """
    from tqdm import tqdm

    from masquerade.keys import read_key

    new = read_key(new_key_file)
    if new.epoch == asked.secret.epoch:
        raise InputError(f"{new_key_file}: is the key that is in use already; create-key makes another one")
    system = asked.recognition()
    moved = sum(1 for _ in tqdm(system.rotate(new, actor()), "renewing", unit=" templates", disable=None))
    asked.say({"renewed": moved, "key": new.epoch}, f"{templates(moved)} renewed; all have key {new.epoch}")
