from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.report.readme import END, START, main, with_results

README = f"# Title\n\n{START}\n\nold | numbers\n\n{END}\n\nThe end.\n"


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    assert with_results(README, "\n| new |\n") == f"# Title\n\n{START}\n\n| new |\n\n{END}\n\nThe end.\n"


def test_writing_the_same_results_again_changes_nothing() -> None:
    once = with_results(README, "| new |")

    assert with_results(once, "| new |") == once


@pytest.mark.parametrize("readme", ["", "# Title\n", f"{START}\nold\n", f"old\n{END}\n", f"{END}\nold\n{START}\n"])
def test_readme_without_both_marks_in_order_is_refused(readme: str) -> None:
    with pytest.raises(InputError, match="marks"):
        with_results(readme, "| new |")


def test_command_rewrites_the_readme_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "results.md").write_text("| α |\n", encoding="utf-8")
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    main()

    assert (tmp_path / "README.md").read_text(encoding="utf-8") == with_results(README, "| α |")
