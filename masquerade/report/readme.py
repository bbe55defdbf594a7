"""Put the table of results into README.md: python -m masquerade.report.readme."""

from pathlib import Path

from masquerade.atomic import replacing
from masquerade.errors import InputError

START, END = "<!-- results: written by make readme -->", "<!-- end of results -->"


def with_results(readme: str, results: str) -> str:
    """Replace what stands between the two marks of the README.

    Raises:
        InputError: a mark is missing.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise InputError(f"README.md: the marks {START} and {END} are missing")
    return f"{before}{START}\n\n{results.strip()}\n\n{END}{after}"


def main() -> None:
    """Rewrite README.md in the current folder from reports/results.md."""
    readme = Path("README.md")
    text = with_results(readme.read_text(encoding="utf-8"), Path("reports/results.md").read_text(encoding="utf-8"))
    with replacing(readme) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
