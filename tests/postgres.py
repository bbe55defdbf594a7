"""A PostgreSQL of the tests' own, in a temporary folder, reached by a socket there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
USER = "postgres"


class Server:
    """A server that can be stopped and started again.

    Attributes:
        url: SQLAlchemy's address of its database.
    """

    def __init__(self, folder: Path) -> None:
        found = shutil.which("pg_ctl", path=os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]))
        if found is None:
            pytest.skip("PostgreSQL is not installed: apt install postgresql-15")
        pytest.importorskip("psycopg", reason="pip install masquerade[postgres]")
        self.programs, self.folder = Path(found).parent, folder
        self.url = f"postgresql+psycopg://{USER}@/postgres?host={folder}"
        folder.mkdir(mode=0o755)
        folder.parent.chmod(0o755)  # of tempfile's
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, USER)
        self._run("initdb", "--auth=trust", f"--username={USER}", "--no-sync", "--pgdata", str(folder / "data"))
        self.start()

    def empty(self, name: str) -> str:
        """Return the address of a new database, in the place of an older one of that name."""
        with create_engine(self.url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        return self.url.replace("/postgres?", f"/{name}?")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._control("start", "--options", options, "--log", str(self.folder / "log"))

    def stop(self) -> None:
        """Stop the server, whoever is connected."""
        self._control("stop", "--mode=immediate")

    def _control(self, *command: str) -> None:
        self._run("pg_ctl", *command, "--wait", "--silent", "--pgdata", str(self.folder / "data"))

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_user, str(self.programs / program), *arguments],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
