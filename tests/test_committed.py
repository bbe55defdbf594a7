"""What the last commit says of itself: lock, results and README belong together."""

from pathlib import Path

import pytest
from repository import ROOT, clone, commit, json_of, succeed
from ruamel.yaml import YAML

from masquerade.report.readme import END, START, with_results

pytestmark = pytest.mark.slow


def test_committed_lock_agrees_with_the_pipeline_and_its_parameters(tmp_path: Path) -> None:
    """Whoever clones gets numbers that the committed commands and parameters made."""
    project = clone(tmp_path / "clone")
    stages = set(succeed(project, "dvc", "stage", "list", "--name-only").split())
    locked = set(YAML(typ="safe").load((project / "dvc.lock").read_text(encoding="utf-8"))["stages"])
    status = json_of(succeed(project, "dvc", "status", "--json"))
    # Data that a clone has not got yet are "deleted"; that is no disagreement.
    changes = {
        stage: change
        for stage, details in status.items()
        for change in details
        if change == "changed command" or (isinstance(change, dict) and "params.yaml" in change.get("changed deps", {}))
    }

    assert locked == stages
    assert changes == {}


def assert_readme_shows_its_results(repository: Path) -> None:
    """Committed with committed: `make repro` rewrites the results, whose last digits depend on the processor."""
    readme, results = (
        succeed(repository, "git", "show", f"HEAD:{name}") for name in ("README.md", "reports/results.md")
    )

    assert START in readme
    assert END in readme
    assert readme == with_results(readme, results)


def test_readme_shows_the_results_of_the_reports() -> None:
    """The table is generated (`make readme`), never typed."""
    if not (ROOT / ".git").exists():
        pytest.skip("what is committed needs the repository, not a copy of its files")
    assert_readme_shows_its_results(ROOT)


def test_readme_is_judged_by_what_is_committed(tmp_path: Path) -> None:
    """The README's two commands in their order: another machine's results are no fault, until they are committed."""
    repository = clone(tmp_path / "clone")
    results = repository / "reports/results.md"
    results.write_text(results.read_text(encoding="utf-8").replace("EER", "other"), encoding="utf-8")

    assert_readme_shows_its_results(repository)
    commit(repository, "Other results")
    with pytest.raises(AssertionError):
        assert_readme_shows_its_results(repository)
