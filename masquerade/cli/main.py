"""The group of all commands."""

import click

from masquerade.cli.compare import identify, verify
from masquerade.cli.distort import distort
from masquerade.cli.embed import embed
from masquerade.cli.enroll import enroll
from masquerade.cli.keys import create_key, rotate_key
from masquerade.cli.options import EXIT_CODES
from masquerade.cli.records import delete, list_subjects, renew, revoke
from masquerade.cli.serve import serve
from masquerade.cli.tokens import create_token, list_tokens, revoke_token
from masquerade.quiet import without_log

COMPLETION = (
    'Completion in bash: eval "$(_MASQUERADE_COMPLETE=bash_source masquerade)"; zsh_source and fish_source too.'
)


@click.group(epilog=f"{EXIT_CODES}\n\n{COMPLETION}")
@click.version_option(package_name="masquerade")
def masquerade() -> None:
    """Recognise people by templates that say nothing without a key.

    \b
    masquerade create-key ~/masquerade.key
    export MASQUERADE_KEY=~/masquerade.key
    masquerade enroll Ada ada-1.jpg ada-2.jpg
    masquerade verify Ada at-the-door.jpg && echo welcome

    MASQUERADE_KEY, MASQUERADE_MODEL and MASQUERADE_GALLERY stand for --key, --model and --gallery.
    """


for command in (
    *(create_key, distort, embed, enroll, verify, identify),
    *(revoke, renew, list_subjects, delete, rotate_key, serve),
    *(create_token, revoke_token, list_tokens),
):
    masquerade.add_command(command)


def main() -> None:
    """Run the command line."""
    without_log()
    masquerade(prog_name="masquerade")


if __name__ == "__main__":
    main()
