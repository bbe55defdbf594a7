"""Digests of files that the project does not have: DVC sees their names in params.yaml, not their content."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from masquerade.params import Modality


def digests(section: Modality, generators: Iterable[str]) -> dict[str, dict[str, str | None]]:
    """Digest what a section of params.yaml names outside the project.

    Returns:
        For ``source``, ``pairs``, ``embedder_weights`` and each generator the SHA-256 of every file or folder it names,
        by its name; None for one that is not there: whatever reads it says so.
    """
    named = {key: getattr(section, key) for key in ("source", "pairs", "embedder_weights")}
    files = {key: [value] * (value is not None) for key, value in named.items()}
    files |= {generator: section.settings(generator).files for generator in generators}
    return {key: {name: digest(Path(name).expanduser()) for name in names} for key, names in files.items()}


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, or of the names and contents of all files in a folder; None for anything else."""
    found = hashlib.sha256()
    try:
        if path.is_dir():
            for file in sorted(file for file in path.rglob("*") if file.is_file()):
                found.update(f"{file.relative_to(path)}\0{digest(file)}\n".encode())
        elif path.is_file():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        else:
            return None
    except OSError:  # whatever reads it says why it cannot be read
        return None
    return found.hexdigest()
