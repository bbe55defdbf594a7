"""Add a run's generator to a table of networks, CSV and Markdown: for runs whose other results are not kept.

Example: python -m masquerade.report.networks digits "digits, the paper's, α 0.3" reports/paper-scale/networks.csv
"""

from pathlib import Path

import click
import pandas as pd

from masquerade.atomic import replacing
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.report.render import as_markdown
from masquerade.report.results import generator_row
from masquerade.tables import read_csv, read_json, write_csv


@click.command(help=__doc__)
@click.argument("modality")
@click.argument("name")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
def main(modality: str, name: str, table: Path) -> None:
    """Write a row for the generator of the paper's tables; one of the same name is replaced.

    Raises:
        InputError: a number is missing, or ``table`` cannot be read.
    """
    params, paths = load_params(), Paths(modality)
    section, kind = params.modality(modality), params.generator.kind
    folder, verification = paths.reports, read_json(paths.reports / "verification.json")
    row = {
        "side": section.image_size,
        "alpha": params.generator.alpha,
        "pi_emb": section.loss.pi_emb,
        **generator_row(
            read_json(paths.cost(kind)),
            read_json(folder / "distortion" / f"{kind}.json"),
            verification["real_template"],
            read_json(folder / "recognisability.json")[kind],
        ),
        "eer_over_real_real": verification["delta_eer"],
    }
    known = read_csv(table) if table.is_file() else pd.DataFrame()
    rows = pd.concat([known.drop(index=name, errors="ignore"), pd.DataFrame([row], index=[name])])
    rows = rows.rename_axis("network")
    write_csv(table, rows)
    with replacing(table.with_suffix(".md")) as temporary:
        temporary.write_text(as_markdown(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
