"""The one exception a user sees."""

import click


class InputError(click.ClickException):
    """Input that cannot be used, in one sentence that names the file, key or row.

    Raised anywhere in the package; under a click command it prints ``Error: <sentence>`` and exits with 1.
    """
