"""What a gallery survives: kill −9, a full disk, a database that goes away, files of others."""

import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from gallery_types import NewTemplate
from postgres import Server

from masquerade.errors import InputError
from masquerade.gallery.connection import Database
from masquerade.gallery.migrations import NEWEST
from masquerade.gallery.schema import metadata
from masquerade.gallery.store import Gallery

ENDLESS = """
import sys
import numpy as np
from masquerade.gallery.store import Gallery, Template, new_number

gallery = Gallery(sys.argv[1])
while True:
    number = new_number()
    new = [Template(n, b"T" * 5000, np.ones(128, np.float32), "m" * 64, "e" * 16) for n in (number, number ^ 1)]
    gallery.enroll("Ada", new, "me")
    print(number, flush=True)
"""

ON_A_FULL_DISK = """
import resource, signal, sys
import numpy as np
from masquerade.gallery.store import Gallery, Template, new_number

gallery = Gallery(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
while True:
    number = new_number()
    gallery.enroll("Ada", [Template(number, b"T" * 5000, np.ones(128, np.float32), "m" * 64, "e" * 16)], "me")
    print(number, flush=True)
"""


@pytest.mark.slow
def test_killed_enrolment_leaves_all_that_was_said_and_no_half(url: str) -> None:
    Gallery(url)
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    said += [int(line) for line in process.stdout]
    process.wait()

    numbers = [record.number for record in Gallery(url).enrolled("Ada")]
    assert set(said) <= set(numbers)
    assert {number ^ 1 for number in numbers} == set(numbers)  # both of an enrolment, or none
    assert len(numbers) - 2 * len(said) in (0, 2)  # the last one may not have been said
    assert len(Gallery(url).log()) == len(numbers)


@pytest.mark.slow
def test_full_disk_is_a_sentence_and_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gallery.db'}"
    done = subprocess.run([sys.executable, "-c", ON_A_FULL_DISK, url], capture_output=True, text=True)
    said = [int(line) for line in done.stdout.split()]

    assert re.search(r"UnavailableError: gallery .*gallery\.db: cannot be used: .*(full|disk I/O error)", done.stderr)
    assert said
    gallery = Gallery(url)
    assert [record.number for record in gallery.enrolled("Ada")] == said
    assert len(gallery.log()) == len(said)


def test_a_database_that_goes_away_is_a_sentence_and_comes_back(postgres: Server, template: NewTemplate) -> None:
    url = postgres.empty("gallery").replace("postgres@", "postgres:s3cret@")
    gallery = Gallery(url)
    gallery.enroll("Ada", [template()], "me")
    postgres.stop()
    try:
        with pytest.raises(InputError, match=r"^gallery postgresql.*: cannot be used: ") as caught:
            gallery.enrolled("Ada")
        with pytest.raises(InputError, match="cannot be used"):
            gallery.enroll("Ada", [template()], "me")
    finally:
        postgres.start()

    assert "s3cret" not in str(caught.value)
    assert len(gallery.enrolled("Ada")) == 1


def test_tables_are_those_of_the_schema(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    gallery = Gallery(url)
    with gallery.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    folder = Path(sys.modules["masquerade.gallery.migrations"].__file__ or "").parent
    assert ScriptDirectory(str(folder)).get_current_head() == NEWEST


def test_a_newer_gallery_and_other_tables_are_refused(url: str) -> None:
    Gallery(url)
    database = Database(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InputError, match=r"was made by a newer version of masquerade \(9999, not 0001\)$"):
        Gallery(url)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with pytest.raises(InputError, match=r"the database holds other tables than a gallery's$"):
        Gallery(url)


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("no/such/folder/gallery.db", "gallery no/such/folder/gallery.db: there is no folder no/such/folder"),
        ("oracle://me:s3cret@host/x", "gallery oracle://me:\\*\\*\\*@host/x: its driver is not installed"),
        ("mysql+nothing://x", "its driver is not installed"),
        ("://", "the gallery's address cannot be read"),
    ],
)
def test_addresses_that_lead_nowhere_are_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=complaint):
        Gallery(address)


def test_a_gallery_is_not_made_where_one_is_expected(tmp_path: Path, postgres: Server) -> None:
    file = tmp_path / "gallery.db"
    with pytest.raises(InputError, match=r"gallery\.db: there is no such file$"):
        Gallery(str(file), create=False)
    assert not file.exists()
    with pytest.raises(InputError, match=r"^gallery postgresql.*: the database is empty$"):
        Gallery(postgres.url.replace("/postgres?", "/template1?"), create=False)
    Gallery(str(file))
    assert Gallery(str(file), create=False).newest() is None


def test_a_current_folder_that_is_gone_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    with pytest.raises(InputError, match=r"^gallery sqlite:///gallery\.db: cannot be used: No such file or directory$"):
        Gallery("gallery.db")


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "gallery.db"
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match="file is not a database"):
        Gallery(str(file))
    assert file.read_bytes() == b"no database" * 1000


def test_nobody_else_may_read_the_file_and_what_is_deleted_is_gone_from_it(
    tmp_path: Path, template: NewTemplate
) -> None:
    file = tmp_path / "gallery.db"
    gallery = Gallery(str(file))
    gallery.enroll("Ada", [template()], "me")
    gallery.database.engine.dispose()
    assert b"\x89PNG" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600

    gallery.delete("Ada", "me")
    gallery.database.engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"\x89PNG" not in file.read_bytes()
