"""What the report shows, read from the files the stages wrote."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from masquerade import attacks, paper
from masquerade.attacks.finding import Findings, numbers, read_findings
from masquerade.attacks.skip import COLUMN as NOT_ATTACKED
from masquerade.attacks.skip import reason
from masquerade.evaluation.arms import BASELINE, REAL, REAL_TEMPLATE, TEMPLATE_TEMPLATE, Arm
from masquerade.generators import kind as kind_of
from masquerade.json_file import dotted, read_json
from masquerade.params import Modality, Params
from masquerade.paths import EVERY, Paths
from masquerade.report.targets import DatasetTargets, GeneratorTargets, Targets
from masquerade.tables import read_csv

READABLE = 20
"""Largest number of rows that a person reads."""


ATTACKED = {"renewal", "linkage_eer", "unbroken"}
"""Targets of attacks."""


@dataclass(frozen=True)
class Results:
    """All numbers of one modality."""

    name: str
    params: Modality
    classes: pd.DataFrame
    embedder: dict[str, Any]
    distortion: dict[str, dict[str, float]]
    ended: dict[str, dict[str, Any]]
    cost: dict[str, dict[str, float]]
    speed: dict[str, dict[str, float]]
    verification: dict[str, Any]
    folds: pd.DataFrame
    pca: dict[str, dict[str, float]]
    recognisability: dict[str, Any]
    reading: pd.DataFrame
    adaptive: pd.DataFrame
    attacks: dict[str, Findings]
    attack_tables: dict[str, pd.DataFrame]
    flows: pd.DataFrame
    milliseconds: dict[str, float]
    table3: pd.DataFrame
    table4: pd.DataFrame
    table5: pd.DataFrame
    displacements: pd.DataFrame
    protections: pd.DataFrame
    swept: str
    sweep: pd.DataFrame | None
    recommended: dict[str, float]
    seconds: dict[str, float]
    all_targets: Targets

    def table(self, name: str) -> pd.DataFrame:
        """Read a table that the page prints as it is, ``reports/<modality>/<name>.csv``.

        Raises:
            InputError: it is missing or damaged.
        """
        return read_csv(Paths(self.name).reports / f"{name}.csv")

    def attack_table(self, name: str) -> pd.DataFrame:
        """Return an attack's table for people: if it is long, only its most telling number, generators side by side."""
        table, attack = self.attack_tables[name].reset_index(), attacks.attack(name)
        if len(table) <= READABLE:
            return table
        rows, beside = list(attack.by), [level for level in ("generator", "key") if level in table]
        while len(rows) > 1 and len(table[rows].drop_duplicates()) > READABLE:
            beside.append(rows.pop(0))
        wide = table.pivot_table(attack.column, rows, beside, sort=False)
        of_column = wide.columns.to_frame(index=False).astype(str).to_numpy()
        wide.columns = [", ".join((attack.column, *(each for each in its if each != "none"))) for its in of_column]
        return wide.astype(object).where(wide.notna(), "–").reset_index()

    @property
    def paper_table4(self) -> dict[str, dict[str, float]]:
        return paper.table4(self.params.dataset)

    @property
    def kinds(self) -> list[str]:
        """The generators."""
        return list(self.distortion)

    @property
    def comparisons(self) -> dict[str, dict[str, Any]]:
        """Verification results of every comparison, by its title, such as ``real – unet``."""
        blocks = {BASELINE.title: self.verification[BASELINE.metric]}
        for kind in self.kinds:
            for comparison in (REAL_TEMPLATE, TEMPLATE_TEMPLATE):
                blocks[Arm(kind, comparison).title] = self.verification[kind][comparison.replace("-", "_")]
        return blocks

    @property
    def distances(self) -> pd.DataFrame:
        """Table 3 for people: a row per class, and the paper's number once for all generators."""
        groups = self.table3.groupby(list(Arm._fields), sort=False)
        of_arm = {Arm(*map(str, arm)): rows.droplevel(list(Arm._fields)) for arm, rows in groups}
        wide = {f"mse, {arm.title}": rows["mse"] for arm, rows in of_arm.items()}
        wide |= {f"the paper's, {arm.comparison}": rows["paper"] for arm, rows in of_arm.items()}
        wide |= {f"euclidean, {arm.title}": rows["euclidean"] for arm, rows in of_arm.items()}
        return pd.DataFrame(wide).dropna(axis="columns", how="all")

    @property
    def learned(self) -> pd.DataFrame:
        """The adaptive judge's accuracies for people: a row for each number of labelled templates."""
        return self.adaptive.pivot_table("accuracy", "n", "generator", sort=False)

    @property
    def moved(self) -> pd.DataFrame:
        """How far templates moved, for people: a row per class, or quartiles if there are many classes."""
        if len(self.displacements) <= READABLE * len(self.kinds):
            return self.displacements.reset_index()
        quartiles = self.displacements.groupby("generator", sort=False).quantile(np.linspace(0, 1, 5))
        return quartiles.rename_axis(["generator", "quantile"]).reset_index()

    def outcome(self, name: str) -> str:
        """Say how the training of a generator ended, a warning first."""
        ended = self.ended[name]
        outcome = [said.format(ended[column]) for column, said in kind_of(name).outcome.items() if column in ended]
        return ", ".join([*(f"WARNING: {warning}" for warning in ended["warnings"]), *outcome])

    def signs(self, kind: str) -> dict[str, float]:
        """Return the failure signs of this pipeline's own generator, a row of Table 5."""
        return {str(name): float(column[kind]) for name, column in self.table5.items()}

    def legible(self, kind: str) -> bool:
        """Tell whether a judge identifies over twice as many templates as by chance, or T is X in other grey levels."""
        read, by_chance = self.recognisability[kind]["rank_1"], self.recognisability["chance"]
        return bool(read > 2 * by_chance or self.signs(kind)["gamma_r2"] > 0.25)

    def skipped(self, attack: str) -> str | None:
        """Say why an attack was not made; None if it was."""
        return reason(self.attack_tables[attack])

    def metrics(self) -> dict[str, float]:
        """Return the numbers of every table under the names the stages give them in MLflow."""
        named = dotted(self.verification) | dotted({"distortion": self.distortion, "pca": self.pca})
        for kind in self.kinds:
            named[f"recognisability.{kind}.rank_1"] = self.recognisability[kind]["rank_1"]
        for subset, *arm in self.folds.index:
            if pd.notna(accuracy := self.folds.loc[(subset, *arm), "accuracy"]):
                named[f"folds.{subset}.{Arm(*arm).metric}.accuracy"] = float(accuracy)
        for protocol, *arm in self.table4.index:
            named[f"table4.{protocol}.{Arm(*arm).metric}.f1"] = float(self.table4.loc[(protocol, *arm), "f1"])
        for attack, findings in self.attacks.items():
            named |= {f"{attack}.{name}": value for name, value in numbers(findings).items()}
        return named

    @property
    def targets(self) -> list[tuple[str, str, str, bool]]:
        """(what, target, measured, met) for the data sets and generators there are targets for."""
        wanted = self.all_targets.datasets.get(self.params.dataset, DatasetTargets())
        rows = []
        for kind, targets in wanted.generators.items():
            if kind not in self.kinds:
                continue
            read, verified = self.recognisability[kind], self.verification[kind]
            percent, points = "{:.1%}".format, "{:+.2f} points".format
            measured = {
                "eer": ("EER", verified["real_template"]["eer"], percent),
                "delta_eer": ("EER over real – real", 100 * verified["delta_eer"], points),
                "within_alpha": ("d_emb ≤ α", self.verification[kind]["within_alpha"], percent),
                "mse": ("d_img, mean squared error", self.distortion[kind]["mse"], "{:.2f}".format),
                "rank_1": ("identified by a judge, best view", read["rank_1"], percent),
                "rank_1_over_chance": ("identified by a judge, best view", read["rank_1"], percent),
                "detected": ("a face found, best view", read.get("detected"), percent),
                "minutes": ("training", self.speed[kind].get("minutes"), "{:.1f} minutes".format),
            }
            for key, target in targets.model_dump(exclude_none=True, exclude=ATTACKED).items():
                what, value, shown = measured[key]
                if value is None:  # no detector, or the training was not run on this machine
                    continue
                limit = target * {"rank_1_over_chance": self.recognisability["chance"], "delta_eer": 100}.get(key, 1)
                least = key in ("within_alpha", "mse")
                met = value >= limit if least else value <= limit
                rows.append((f"{kind}: {what}", f"{'≥' if least else '≤'} {shown(limit)}", shown(value), bool(met)))
            rows += self._attacked(kind, targets)
        if wanted.real is not None:
            named = self.reading.xs((REAL, "cnn"), level=("generator", "judge"))["rank_1"]
            shares = {
                "plain": ("as they are", float(named["plain"])),
                "mean_over_views": ("averaged over the views", float(named.mean())),
                "best_view": ("in the best view", float(named.max())),
            }
            for key, target in wanted.real.model_dump(exclude_none=True).items():
                seen, share = shares[key]
                what = f"real, {seen}: identified by the judge cnn"
                rows.append((what, f"≥ {target:.1%}", f"{share:.1%}", share >= target))
        return rows

    def _attacked(self, kind: str, targets: GeneratorTargets) -> Iterator[tuple[str, str, str, bool]]:
        """Yield what the attacks are held to: (what, target, measured, met)."""
        if targets.renewal is not None:
            eers = self.attack_tables["renewability"].loc[[kind], "eer"].to_numpy()
            rise = 100 * float(eers[1] - eers[0])
            limit = 100 * targets.renewal
            yield f"{kind}: EER after one renewal", f"≤ {limit:+.2f} points", f"{rise:+.2f} points", rise <= limit
        if targets.linkage_eer is not None:
            what = f"{kind}: linkage without the key, EER farthest from 50 %"
            aim = f"50% ± {100 * targets.linkage_eer:g}"
            if self.skipped("linkability"):
                yield what, aim, NOT_ATTACKED, False
            else:
                table = self.attack_tables["linkability"].loc[[kind]].query("key != 'stolen'")
                eer = max(table["eer"], key=lambda eer: abs(eer - 0.5))
                yield what, aim, f"{eer:.1%}", abs(eer - 0.5) <= targets.linkage_eer
        for name in targets.unbroken or ():
            if self.skipped(name):
                yield f"{kind}: {name}: {attacks.attack(name).measure}", "as by chance", NOT_ATTACKED, False
                continue
            its, shown = next(iter(self.attacks[name][kind].values())), attacks.attack(name).shown.format
            what = f"{kind}: {name}: {attacks.attack(name).measure}"
            yield what, f"≤ {shown(its.limit)}", shown(its.value), its.holds


