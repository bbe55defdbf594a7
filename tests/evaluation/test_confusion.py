import numpy as np
import pandas as pd
import pytest
from fixture_types import UnitVectors

from masquerade.errors import InputError
from masquerade.evaluation.arms import BASELINE, Arm
from masquerade.evaluation.confusion import Attempts, Confusion, attempt, choose_classes, repeated, summary
from masquerade.params import MockSystem

PARAMS = MockSystem(classes=2, images=4, attempts=50, thresholds=41, repeats=4)


def test_eq_20_and_21_by_hand() -> None:
    outcome = Confusion(0.5, tp=6, fn=2, fp=3, tn=9)

    assert outcome.precision == pytest.approx(6 / 9)
    assert outcome.recall == pytest.approx(6 / 8)
    assert outcome.f1 == pytest.approx(2 * (6 / 9) * (6 / 8) / (6 / 9 + 6 / 8))


def test_nothing_accepted_gives_0_and_no_error() -> None:
    outcome = Confusion(0.0, tp=0, fn=8, fp=0, tn=12)

    assert (outcome.precision, outcome.recall, outcome.f1) == (0, 0, 0)


def test_outcomes_at_a_threshold() -> None:
    attempts = Attempts(genuine=np.array([0.1, 0.3, 0.9]), impostor=np.array([0.5, 0.3, 1.2, 2.0]))

    assert attempts.at(0.4) == Confusion(0.4, tp=2, fn=1, fp=1, tn=3)
    assert attempts.at(0.3) == Confusion(0.3, tp=1, fn=2, fp=0, tn=4)  # below, not at, the threshold


def test_best_threshold_is_the_lowest_of_the_best_f1_between_0_and_4() -> None:
    # Of 0, 0.1, …, 4: from 1.1 to 2.9 all genuine and no impostor attempts are below.
    attempts = Attempts(genuine=np.array([0.3, 1.05]), impostor=np.array([2.95, 3.5]))

    best = attempts.best(41)

    assert best.threshold == pytest.approx(1.1)
    assert best.f1 == 1
    assert attempts.best(5).threshold == pytest.approx(2.0)  # of 0, 1, 2, 3, 4


def test_own_image_is_never_compared_with_itself(rng: np.random.Generator) -> None:
    # Orthogonal vectors: d_F is 0 for an image and itself, 2 for any other two.
    vectors = np.eye(12, dtype=np.float32)
    labels = np.repeat(np.arange(4), 3)

    attempts = attempt(vectors, vectors, labels, np.array([2, 0]), np.array([1, 3]), 500, rng)

    assert len(attempts.genuine) == len(attempts.impostor) == 500
    assert set(attempts.genuine) == {2.0}
    assert set(attempts.impostor) == {2.0}


def test_genuine_probes_meet_every_other_template_of_their_class_and_impostors_come_from_the_others(
    rng: np.random.Generator,
) -> None:
    # Probe i and template j have their own distance: probes are axes, template j has coordinate c_ij on axis i.
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    probes = np.eye(8)
    templates = np.arange(64).reshape(8, 8) / 64  # inner product of probe i and template j: templates[j, i]

    attempts = attempt(probes, templates, labels, np.array([0]), np.array([1]), 400, rng)

    def distances(pairs: list[tuple[int, int]]) -> set[float]:
        return {round(2 - 2 * templates[j, i], 4) for i, j in pairs}

    def drawn(values: np.ndarray) -> set[float]:
        return {round(float(value), 4) for value in values}

    assert drawn(attempts.genuine) == distances([(i, j) for i in range(3) for j in range(3) if i != j])
    assert drawn(attempts.impostor) == distances([(i, j) for i in (3, 4) for j in range(3)])


def test_templates_are_enrolled_and_plain_images_probe(rng: np.random.Generator) -> None:
    labels = np.repeat(np.arange(2), 4)
    probes = np.repeat([[1.0, 0.0]], 8, axis=0)
    templates = np.repeat([[-1.0, 0.0]], 8, axis=0)

    attempts = attempt(probes, templates, labels, np.array([0]), np.array([1]), 20, rng)

    assert set(attempts.genuine) == set(attempts.impostor) == {4.0}


def test_chosen_classes_differ_and_have_the_images_both_halves_need(rng: np.random.Generator) -> None:
    labels = np.repeat(np.arange(7), [4, 5, 6, 2, 3, 2, 1])
    enrolled_ever, others_ever = set(), set()
    for _ in range(100):
        enrolled, others = choose_classes(labels, 2, 4, rng)
        assert len(set(enrolled) | set(others)) == 4
        enrolled_ever |= set(enrolled)
        others_ever |= set(others)

    assert enrolled_ever == {0, 1, 2}
    assert others_ever == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("sizes", [[4, 4, 4], [4, 3, 3, 3, 3], [4, 4, 2, 1, 1]])
