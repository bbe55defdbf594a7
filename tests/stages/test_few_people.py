"""A data set with few held-out people: what they cannot tell is left out and said, and nothing stops."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from fixture_types import Run

from masquerade import attacks
from masquerade.attacks.finding import read_findings
from masquerade.attacks.people import linked
from masquerade.attacks.rekeyed import Rekeyed
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates
from masquerade.paths import Paths
from masquerade.tables import read_csv

LEARNING = ("distillation", "inversion", "key_recovery", "oracles")
"""Attacks whose attackers know other people."""


def keep(images: Sequence[int], paths: Paths) -> None:
    """Keep so many held-out images of each of the first people, and their templates."""
    before = test = ImageSet.load(paths.test)
    people = np.unique(test.labels)[: len(images)]
    each = [np.flatnonzero(test.labels == label)[:count] for label, count in zip(people, images, strict=True)]
    chosen = np.sort(np.concatenate(each))
    test.take(np.isin(np.arange(len(test)), chosen)).save(paths.test)
    for generator in ("unet", "veiled", "keyed"):
        its = Templates.load(paths.templates(generator))
        arrays = {field.name: getattr(its, field.name)[chosen] for field in fields(its)}
        replace(its, **arrays).save(paths.templates(generator))
    again = Rekeyed.load(paths.rekeyed("keyed"))
    linked_before, linked_now = linked(before.labels), linked(ImageSet.load(paths.test).labels)
    of_both = np.isin(np.flatnonzero(linked_before), chosen[linked_now])
    replace(again, renewed=again.renewed[:, chosen], drawn=again.drawn[:, of_both], seen=again.seen[:, of_both]).save(
        paths.rekeyed("keyed")
    )


@pytest.mark.parametrize(
    ("images", "skipped"),
    [
        ([2, 1, 1], {*LEARNING, "linkability"}),  # no two people can be linked
        ([2, 2], {*LEARNING}),
        ([1, 4, 1, 4], {*LEARNING}),  # enough are attacked, but nobody is left who has four images
    ],
)
def test_attacks_that_need_more_people_are_left_out(
    run: Run, project: Path, images: list[int], skipped: set[str]
) -> None:
    paths = Paths("faces")
    keep(images, paths)

    for stage in (*attacks.NAMES, "flows", "protections"):
        result = run(stage, "--modality", "faces")
        assert result.exit_code == 0, result.output
    result = run("report")
    assert result.exit_code == 0, result.output

    findings = {name: read_findings(paths.attacks / f"{name}.json") for name in attacks.NAMES}
    assert {name for name, its in findings.items() if not its} == skipped
    assert {name for name in attacks.NAMES if read_csv(paths.attacks / f"{name}.csv").index.name == "not attacked"} == (
        skipped
    )
    page = (project / "reports/report.md").read_text(encoding="utf-8")
    for name in skipped:
        (row,) = [line for line in page.splitlines() if line.startswith(f"| **{attacks.attack(name).claim}")][1:]
        assert row.count("not attacked: too few people; it takes two held-out people with two images each") == 3
