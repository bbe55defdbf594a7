"""What the report shows, read from the files the stages wrote."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from masquerade import paper
from masquerade.params import Modality, Params
from masquerade.paths import Paths
from masquerade.tables import read_csv, read_json

KINDS = {"unet": "U-Net (the paper's)", "veiled": "veiled (ours)"}

BARS = {
    ("digits", "mnist5k", "unet"): {"eer": 0.06, "delta_eer": 0.005, "within_alpha": 0.9},
    ("faces", "orl", "unet"): {"eer": 0.04, "delta_eer": 0.01, "within_alpha": 0.9},
    ("digits", "mnist5k", "veiled"): {"delta_eer": 0.003, "rank_1": 0.2, "minutes": 3},
    ("faces", "orl", "veiled"): {"delta_eer": 0.005, "rank_1_over_chance": 3, "detected": 0.02, "minutes": 6},
    ("digits", "mnist", "unet"): {"eer": 0.025, "delta_eer": 0.003},
    ("digits", "mnist", "veiled"): {"eer": 0.025, "delta_eer": 0.003, "rank_1": 0.2},
    ("faces", "lfw", "unet"): {"eer": 0.025, "delta_eer": 0.003},
    ("faces", "lfw", "veiled"): {"eer": 0.025, "delta_eer": 0.003, "rank_1_over_chance": 3, "detected": 0.02},
}
"""What the pipeline promises on its default data and at the paper's scale: share of d_emb ≤ α at least, everything else
at most."""


READS_REAL_DIGITS = {"as they are": 0.98, "averaged over the views": 0.9}
"""Share of real digits that the judge trained here must name, for its failure on templates to mean anything."""


def arm_name(kind: str, first: str) -> str:
    """Return what verification.json calls real probes with a generator's templates; ``first``: the paper's tables'."""
    return "real_template" if kind == first else f"real_{kind}"


def delta_name(kind: str, first: str) -> str:
    """Return what verification.json calls this generator's EER minus that of the real pictures."""
    return "delta_eer" if kind == first else f"delta_eer_{kind}"


@dataclass(frozen=True)
class Results:
    """All numbers of one modality."""

    name: str
    params: Modality
    classes: pd.DataFrame
    embedder: dict[str, Any]
    distortion: dict[str, dict[str, float]]
    cost: dict[str, dict[str, float]]
    speed: dict[str, dict[str, float]]
    verification: dict[str, Any]
    folds: pd.DataFrame
    pca: dict[str, dict[str, float]]
    methods: pd.DataFrame
    recognisability: dict[str, Any]
    reading: pd.DataFrame
    adaptive: pd.DataFrame
    table3: pd.DataFrame
    table4: pd.DataFrame
    table5: pd.DataFrame
    displacements: pd.DataFrame
    seconds: dict[str, float]

    @property
    def paper_table4(self) -> dict[str, dict[str, float]]:
        return paper.table4(self.params.dataset)

    @property
    def kinds(self) -> list[str]:
        """The generators, the one of the paper's tables first."""
        return list(self.distortion)

    def arm(self, kind: str) -> str:
        """Return the name of the comparison of real probes with this generator's templates."""
        return arm_name(kind, self.kinds[0])

    def delta(self, kind: str) -> tuple[float, list[float]]:
        """Return the EER of this generator's templates minus the real pictures', and its interval."""
        name = delta_name(kind, self.kinds[0])
        return self.verification[name], self.verification[f"{name}_ci"]

    @property
    def arms(self) -> dict[str, str]:
        """Every comparison in words."""
        first, *others = self.kinds
        titles = {"real_real": "real – real", "real_template": f"real – {first}"}
        titles["template_template"] = f"{first} – {first}"
        for kind in others:
            titles |= {f"real_{kind}": f"real – {kind}", f"{kind}_{kind}": f"{kind} – {kind}"}
        return titles

    def signs(self, kind: str) -> dict[str, float]:
        """Return the failure signs of this pipeline's own generator, a row of Table 5."""
        return {str(name): float(column[f"this pipeline's {kind}"]) for name, column in self.table5.items()}

    def legible(self, kind: str) -> bool:
        """Tell whether a judge reads twice what guessing gives, or T is X in other grey levels."""
        named, by_chance = self.recognisability[kind]["rank_1"], self.recognisability["chance"]
        return bool(named > 2 * by_chance or self.signs(kind)["gamma_r2"] > 0.25)

    def metrics(self) -> dict[str, float]:
        """Return the numbers of every table under the names the stages give them in MLflow."""
        verification = self.verification
        numbers = {name: rate for name, rate in verification.items() if name.startswith("delta_") and "_ci" not in name}
        for arm in self.arms:
            numbers |= {f"{arm}.{rate}": value for rate, value in verification[arm].items() if rate != "eer_ci"}
        for kind in self.kinds:
            numbers |= {f"distortion.{kind}.{name}": value for name, value in self.distortion[kind].items()}
            numbers |= {f"pca.{kind}.{name}": value for name, value in self.pca[kind].items()}
            numbers[f"recognisability.{kind}.rank_1"] = self.recognisability[kind]["rank_1"]
        for subset, arm in self.folds.index:
            if pd.notna(accuracy := self.folds.loc[(subset, arm), "accuracy"]):
                numbers[f"folds.{subset}.{arm}.accuracy"] = float(accuracy)
        for protocol, arm in self.table4.index:
            numbers[f"table4.{protocol}.{arm}.f1"] = float(self.table4.loc[(protocol, arm), "f1"])
        return numbers

    @property
    def bars(self) -> list[tuple[str, str, str, bool]]:
        """(what, bar, measured, met) for the data set the bars are set for."""
        rows = []
        for kind in self.kinds:
            read, (delta, _) = self.recognisability[kind], self.delta(kind)
            percent, points = "{:.1%}".format, "{:+.2f} points".format
            measured = {
                "eer": ("EER", self.verification[self.arm(kind)]["eer"], percent),
                "delta_eer": ("EER over real – real", 100 * delta, points),
                "within_alpha": ("d_emb ≤ α", self.distortion[kind]["within_alpha"], percent),
                "rank_1": ("named by a judge, best view", read["rank_1"], percent),
                "rank_1_over_chance": ("named by a judge, best view", read["rank_1"], percent),
                "detected": ("a face found, best view", read.get("detected"), percent),
                "minutes": ("training", self.speed[kind].get("minutes"), "{:.1f} minutes".format),
            }
            for key, bar in BARS.get((self.name, self.params.dataset, kind), {}).items():
                what, value, shown = measured[key]
                if value is None:  # no detector, or the training was not run on this machine
                    continue
                limit = bar * {"rank_1_over_chance": self.recognisability["chance"], "delta_eer": 100}.get(key, 1)
                least = key == "within_alpha"
                met = value >= limit if least else value <= limit
                rows.append((f"{kind}: {what}", f"{'≥' if least else '≤'} {shown(limit)}", shown(value), bool(met)))
        if (self.name, self.params.dataset) in (("digits", "mnist5k"), ("digits", "mnist")):
            named = self.reading.xs(("real", "cnn"), level=("method", "judge"))["rank_1"]
            measured_real = {"as they are": named["plain"], "averaged over the views": named.mean()}
            for seen, bar in READS_REAL_DIGITS.items():
                share = float(measured_real[seen])
                rows.append((f"real, {seen}: named by the judge cnn", f"≥ {bar:.1%}", f"{share:.1%}", share >= bar))
        return rows


