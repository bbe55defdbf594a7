"""What a data set such as LFW needs: its own pairs, its own people held out, and the paper's numbers by name."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixture_types import Run
from parameters import change

from masquerade import paper
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.folds import fold_accuracies
from masquerade.evaluation.templates import Templates
from masquerade.paths import Paths

PATHS = Paths("faces")
TRAINED = ("unet", "veiled")
GENERATORS = (*TRAINED, "keyed")


@pytest.fixture
def pairs(project: Path) -> list[tuple[str, ...]]:
    """Two folds of 3 + 3 pairs, in each two of either kind with both images held out."""
    test, train = ImageSet.load(PATHS.test), ImageSet.load(PATHS.train)
    a, b, c, d, *_ = test.names[np.unique(test.labels)]
    k, m, *_ = train.names[np.unique(train.labels)]
    folds = [
        [(a, "1", "2"), (k, "1", "3"), (b, "4", "2"), (a, "1", b, "4"), (a, "3", k, "2"), (b, "2", a, "4")],
        [(c, "1", "2"), (d, "1", "4"), (m, "3", "2"), (k, "1", m, "1"), (c, "3", d, "2"), (d, "4", c, "4")],
    ]
    lines = [pair for fold in folds for pair in fold]
    text = "".join("\t".join(words) + "\n" for words in [("2", "3"), *lines])
    (project / "pairs.txt").write_text(text, encoding="utf-8")
    change(project, "faces.pairs", "pairs.txt")
    return lines


def distances(
    pairs: list[tuple[str, ...]], people: list[str], files: list[str], real: np.ndarray, enrolled: np.ndarray
) -> np.ndarray:
    """Of the first image, plain, to the second's template; NaN where one is not among these."""
    index = {f"{person}/{file}": place for place, (person, file) in enumerate(zip(people, files, strict=True))}
    values = []
    for person, n, *other, m in pairs:
        second = other[0] if other else person
        places = [index.get(f"{who}/{who}_000{number}") for who, number in [(person, n), (second, m)]]
        values.append(np.nan if None in places else np.sum((real[places[0]] - enrolled[places[1]]) ** 2))
    return np.array(values)


@pytest.mark.usefixtures("eagerly")
def test_pairs_of_a_file_are_verified_with_and_without_people_of_the_training_half(
    run: Run, project: Path, pairs: list[tuple[str, ...]]
) -> None:
    import keras

    from masquerade.generators.refine import refine

    result = run("folds", "--modality", "faces")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(PATHS.reports / "folds.csv", index_col=[0, 1, 2])

    arms = [("real", "real-real"), *((kind, "real-template") for kind in GENERATORS)]
    assert table.index.tolist() == [(subset, *arm) for subset in ("unseen", "all") for arm in arms]
    assert table.loc["unseen"][["folds", "genuine", "impostor"]].to_numpy().tolist() == 4 * [[2, 4, 4]]
    assert table.loc["all"][["folds", "genuine", "impostor"]].to_numpy().tolist() == 4 * [[2, 6, 6]]

    mated, fold = np.array([len(pair) == 3 for pair in pairs]), np.repeat([0, 1], 6)
    test, train = ImageSet.load(PATHS.test), ImageSet.load(PATHS.train)
    for kind in TRAINED:  # of held-out images, what `distort` stored
        stored = Templates.load(PATHS.templates(kind))
        people, files = test.names[test.labels].tolist(), test.files.tolist()
        found = distances(pairs, people, files, stored.real_embeddings, stored.template_embeddings)
        known = ~np.isnan(found)
        each = fold_accuracies(found[known], mated[known], fold[known])
        assert table.loc[("unseen", kind, "real-template"), "accuracy"] == pytest.approx(each.mean())
    embedder = keras.models.load_model(PATHS.embedder)
    people, files = [*people, *train.names[train.labels]], [*files, *train.files]
    ends = [end for first, n, *other, m in pairs for end in ((first, n), ([first, *other][-1], m))]
    named = {f"{person}_000{number}" for person, number in ends}
    used = [place for place, file in enumerate(files) if file in named]
    people, files = ([names[place] for place in used] for names in (people, files))
    images = np.concatenate([test.images, train.images])[used] / np.float32(255)
    real = embedder.predict(images, verbose=0)
    *without_key, _ = arms
    for kind, comparison in without_key:  # of all, what G draws, refined where it is, in 8 bits
        drawn = images if kind == "real" else keras.models.load_model(PATHS.generator(kind)).predict(images, verbose=0)
        drawn = refine(drawn, real, embedder, steps=2 if kind == "veiled" else 0)
        enrolled = embedder.predict(np.round(255 * drawn) / np.float32(255), verbose=0)
        found = distances(pairs, people, files, real, enrolled)
        each = fold_accuracies(found, mated, fold)
        assert table.loc[("all", kind, comparison), "accuracy"] == pytest.approx(each.mean())
        assert table.loc[("all", kind, comparison), "standard_error"] == pytest.approx(each.std(ddof=1) / 2**0.5)

    assert run("report").exit_code == 0  # and the report says which protocol it is
    page = (project / "reports/report.md").read_text(encoding="utf-8")

    assert "Faces: LFW, View 2, with outside training data (F)**, pairs of pairs.txt" in page
    assert "Digits: pairs drawn at random from the held-out images" in page
    assert "| unseen | real – unet | " in page


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Nobody\t1\t2", "pairs.txt, line 2: the data set has no 'Nobody'"),
        ("s1\t1\t5", "pairs.txt, line 2: s1 has no image 5"),
        ("s1 1 2", "pairs.txt, line 2: must be name n m"),
    ],
)
def test_bad_pair_is_one_sentence_with_its_line(run: Run, project: Path, pairs: list, line: str, expected: str) -> None:
    text = (project / "pairs.txt").read_text(encoding="utf-8").splitlines()
    (project / "pairs.txt").write_text("\n".join([text[0], line, *text[2:]]) + "\n", encoding="utf-8")

    result = run("folds", "--modality", "faces")

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(f"Error: {expected}")