def test_too_few_classes_are_one_sentence_that_names_the_key(sizes: list[int], rng: np.random.Generator) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)

    with pytest.raises(InputError, match=r"evaluation.mock_system.classes: 2 "):
        choose_classes(labels, 2, 4, rng)


def test_enrolled_classes_have_as_many_images_as_asked_for(rng: np.random.Generator) -> None:
    labels = np.repeat(np.arange(6), [10, 9, 12, 2, 9, 11])

    chosen = [choose_classes(labels, 2, 10, rng) for _ in range(50)]

    assert {int(label) for enrolled, _ in chosen for label in enrolled} == {0, 2, 5}
    assert {int(label) for _, others in chosen for label in others} == {0, 1, 2, 3, 4, 5}
    with pytest.raises(InputError, match=r"3 classes of 11 images and 3 others .* 2 have 11 and 6 have 2"):
        choose_classes(labels, 3, 11, rng)


@pytest.mark.parametrize("sizes", [[4, 4, 2, 2], [5, 4, 2, 3], [9, 7, 2, 2, 2]])
def test_smallest_classes_that_may_be_chosen_suffice_for_both_protocols(
    sizes: list[int], unit_vectors: UnitVectors
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    vectors = unit_vectors(labels)

    rows = repeated(vectors, {BASELINE: vectors}, labels, PARAMS.model_copy(update={"repeats": 12}), seed=7)

    assert len(rows) == 12 * 2


def test_repeats_are_the_same_every_time_and_equal_arms_get_equal_attempts(
    unit_vectors: UnitVectors,
) -> None:
    labels = np.repeat(np.arange(6), 6)
    probes, templates = unit_vectors(labels), unit_vectors(labels, seed=0) * np.float32(0.999)
    kept = {"real": probes, "same": probes.copy(), "template": templates[::-1]}
    stored = {Arm(name, "real-template"): vectors for name, vectors in kept.items()}

    rows = repeated(probes, stored, labels, PARAMS, seed=7)

    pd.testing.assert_frame_equal(rows, repeated(probes, stored, labels, PARAMS, seed=7))
    arms = {name: rows[rows["generator"] == name].drop(columns="generator") for name in kept}
    pd.testing.assert_frame_equal(arms["real"], arms["same"])
    assert not arms["real"].equals(arms["template"])
    assert rows.groupby(["protocol", "generator", "comparison"]).size().tolist() == 6 * [4]
    assert len(set(rows[rows["protocol"] == "paper"]["f1"])) > 1  # the repeats choose other classes
    other = repeated(probes, stored, labels, PARAMS, seed=8)
    assert not rows["tp"].equals(other["tp"])


def test_counts_add_up_and_held_out_protocol_cannot_beat_its_own_best(unit_vectors: UnitVectors) -> None:
    labels = np.repeat(np.arange(6), 20)
    vectors = unit_vectors(labels, 1.0)

    rows = repeated(vectors, {BASELINE: vectors}, labels, PARAMS.model_copy(update={"repeats": 20}), seed=7)

    assert set(rows["tp"] + rows["fn"]) == set(rows["fp"] + rows["tn"]) == {PARAMS.attempts}
    mean = rows.groupby("protocol")["f1"].mean()
    assert mean["paper"] > mean["held_out"]  # errata 4: chosen and reported on the same draws


def test_summary_is_the_mean_and_its_t_interval() -> None:
    rows = pd.DataFrame(
        {"protocol": "paper", **BASELINE._asdict(), "tp": [8, 9, 10], "f1": [0.8, 0.9, 1.0]}, index=pd.Index([0, 1, 2])
    )

    row = summary(rows, 0.95).xs(("paper", *BASELINE))

    # Standard error 0.1 / √3, t of 97.5 % and 2 degrees of freedom 4.3027
    assert row["tp"] == 9
    assert row["f1"] == pytest.approx(0.9)
    assert row["f1_high"] == pytest.approx(0.9 + 4.3027 * 0.1 / 3**0.5, abs=1e-4)
    assert row["f1_low"] == pytest.approx(0.9 - 4.3027 * 0.1 / 3**0.5, abs=1e-4)


def test_summary_keeps_the_order_of_the_generators_under_the_papers_protocol_first(
    unit_vectors: UnitVectors,
) -> None:
    labels = np.repeat(np.arange(6), 6)
    vectors = unit_vectors(labels)
    arms = [BASELINE, Arm("veiled", "real-template"), Arm("another", "real-template")]

    table = summary(repeated(vectors, dict.fromkeys(arms, vectors), labels, PARAMS, seed=7), 0.95)

    assert table.index.names == ["protocol", "generator", "comparison"]
    assert table.index.tolist() == [(protocol, *arm) for protocol in ("paper", "held_out") for arm in arms]
