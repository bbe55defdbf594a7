"""What the report shows, read from the files the stages wrote."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from masquerade import paper
from masquerade.params import Modality, Params
from masquerade.paths import Paths
from masquerade.tables import read_csv, read_json

ARMS = {
    "real_real": "real – real",
    "real_template": "real – template",
    "template_template": "template – template",
}

BARS = {
    ("digits", "mnist5k"): {"eer": 0.06, "delta_eer": 0.005, "within_alpha": 0.9},
    ("faces", "orl"): {"eer": 0.04, "delta_eer": 0.01, "within_alpha": 0.9},
}
"""What the default pipeline promises: EER and its increase at most, share of d_emb ≤ α at least."""


@dataclass(frozen=True)
class Results:
    """All numbers of one modality."""

    name: str
    params: Modality
    classes: pd.DataFrame
    embedder: dict[str, Any]
    distortion: dict[str, float]
    verification: dict[str, Any]
    pca: dict[str, float]
    table3: pd.DataFrame
    table4: pd.DataFrame
    table5: pd.DataFrame
    displacements: pd.DataFrame
    seconds: dict[str, float]

    @property
    def paper_table4(self) -> dict[str, dict[str, float]]:
        return paper.table4(self.params.dataset)

    @property
    def signs(self) -> pd.Series:
        """The failure signs of this pipeline's own generator, the first row of Table 5."""
        return self.table5.iloc[0]

    def metrics(self) -> dict[str, float]:
        """Return the numbers of every table under the names the stages give them in MLflow."""
        rates = {
            f"{arm}.{rate}": value for arm in ARMS for rate, value in self.verification[arm].items() if rate != "eer_ci"
        }
        return (
            rates
            | {"delta_eer": self.verification["delta_eer"]}
            | {f"distortion.{name}": value for name, value in self.distortion.items()}
            | {f"pca.{name}": value for name, value in self.pca.items()}
            | {
                f"table4.{protocol}.{arm}.f1": float(self.table4.loc[(protocol, arm), "f1"])
                for protocol, arm in self.table4.index
            }
        )

    @property
    def bars(self) -> list[tuple[str, str, str, bool]]:
        """(what, bar, measured, met) for the data set the bars are set for."""
        bars = BARS.get((self.name, self.params.dataset))
        if bars is None:
            return []
        eer, delta = self.verification["real_template"]["eer"], self.verification["delta_eer"]
        within = self.distortion["within_alpha"]
        below = delta <= bars["delta_eer"]
        return [
            ("EER real – template", f"≤ {bars['eer']:.1%}", f"{eer:.2%}", eer <= bars["eer"]),
            ("EER over real – real", f"≤ {100 * bars['delta_eer']:g} points", f"{100 * delta:+.2f} points", below),
            ("d_emb ≤ α", f"≥ {bars['within_alpha']:.0%}", f"{within:.1%}", within >= bars["within_alpha"]),
        ]


def read_results(name: str, params: Params) -> Results:
    """Read the files of one modality.

    Raises:
        InputError: one is missing or damaged.
    """
    folder = Paths(name).reports

    return Results(
        name=name,
        params=params.modality(name),
        classes=read_csv(folder / "class_counts.csv"),
        embedder=read_json(folder / "embedder.json"),
        distortion=read_json(folder / "distortion.json"),
        verification=read_json(folder / "verification.json"),
        pca=read_json(folder / "pca.json"),
        table3=read_csv(folder / "table3.csv"),
        table4=read_csv(folder / "table4.csv", [0, 1]),
        table5=read_csv(folder / "table5.csv"),
        displacements=read_csv(folder / "displacements.csv"),
        seconds={file.stem: read_json(file)["seconds"] for file in sorted((folder / "seconds").glob("*.json"))},
    )


def table6(results: list[Results]) -> pd.DataFrame:
    """The paper's Table 6 with our rows below."""
    ours = [
        (
            f"This project, {ARMS[arm]}",
            f"{result.name.capitalize()}, {result.params.dataset}, embedder {result.params.embedder}",
            "{:.2f} [{:.2f}, {:.2f}]".format(
                *(100 * rate for rate in (result.verification[arm]["eer"], *result.verification[arm]["eer_ci"]))
            ),
        )
        for result in results
        for arm in ("real_real", "real_template")
    ]
    return pd.concat([paper.TABLE_6, pd.DataFrame(ours, columns=paper.TABLE_6.columns)], ignore_index=True)
