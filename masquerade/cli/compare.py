"""A picture against the gallery: verify, identify."""

from pathlib import Path

import click

from masquerade.cli.options import NO_MATCH, PICTURES, Asked, actor, command


@command("verify", *PICTURES)
@click.argument("subject")
@click.argument("image", type=click.Path(path_type=Path))
def verify(asked: Asked, subject: str, image: Path) -> None:
    """Tell whether IMAGE shows SUBJECT. Somebody who is not enrolled does not match.

    \b
    masquerade verify Ada at-the-door.jpg && echo welcome
    masquerade verify Ada at-the-door.jpg --fmr 1e-2 --json
    """
    system = asked.recognition()
    (picture,) = asked.images([image])
    decision = system.verify(subject, picture, actor())
    answer = "match" if decision.matched else "no match"
    asked.say(
        {"subject": subject, **decision._asdict()},
        f"{answer}: d_F {decision.distance:.3f}, threshold {decision.threshold:.3f}",
    )
    _end(decision.matched)


@command("identify", *PICTURES)
@click.argument("image", type=click.Path(path_type=Path))
@click.option("-k", "count", type=click.IntRange(min=1), default=5, show_default=True, help="People to list.")
def identify(asked: Asked, image: Path, count: int) -> None:
    """List the people nearest to a picture.

    Those that match come with others that do not.

    \b
    masquerade identify at-the-door.jpg
    masquerade identify at-the-door.jpg -k 1 --json
    """
    system = asked.recognition()
    (picture,) = asked.images([image])
    found = system.identify(picture, actor(), count)
    lines = [f"{each.distance:.3f}  {'match   ' if each.matched else 'no match'}  {each.subject}" for each in found]
    asked.say([each._asdict() for each in found], "\n".join(lines) or "nobody is enrolled")
    _end(any(each.matched for each in found))


def _end(matched: bool) -> None:
    if not matched:
        click.get_current_context().exit(NO_MATCH)
