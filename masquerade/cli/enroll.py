"""Templates of a person: enroll."""

from pathlib import Path

import click

from masquerade.cli.options import PICTURES, Asked, actor, command
from masquerade.cli.records import templates


@command("enroll", *PICTURES)
@click.argument("subject")
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def enroll(asked: Asked, subject: str, images: tuple[Path, ...]) -> None:
    """Store templates of a person.

    Each IMAGE becomes one, or none does, beside those that SUBJECT has. Neither a picture nor what F sees in it is
    stored. The first enrolment makes the gallery.

    \b
    masquerade enroll Ada ada-1.jpg ada-2.jpg
    masquerade enroll Ada crop.png --cropped --json
    """
    from masquerade.gallery.store import checked_name
    from masquerade.recognition.system import RecognitionSystem

    name, secret = checked_name(subject), asked.secret
    pictures = asked.images(images)
    system = RecognitionSystem(asked.system, asked.network, secret, asked.templates(create=True), asked.fmr)
    numbers = system.enroll(name, pictures, actor())
    # As text: a program may read numbers as floats, which have 53 bits.
    asked.say(
        {"subject": name, "records": [str(number) for number in numbers]}, f"{name}: {templates(len(numbers))} enrolled"
    )
