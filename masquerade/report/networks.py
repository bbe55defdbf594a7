"""Add a generator of the last run to a table of networks, CSV and Markdown, that later runs do not overwrite.

Example: python -m masquerade.report.networks digits "digits, α 0.3" reports/paper-scale/networks.csv --generator unet
"""

import math
from pathlib import Path

import click
import pandas as pd

from masquerade.atomic import replacing
from masquerade.generators import NAMES
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.report.render import as_markdown
from masquerade.report.results import generator_row, training_speed
from masquerade.tables import dotted, read_csv, read_json, write_csv


@click.command(help=__doc__)
@click.argument("modality")
@click.argument("name")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--generator", type=click.Choice(NAMES), required=True, help="Generator of the row.")
@click.option("--without-judge", is_flag=True, help="The run trained no judge: leave its column empty.")
def main(modality: str, name: str, table: Path, generator: str, without_judge: bool) -> None:
    """Write a row for a generator; one of the same name is replaced.

    Raises:
        InputError: a number is missing, or ``table`` cannot be read.
    """
    params, folder = load_params(), Paths(modality).reports
    section = params.modality(modality)
    verified = read_json(folder / "verification.json")[generator]
    row = {
        "side": section.image_size,
        "alpha": params.generator.alpha,
        "pi_emb": dotted(section.settings(generator).model_dump()).get("loss.pi_emb", math.nan),
        **generator_row(
            read_json(Paths(modality).cost(generator)) | training_speed(modality, generator),
            read_json(folder / "distortion" / f"{generator}.json"),
            verified["real_template"],
            {"rank_1": math.nan} if without_judge else read_json(folder / "recognisability.json")[generator],
        ),
        "eer_over_real_real": verified["delta_eer"],
    }
    known = read_csv(table) if table.is_file() else pd.DataFrame()
    rows = pd.concat([known.drop(index=name, errors="ignore"), pd.DataFrame([row], index=[name])])
    rows = rows.rename_axis("network")
    write_csv(table, rows)
    with replacing(table.with_suffix(".md")) as temporary:
        temporary.write_text(as_markdown(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
