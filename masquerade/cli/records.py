"""What happens to templates later: revoke, renew, list, delete."""

import click

from masquerade.cli.options import GALLERY, SYSTEM, Asked, actor, command


@command("revoke", *GALLERY)
@click.argument("subject")
def revoke(asked: Asked, subject: str) -> None:
    """Let no picture match the templates of SUBJECT any more. No key is needed.

    \b
    masquerade revoke Ada
    """
    _changed(asked, subject, asked.templates().revoke(subject, actor()), "revoked")


@command("delete", *GALLERY)
@click.argument("subject")
def delete(asked: Asked, subject: str) -> None:
    """Revoke and erase all templates of SUBJECT. The log keeps that they were there.

    \b
    masquerade delete Ada
    """
    _changed(asked, subject, asked.templates().delete(subject, actor()), "deleted")


@command("renew", *SYSTEM)
@click.argument("subject", required=False)
@click.option("--all", "everybody", is_flag=True, help="Of all subjects; interrupted, it goes on when called again.")
def renew(asked: Asked, subject: str | None, everybody: bool) -> None:
    """Replace templates by others under new keys.

    They are made from the templates, without pictures. Each renewal adds a small error: people who are there should
    enroll again.

    \b
    masquerade renew Ada
    masquerade renew --all
    """
    if everybody == (subject is not None):
        raise click.UsageError("Give either a SUBJECT or --all.")
    system = asked.recognition()
    if subject is not None:
        _changed(asked, subject, system.renew(subject, actor()), "renewed")
        return
    from tqdm import tqdm

    done = sum(1 for _ in tqdm(system.renew_all(actor()), "renewing", unit=" templates", disable=None))
    asked.say({"renewed": done}, f"{templates(done)} renewed")


@command("list", *GALLERY)
def list_subjects(asked: Asked) -> None:
    """List the subjects and their templates.

    \b
    masquerade list
    masquerade list --json | jq -r '.[].subject'
    """
    import pandas as pd
    from tabulate import tabulate

    rows = asked.templates().summary()
    times = pd.to_datetime(rows["changed_at"], utc=True)  # SQLite's have no time zone
    rows["changed_at"] = times.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = tabulate(rows.to_numpy().tolist(), rows.columns.tolist(), "plain", disable_numparse=True)
    asked.say(rows.to_dict("records"), text if len(rows) else "nobody is enrolled")


def _changed(asked: Asked, subject: str, count: int, how: str) -> None:
    asked.say({"subject": subject, how: count}, f"{subject}: {templates(count)} {how}")


def templates(count: int) -> str:
    """Return ``1 template`` or ``2 templates``."""
    return f"{count} template{'' if count == 1 else 's'}"
