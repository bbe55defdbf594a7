"""Render every table and figure, beside the paper's numbers, as reports/report.md and one self-contained report.html.

A card for each data set and each generator stands beside them in reports/cards.

Example: python stages/report.py
"""

from pathlib import Path

from masquerade.atomic import replacing
from masquerade.params import Params
from masquerade.report.cards import render_cards
from masquerade.report.datasets import load_datasets
from masquerade.report.render import render_html, render_markdown
from masquerade.report.results import read_results
from masquerade.report.targets import load_targets
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("report", axes=())
def main(params: Params, run: StageRun) -> None:
    folder, targets = Path("reports"), load_targets()
    results = [read_results(name, params, targets) for name in params.modalities]
    text = Path("params.yaml").read_text(encoding="utf-8")
    page = render_markdown("report.md.jinja", results, text, targets)
    outputs = {
        "report.md": page,
        "report.html": render_html(page, folder),
        "results.md": render_markdown("results.md.jinja", results, text, targets),
    }
    cards = {f"cards/{name}": card for name, card in render_cards(results, params, load_datasets()).items()}
    for name, content in (outputs | cards).items():
        with replacing(folder / name) as temporary:
            temporary.write_text(content, encoding="utf-8")
    # All of them: a stage that DVC restored from its cache has logged nothing under this state's parent.
    for result in results:
        run.log_metrics({f"{result.name}.{name}": value for name, value in result.metrics().items()})
    run.describe(outputs["results.md"])
    run.log_files(*(folder / name for name in (*outputs, "cards", *params.modalities)))


if __name__ == "__main__":
    main()
