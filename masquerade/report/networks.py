"""Add the generators of the last run to a table of networks, CSV and Markdown, that later runs do not overwrite.

Example: python -m masquerade.report.networks reports/paper-scale/networks.csv --modality digits --title "α 0.3"
"""

import math
from pathlib import Path

import click
import pandas as pd

from masquerade.atomic import replacing
from masquerade.generators import NAMES
from masquerade.json_file import read_json
from masquerade.params import Params, load_params
from masquerade.paths import Paths
from masquerade.report.render import as_markdown
from masquerade.report.results import generator_row, training_speed
from masquerade.tables import read_csv, write_csv


@click.command(help=__doc__)
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--modality", "modalities", multiple=True, help="Whose rows they are, by default all; may be repeated.")
@click.option("--generator", "generators", multiple=True, type=click.Choice(NAMES), help="The same.")
@click.option("--title", help="Ends a row's name, after the modality and the generator.")
@click.option("--without-judge", is_flag=True, help="The run trained no judge: leave its column empty.")
def main(
    table: Path, modalities: tuple[str, ...], generators: tuple[str, ...], title: str | None, without_judge: bool
) -> None:
    """Write a row for each generator of each modality; one of the same name is replaced.

    Raises:
        InputError: a number is missing, or ``table`` cannot be read.
    """
    params = load_params()
    new = pd.DataFrame.from_dict(
        {
            ", ".join(filter(None, [modality, generator, title])): _row(params, modality, generator, without_judge)
            for modality in modalities or params.modalities
            for generator in generators or params.generators
        },
        orient="index",
    )
    known = read_csv(table) if table.is_file() else pd.DataFrame()
    rows = pd.concat([known.drop(index=new.index, errors="ignore"), new]).rename_axis("network")
    write_csv(table, rows)
    with replacing(table.with_suffix(".md")) as temporary:
        temporary.write_text(as_markdown(rows) + "\n", encoding="utf-8")


def _row(params: Params, modality: str, generator: str, without_judge: bool) -> dict[str, float]:
    section, folder = params.modality(modality), Paths(modality).reports
    verified = read_json(folder / "verification.json")[generator]
    pi_emb = section.settings(generator).model_dump().get("loss", {}).get("pi_emb", math.nan)
    if pi_emb == "auto":
        multiplier = read_json(folder / "training" / f"{generator}.json")["multiplier"]
        pi_emb = multiplier / (1 + multiplier)
    return {
        "side": section.image_size,
        "alpha": params.generator.alpha,
        "pi_emb": pi_emb,
        **generator_row(
            read_json(Paths(modality).cost(generator)) | training_speed(modality, generator),
            read_json(folder / "distortion" / f"{generator}.json"),
            verified["real_template"],
            {"rank_1": math.nan} if without_judge else read_json(folder / "recognisability.json")[generator],
        ),
        "eer_over_real_real": verified["delta_eer"],
    }


if __name__ == "__main__":
    main()