def read_results(name: str, params: Params) -> Results:
    """Read the files of one modality.

    Raises:
        InputError: one is missing or damaged.
    """
    folder, kinds = Paths(name).reports, params.generator.kinds
    return Results(
        name=name,
        params=params.modality(name),
        classes=read_csv(folder / "class_counts.csv"),
        embedder=read_json(folder / "embedder.json"),
        distortion={kind: read_json(folder / "distortion" / f"{kind}.json") for kind in kinds},
        cost={kind: read_json(Paths(name).cost(kind)) for kind in kinds},
        speed={kind: training_speed(name, kind) for kind in kinds},
        verification=read_json(folder / "verification.json"),
        folds=read_csv(folder / "folds.csv", [0, 1]),
        pca=read_json(folder / "pca.json"),
        methods=read_csv(folder / "methods.csv"),
        recognisability=read_json(folder / "recognisability.json"),
        reading=read_csv(folder / "recognisability.csv", [0, 1, 2]),
        adaptive=read_csv(folder / "adaptive.csv"),
        table3=read_csv(folder / "table3.csv"),
        table4=read_csv(folder / "table4.csv", [0, 1]),
        table5=read_csv(folder / "table5.csv"),
        displacements=read_csv(folder / "displacements.csv", [0, 1]),
        seconds={
            file.stem: read_json(file)["seconds"] for file in sorted(Paths(name).timing("").parent.glob("*.json"))
        },
    )


def training_speed(name: str, kind: str) -> dict[str, float]:
    """Return ``images_per_second`` and ``minutes`` of a generator's training, empty if it did not run here."""
    file = Paths(name).timing(f"training/{kind}")
    return read_json(file) if file.is_file() else {}


def generators(results: list[Results]) -> pd.DataFrame:
    """What each generator costs and what it gives."""
    rows = {
        f"{result.name}, {kind}": generator_row(
            result.cost[kind] | result.speed[kind],
            result.distortion[kind],
            result.verification[result.arm(kind)],
            result.recognisability[kind],
        )
        for result in results
        for kind in result.kinds
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def generator_row(
    cost: dict[str, float], distortion: dict[str, float], arm: dict[str, Any], read: dict[str, Any]
) -> dict[str, float]:
    """Put together what one generator costs and gives, from the files of its stages."""
    given = {"mse": distortion["mse"], "d_emb": distortion["d_emb"]}
    return cost | given | {"eer": arm["eer"], "named_by_judge": read["rank_1"]}


BEYOND = ("train_veiled", "train_judge", "recognisability", "adaptive_judge", "distort@veiled", "folds")
"""Stages that are not the paper's."""


def minutes(results: list[Results]) -> tuple[float, float]:
    """Return the minutes of all stages, and of those that are the paper's."""
    seconds = [(stage, seconds) for result in results for stage, seconds in result.seconds.items()]
    paper_only = sum(each for stage, each in seconds if stage not in BEYOND)
    return sum(each for _, each in seconds) / 60, paper_only / 60


def table6(results: list[Results]) -> pd.DataFrame:
    """The paper's Table 6 with our rows below."""
    ours = [
        (
            f"This project, {result.arms[arm]}",
            f"{result.name.capitalize()}, {result.params.dataset}, embedder {result.params.embedder}",
            "{:.2f} [{:.2f}, {:.2f}]".format(
                *(100 * rate for rate in (result.verification[arm]["eer"], *result.verification[arm]["eer_ci"]))
            ),
        )
        for result in results
        for arm in ("real_real", *map(result.arm, result.kinds))
    ]
    return pd.concat([paper.TABLE_6, pd.DataFrame(ours, columns=paper.TABLE_6.columns)], ignore_index=True)