def read_results(name: str, params: Params, targets: Targets) -> Results:
    """Read the files of one modality.

    Raises:
        InputError: one is missing or damaged.
    """
    folder, kinds, sweep = Paths(name).reports, params.generators, params.alpha_sweep
    return Results(
        name=name,
        params=params.modality(name),
        classes=read_csv(folder / "class_counts.csv"),
        embedder=read_json(folder / "embedder.json"),
        distortion={kind: read_json(folder / "distortion" / f"{kind}.json") for kind in kinds},
        ended={kind: read_json(Paths(name).training(kind, "json")) for kind in kinds},
        cost={kind: read_json(Paths(name).cost(kind)) for kind in kinds},
        speed={kind: training_speed(name, kind) for kind in kinds},
        verification=read_json(folder / "verification.json"),
        folds=read_csv(folder / "folds.csv", [0, 1, 2]),
        pca=read_json(folder / "pca.json"),
        recognisability=read_json(folder / "recognisability.json"),
        reading=read_csv(folder / "recognisability.csv", [0, 1, 2]),
        adaptive=read_csv(folder / "adaptive.csv", [0, 1]),
        attacks={attack: read_findings(Paths(name).attacks / f"{attack}.json") for attack in attacks.NAMES},
        attack_tables={attack: read_csv(Paths(name).attacks / f"{attack}.csv") for attack in attacks.NAMES},
        flows=read_csv(folder / "flows.csv", [0, 1, 2]),
        milliseconds=measured(Paths(name).timing("parts/flows")),
        table3=read_csv(folder / "table3.csv", [0, 1, 2]),
        table4=read_csv(folder / "table4.csv", [0, 1, 2]),
        table5=read_csv(folder / "table5.csv"),
        displacements=read_csv(folder / "displacements.csv", [0, 1]),
        protections=read_csv(folder / "protections.csv"),
        swept=sweep.generator,
        sweep=read_csv(folder / "alpha_sweep.csv") if name in sweep.modalities else None,
        recommended=read_json(folder / "alpha.json") if name in sweep.modalities else {},
        seconds=stage_seconds(name),
        all_targets=targets,
    )


