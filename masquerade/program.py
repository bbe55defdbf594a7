"""What another program prints; its complaint as one sentence."""

import subprocess
from pathlib import Path

from masquerade.errors import InputError


def output(*command: str, folder: Path | None = None) -> str:
    """Run a program, by default in the current folder, and return what it prints, without white space at the ends.

    Raises:
        InputError: it fails; the message is what it says.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"{' '.join(command)}: {done.stderr.strip() or f'exits with {done.returncode}'}")
    return done.stdout.strip()
