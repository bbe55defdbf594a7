"""Who may use the service: create-token, revoke-token, list-tokens."""

from pathlib import Path

import click

from masquerade.cli.options import Asked, command

TOKENS = click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    default="tokens.json",
    show_default=True,
    help="The file of the tokens and their roles.",
)


@command("create-token", "json")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    type=click.Choice(["enroller", "verifier", "admin"]),
    multiple=True,
    required=True,
    help="What it is for; can be given twice.",
)
@click.option("--days", type=float, default=90, show_default=True, help="That it is good for.")
@TOKENS
def create_token(asked: Asked, name: str, roles: tuple[str, ...], days: float, tokens: Path) -> None:
    """Print a new token of the service, once.

    The file keeps its hash. Nobody can read the token again.

    \b
    masquerade create-token "front door" --role verifier
    masquerade create-token reception --role enroller --role verifier --days 30
    """
    from masquerade.service.tokens import create_token

    secret = create_token(tokens, name, roles, days)
    asked.say({"name": name, "roles": sorted(roles), "token": secret}, secret)


@command("revoke-token", "json")
@click.argument("name")
@TOKENS
def revoke_token(asked: Asked, name: str, tokens: Path) -> None:
    """Let the service refuse a token from now on.

    \b
    masquerade revoke-token "front door"
    """
    from masquerade.service.tokens import revoke_token

    revoke_token(tokens, name)
    asked.say({"name": name, "revoked": True}, f"{name}: revoked")


@command("list-tokens", "json")
@TOKENS
def list_tokens(asked: Asked, tokens: Path) -> None:
    """List the tokens of the service, not their texts.

    \b
    masquerade list-tokens
    """
    from masquerade.service.tokens import read_tokens

    rows = [
        {"name": token.name, "roles": sorted(token.roles), "expires_at": token.expires_at.isoformat(timespec="minutes")}
        for token in read_tokens(tokens)
    ]
    asked.say(rows, "\n".join(f"{row['name']}: {', '.join(row['roles'])}, until {row['expires_at']}" for row in rows))