def test_named_people_are_held_out_and_come_first_in_table_3(run: Run, project: Path) -> None:
    trained = ImageSet.load(PATHS.train)
    named = trained.names[np.unique(trained.labels)][:2].tolist()
    change(project, "faces.held_out", named)

    assert run("split", "--modality", "faces").exit_code == 0
    test, train = ImageSet.load(PATHS.test), ImageSet.load(PATHS.train)

    assert set(named) <= set(test.names[test.labels])
    assert not set(named) & set(train.names[train.labels])
    assert (len(test), len(train)) == (24, 24)


def test_table_3_has_the_papers_numbers_by_name(run: Run, project: Path) -> None:
    """People of the paper's Table 3, one more beside them, in another order than the paper's."""
    test = ImageSet.load(PATHS.test)
    names = test.names.copy().astype("<U40")
    labels = np.unique(test.labels)
    names[labels] = ["Ariel_Sharon", "Bo_Ek", "Colin_Powell", "Hugo_Chavez", "Tony_Blair", "Zoe_Ball"]
    ImageSet(test.images, test.labels, test.subjects, names, test.official_test, test.files).save(PATHS.test)
    change(project, "faces.dataset", "lfw")
    change(project, "faces.held_out", ["Tony_Blair", "Hugo_Chavez"])

    result = run("distances", "--modality", "faces")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(PATHS.reports / "table3.csv", index_col=[0, 1, 2])
    papers, printed = table["paper"], paper.table3("lfw")

    # The named ones first, each group by size and then by label.
    ordered = ["Hugo_Chavez", "Tony_Blair", "Ariel_Sharon", "Bo_Ek", "Colin_Powell", "Zoe_Ball"]
    assert table.index.unique("class").tolist() == ordered
    for kind in GENERATORS:  # the paper has one, whose numbers stand beside each of ours
        assert papers.xs((kind, "real-template"), level=(1, 2)).dropna().to_dict() == {
            "Hugo_Chavez": 0.263,
            "Tony_Blair": 0.298,
            "Ariel_Sharon": 0.273,
            "Colin_Powell": 0.267,
        }
        assert papers["Ariel_Sharon", kind, "template-template"] == printed["Ariel_Sharon", "template-template"]
        assert papers.xs((kind, "own-template"), level=(1, 2)).isna().all()
    assert papers["Tony_Blair", "real", "real-real"] == printed["Tony_Blair", "real-real"]
    assert table["mse"].notna().all()
