from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from fixture_types import Mutations
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.errors import InputError
from masquerade.json_file import read_json
from masquerade.tables import read_csv, write_csv


def test_csv_keeps_every_digit(tmp_path: Path) -> None:
    table = pd.DataFrame({"eer": [0.1 + 0.2]}, index=pd.Index(["digits"], name="modality"))

    write_csv(tmp_path / "table.csv", table)

    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table.csv", index_col=0), table, check_exact=True)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("=1", "'=1"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("-1+cmd|x", "'-1+cmd|x"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("'=1", "''=1"),  # so that it is not read as =1
        ("-1", "-1"),
        ("+1.5e-7", "+1.5e-7"),
        ("a=1", "a=1"),
        ("'a", "'a"),
        ("O'Brien-Smith", "O'Brien-Smith"),
    ],
)
def test_text_that_a_spreadsheet_would_compute_stands_behind_an_apostrophe(
    tmp_path: Path, text: str, cell: str
) -> None:
    file = tmp_path / "table.csv"
    table = pd.DataFrame({"x": [-0.5], text: [text]}, index=pd.Index([text], name="class"))

    write_csv(file, table)

    assert file.read_text() == f"class,x,{cell}\n{cell},-0.5,{cell}\n"
    assert [read_csv(file).index[0], read_csv(file).columns[1]] == [text, text]


def test_carriage_return_begins_no_row_of_its_own(tmp_path: Path) -> None:
    """A spreadsheet would compute the second line."""
    write_csv(tmp_path / "table.csv", pd.DataFrame({"x": [1]}, index=pd.Index(["a\r=1+1"], name="class")))

    assert (tmp_path / "table.csv").read_bytes() == b'"class","x"\n"a\r=1+1",1\n'


NAMES = st.sampled_from(["nan", "NA", "001", "null", "1e5", "True", "'", '"', ",", "\r", "=1", "'-x"])
TEXTS = st.text(st.sampled_from("'=+-@\t\r\n\",.e1x ") | st.characters(exclude_categories=["Cs"]), min_size=1)


@given(names=st.lists(NAMES | TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=5))
@settings(deadline=None, max_examples=50)
def test_names_of_classes_are_read_as_they_were_written(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "names.csv"
    numbers = pd.DataFrame({"x": [0.1 + 0.2] * len(names)}, index=pd.Index(names, name="class"))

    write_csv(file, numbers)
    assert read_csv(file).index.tolist() == names

    write_csv(file, pd.concat({"unet": numbers}, names=["generator"]))
    assert read_csv(file, [0, 1]).loc["unet"].index.tolist() == names

    write_csv(file, numbers.reset_index())
    assert read_csv(file)["class"].tolist() == names


@pytest.mark.parametrize("content", [b"", b"modality\ndigits\n", b"a\n1,2\n3,4,5\n", b"\x89PNG\r\n\x1a\n", b'a,b\n"1'])
def test_table_that_no_stage_writes_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "table.csv").write_bytes(content)

    with pytest.raises(InputError, match=r"table\.csv: is not a valid table: ") as caught:
        read_csv(tmp_path / "table.csv", [0, 1])

    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("metrics.json", b'{"eer": 0.1, "each": [1, null], "name": "x"}', read_json),
        ("table.csv", b"modality,kind,eer\ndigits,unet,0.1\nfaces,unet,\n", lambda path: read_csv(path, [0, 1, 2])),
    ],
)
def test_damaged_file_reads_or_is_one_sentence(
    tmp_path: Path,
    mutations: Mutations,
    name: str,
    content: bytes,
    read: Callable[[Path], object],
) -> None:
    path, sentences = tmp_path / name, []
    for damaged in mutations(content, 400):
        path.write_bytes(damaged)
        try:
            read(path)
        except InputError as error:
            sentences.append(error.message)

    assert len(sentences) > 100
    assert all(sentence.startswith(f"{path}: is not ") for sentence in sentences)
    assert "\n" not in "".join(sentences)