def training_speed(name: str, kind: str) -> dict[str, float]:
    """Return ``images_per_second`` and ``minutes`` of a generator's training, empty if it did not run here."""
    return measured(Paths(name).timing(f"training/{kind}"))


def measured(file: Path) -> dict[str, float]:
    """Read what was measured on this machine; nothing if the stage did not run here."""
    return read_json(file) if file.is_file() else {}


def generators(results: list[Results]) -> pd.DataFrame:
    """Cost and results of each generator."""
    rows = {
        f"{result.name}, {kind}": generator_row(
            result.cost[kind] | result.speed[kind],
            result.distortion[kind],
            result.verification[kind]["real_template"],
            result.recognisability[kind],
        )
        for result in results
        for kind in result.kinds
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def generator_row(
    cost: dict[str, float], distortion: dict[str, float], verified: dict[str, Any], read: dict[str, Any]
) -> dict[str, float]:
    """Collect the cost and results of one generator from the files of its stages."""
    given = {"mse": distortion["mse"], "d_emb": distortion["d_emb"]}
    return cost | given | {"eer": verified["eer"], "identified": read["rank_1"]}


def stage_seconds(name: str) -> dict[str, float]:
    """Return how long each stage of a modality took on this machine."""
    return {file.stem: read_json(file)["seconds"] for file in sorted(Paths(name).timing("").parent.glob("*.json"))}


def shared_seconds() -> dict[str, float]:
    """Return how long each stage without a modality took, but the report, which does not know its own time."""
    return {stage: seconds for stage, seconds in stage_seconds(EVERY).items() if stage != "report"}


def minutes(each: list[Mapping[str, float]], paper_stages: list[str]) -> tuple[float, float]:
    """Return the minutes of all stages, and of those that are the paper's, from the seconds of each."""
    seconds = [(stage, seconds) for stages in each for stage, seconds in stages.items()]
    paper_only = sum(each for stage, each in seconds if stage in paper_stages)
    return sum(each for _, each in seconds) / 60, paper_only / 60


def table6(results: list[Results]) -> pd.DataFrame:
    """The paper's Table 6 with our rows below."""
    ours = [
        (
            f"This project, {arm.title}",
            f"{result.name.capitalize()}, {result.params.dataset}, embedder {result.params.embedder}",
            "{:.2f} [{:.2f}, {:.2f}]".format(*(100 * rate for rate in (verified["eer"], *verified["eer_ci"]))),
        )
        for result in results
        for arm in (BASELINE, *(Arm(kind, REAL_TEMPLATE) for kind in result.kinds))
        for verified in [result.comparisons[arm.title]]
    ]
    return pd.concat([paper.TABLE_6, pd.DataFrame(ours, columns=paper.TABLE_6.columns)], ignore_index=True)
