"""What happens to templates, in SQLite and in PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from gallery_types import NewTemplate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from masquerade.errors import InputError
from masquerade.gallery.store import Gallery, checked_name, new_number

HOSTILE = ["'; DROP TABLE templates; --", '" OR 1=1', "%", "_", "Robert\\'); --", "Ada’s 🦊", "\\x00", "NULL", "1e5"]


def states(gallery: Gallery, subject: str) -> list[int]:
    """Enrolled, revoked and deleted templates of a subject."""
    rows = gallery.summary().drop(columns="changed_at").to_numpy().tolist()
    return next(counts for name, *counts in rows if name == subject)


def actions(gallery: Gallery) -> list[tuple[str, str, str]]:
    return list(gallery.log()[["actor", "action", "subject"]].itertuples(index=False, name=None))


def test_templates_come_back_as_they_were_stored(gallery: Gallery, template: NewTemplate) -> None:
    first, second = template(vector=0.1), template(vector=-3.5)
    gallery.enroll("Ada", [first, second], "me")
    gallery.enroll("Bo", [template()], "me")

    stored = gallery.enrolled("Ada")
    assert [record.number for record in stored] == [first.number, second.number]
    np.testing.assert_array_equal(stored[0].vector, np.full(3, 0.1, np.float32))
    assert (stored[1].subject, stored[1].model, stored[1].key_epoch) == ("Ada", "m" * 64, "e" * 16)
    assert gallery.image("Ada") == b"\x89PNG"
    assert gallery.enrolled("Cy") == []


def test_a_template_goes_from_enrolled_to_revoked_to_deleted(gallery: Gallery, template: NewTemplate) -> None:
    gallery.enroll("Ada", [template(), template()], "me")
    assert states(gallery, "Ada") == [2, 0, 0]

    assert gallery.revoke("Ada", "boss") == 2
    assert states(gallery, "Ada") == [0, 2, 0]
    assert gallery.enrolled("Ada") == []
    with pytest.raises(InputError, match=r"^subject Ada: has no enrolled template$"):
        gallery.revoke("Ada", "boss")

    gallery.enroll("Ada", [template()], "me")
    assert gallery.delete("Ada", "boss") == 3  # the enrolled one is revoked first
    assert states(gallery, "Ada") == [0, 0, 3]
    with gallery.database.reading() as connection:
        assert connection.execute(text("SELECT image, vector FROM templates")).all() == [(None, None)] * 3
    with pytest.raises(InputError, match=r"^subject Ada: has no template that could be deleted$"):
        gallery.delete("Ada", "boss")

    assert actions(gallery) == [
        *[("me", "enroll", "Ada")] * 2,
        *[("boss", "revoke", "Ada")] * 2,
        ("me", "enroll", "Ada"),
        ("boss", "revoke", "Ada"),
        *[("boss", "delete", "Ada")] * 3,
    ]


def test_a_template_is_replaced_once(gallery: Gallery, template: NewTemplate) -> None:
    gallery.enroll("Ada", [template()], "me")
    (old,), new = gallery.enrolled("Ada"), template()
    gallery.replace(old, new, "me")

    assert [record.number for record in gallery.enrolled("Ada")] == [new.number]
    assert states(gallery, "Ada") == [1, 1, 0]
    with pytest.raises(InputError, match=rf"^record {old.number} of Ada: is no longer enrolled, and was not renewed$"):
        gallery.replace(old, template(), "me")
    assert states(gallery, "Ada") == [1, 1, 0]
    assert actions(gallery)[1:] == [("me", "revoke", "Ada"), ("me", "renew", "Ada")]


def test_all_templates_are_stored_or_none(gallery: Gallery, template: NewTemplate) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        gallery.enroll("Ada", [template(number=1), template(number=1)], "me")

    assert gallery.summary().empty
    assert gallery.log().empty
    assert gallery.enrolled("Ada") == []


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_log_only_grows(gallery: Gallery, template: NewTemplate, statement: str) -> None:
    gallery.enroll("Ada", [template()], "me")
    with pytest.raises(InputError, match="the log only grows"), gallery.database.writing() as connection:
        connection.execute(text(statement))

    assert actions(gallery) == [("me", "enroll", "Ada")]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_a_name(gallery: Gallery, template: NewTemplate, name: str) -> None:
    gallery.enroll(name, [template()], "me")
    gallery.enroll("Ada", [template()], "me")
    gallery.revoke(name, name[:64])

    assert states(gallery, name) == [0, 1, 0]
    assert states(gallery, "Ada") == [1, 0, 0]
    assert gallery.changes(0) == (3, {name, "Ada"})


def test_one_name_in_two_normal_forms_is_one_person(gallery: Gallery, template: NewTemplate) -> None:
    gallery.enroll("Zo\u00eb", [template()], "me")

    assert len(gallery.enrolled("Zoe\u0308")) == 1


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "a subject's name is empty, or begins or ends with a space"),
        (" Ada", "a subject's name is empty, or begins or ends with a space"),
        ("A" * 10_000, "a subject's name has 10000 characters; 200 are the most"),
        ("A\nda", r"subject 'A\\nda': has characters that cannot be shown"),
        ("A\u202eda", r"subject 'A\\u202eda': has characters that cannot be shown"),
        ("A\ud800", r"subject 'A\\ud800': has characters that cannot be shown"),
    ],
)
def test_names_that_nobody_can_read_are_refused(name: str, complaint: str) -> None:
    with pytest.raises(InputError, match=f"^{complaint}$"):
        checked_name(name)


@given(st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_checked_name_stays_as_it_is(name: str) -> None:
    try:
        checked = checked_name(name)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert checked_name(checked) == checked


def test_enrolments_at_once_are_all_kept(url: str, template: NewTemplate) -> None:
    Gallery(url)
    new = [template() for _ in range(24)]
    with ThreadPoolExecutor(8) as pool:  # each with a connection of its own; the subject is new to all
        list(pool.map(lambda its: Gallery(url).enroll("Ada", [its], "me"), new))

    gallery = Gallery(url)
    assert {record.number for record in gallery.enrolled("Ada")} == {its.number for its in new}
    assert len(gallery.log()) == 24


def test_all_enrolled_templates_come_in_order_and_once(
    gallery: Gallery, template: NewTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masquerade.gallery.store.TOGETHER", 3)
    for subject in "ABCDEFG":
        gallery.enroll(subject, [template()], "me")
    gallery.revoke("C", "me")

    parts = list(gallery.all_enrolled())
    assert [[record.subject for record in part] for part in parts] == [["A", "B", "D"], ["E", "F", "G"]]


def test_changes_name_whose_templates_changed_since_a_line_of_the_log(gallery: Gallery, template: NewTemplate) -> None:
    gallery.enroll("Ada", [template()], "me")
    gallery.enroll("Bo", [template()], "me")
    last, people = gallery.changes(0)
    assert people == {"Ada", "Bo"}

    gallery.note("me", "verify", "Ada", "match")  # changes no template
    assert gallery.changes(last) == (last + 1, set())
    gallery.revoke("Bo", "me")
    assert gallery.changes(last) == (last + 2, {"Bo"})


def test_numbers_of_records_do_not_repeat() -> None:
    numbers = {new_number() for _ in range(10_000)}

    assert len(numbers) == 10_000  # of 2⁶³
    assert all(0 <= number < 2**63 for number in numbers)


def test_an_empty_gallery_has_tables_without_rows(gallery: Gallery) -> None:
    assert list(gallery.all_enrolled()) == []
    assert isinstance(gallery.summary(), pd.DataFrame)
    assert list(gallery.summary().columns) == ["subject", "enrolled", "revoked", "deleted", "changed_at"]
    assert gallery.changes(0) == (0, set())


def test_what_takes_many_steps_goes_on_where_it_was_interrupted(gallery: Gallery, template: NewTemplate) -> None:
    gallery.enroll("Ada", [template()], "me")
    assert gallery.begin("me", "renew all") == set()
    (old,), new = gallery.enrolled("Ada"), template()
    gallery.replace(old, new, "me")

    assert gallery.begin("me", "renew all") == {old.number, new.number}
    gallery.note("me", "renew all", None, "done")
    assert gallery.begin("me", "renew all") == set()


def test_the_newest_is_the_last_that_is_enrolled(gallery: Gallery, template: NewTemplate) -> None:
    assert gallery.newest() is None
    for subject in ("Ada", "Bo"):
        gallery.enroll(subject, [template()], "me")
    assert getattr(gallery.newest(), "subject", None) == "Bo"
    gallery.revoke("Bo", "me")

    assert getattr(gallery.newest(), "subject", None) == "Ada"


def test_a_vector_that_was_cut_is_named(gallery: Gallery, template: NewTemplate) -> None:
    gallery.enroll("Ada", [template(1)], "me")
    gallery.enroll("Bo", [template(2)], "me")
    with gallery.database.writing() as connection:
        connection.execute(text("UPDATE templates SET vector = :cut WHERE number = 2"), {"cut": b"1234"})

    with pytest.raises(InputError, match=r"^record 2 of Bo: its vector is damaged, or an earlier one's is$"):
        list(gallery.columns())
