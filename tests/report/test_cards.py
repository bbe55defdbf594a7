"""Cards of small numbers."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from masquerade.generators import kind
from masquerade.params import Params
from masquerade.report.cards import images_of_classes, render_cards
from masquerade.report.datasets import Datasets, Fact, Facts, load_datasets
from masquerade.report.render import render_html
from masquerade.report.results import Results, read_results
from masquerade.report.targets import Targets
from masquerade.tables import write_csv


def cells(card: str, row: str) -> list[str]:
    """The cells of the row of a card that begins with this one."""
    (found,) = (line for line in card.splitlines() if line.startswith(f"| {row} |"))
    return [unescape(cell).strip() for cell in found.strip("|").split("|")][1:]


@pytest.fixture
def cards(results: Results, params: Params) -> dict[str, str]:
    return render_cards([results], params, load_datasets())


def test_one_card_for_the_data_and_one_for_each_generator(cards: dict[str, str]) -> None:
    assert list(cards) == ["digits.md", "digits-unet.md", "digits-veiled.md", "digits-keyed.md"]
    for name in ("unet", "veiled", "keyed"):
        assert kind(name).description in unescape(cards[f"digits-{name}.md"])
        assert f"](digits-{name}.md)" in cards["digits.md"]


def test_numbers_are_those_of_the_files(cards: dict[str, str], reports: Path) -> None:
    verified = json.loads((reports / "verification.json").read_text())["unet"]
    low, high = verified["real_template"]["eer_ci"]
    card = cards["digits-unet.md"]

    assert cells(card, "EER, real – template") == [f"{verified['real_template']['eer']:.2%} [{low:.2%}, {high:.2%}]"]
    assert cells(card, "Δ EER over real – real, paired") == ["+0.50 [+0.10, +0.90] points"]
    assert cells(card, "comparisons") == ["90 genuine, 810 impostor"]
    assert cells(card, "d_emb, mean") == ["0.100"]
    assert cells(card, "share within α = 0.2") == ["95.0 %"]
    assert cells(card, "d_img, mean squared error") == ["0.600"]
    assert cells(card, "named by a judge that never saw G or F, best view") == [
        '80 % in the view "negative"; 10 % by chance'
    ]
    assert cells(card, "T is X with other grey levels, R²") == ["0.30"]
    assert cells(card, "contours of X in T, edge correlation") == ["0.10"]
    assert cells(card, "size") == ["1,000 trained parameters, 0.5 GFLOP an image"]
    assert cells(card, "cost of the training")[0].startswith("2.5 minutes, 9.5 images per second")


def test_training_that_was_not_run_here_has_no_minutes(reports: Path, params: Params, targets: Targets) -> None:
    (reports.parent / "timings" / "digits" / "training" / "unet.json").unlink()

    cards = render_cards([read_results("digits", params, targets)], params, load_datasets())

    assert cells(cards["digits-unet.md"], "cost of the training")[0].startswith("not measured")
    assert cells(cards["digits-veiled.md"], "cost of the training")[0].startswith("1.5 minutes")


def test_parameters_of_the_training_are_those_of_params_yaml(cards: dict[str, str], params: Params) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)\n```", cards["digits-veiled.md"], re.DOTALL)
    written = YAML(typ="safe").load(text)

    assert written["generator"]["alpha"] == params.generator.alpha
    assert written["digits"]["veiled"] == params.modality("digits").settings("veiled").model_dump()
    assert written["digits"]["refinement"] == {"veiled": params.modality("digits").refinement["veiled"]}
    assert "unet" not in written["digits"]


def test_limits_follow_the_judges(cards: dict[str, str]) -> None:
    """A judge names 80 % of unet's templates and 12 % of veiled's, by chance 10 %."""
    assert "**It does not hide the image.**" in cards["digits-unet.md"]
    assert "**It does not hide the image.**" not in cards["digits-veiled.md"]
    assert "- It does not prove that nobody can read a template." in cards["digits-veiled.md"]
    for name in ("unet", "veiled"):
        assert "T carries F(X): whoever holds F can link templates" in cards[f"digits-{name}.md"]
        assert "- It has no key." in cards[f"digits-{name}.md"]


def test_data_card_counts_images_and_gives_facts_with_their_source(cards: dict[str, str]) -> None:
    """Class a has 8 images to train on and 2 held out."""
    card, facts = cards["digits.md"], load_datasets().datasets["mnist5k"]

    assert cells(card, "data set") == [f"mnist5k: {facts.title}"]
    assert cells(card, "images") == ["10: 8 to train on, 2 held out (20.0%)"]
    assert cells(card, "classes") == ["1: 1 in the training part, 1 in the held-out part"]
    assert cells(card, "image size") == ["28×28 pixels"]
    assert cells(card, "crop") == ["the largest square in the middle"]
    assert facts.origin is not None
    assert cells(card, "origin") == [facts.origin.says, facts.origin.source]
    assert cells(card, "consent") == ["not known: no source was found", ""]


def test_data_set_without_facts_says_so(results: Results, params: Params) -> None:
    cards = render_cards([results], params, Datasets(datasets={}))

    assert cells(cards["digits.md"], "data set") == ["mnist5k"]
    assert "Nothing is recorded of a data set called mnist5k" in cards["digits.md"]
    assert "| origin |" not in cards["digits.md"]
    assert "The licence of the data is not known here." in cards["digits-unet.md"]


def test_a_readers_own_crop_is_shown(results: Results, params: Params) -> None:
    facts = Datasets(datasets={"mnist5k": Facts(title="Cropped", crop=(24, 116, 0, 92))})

    card = render_cards([results], params, facts)["digits.md"]

    assert cells(card, "crop") == ["rows 24 to 116, columns 0 to 92 of the original"]


def test_a_crop_around_the_face_is_shown(results: Results, params: Params) -> None:
    modality = results.params.model_copy(update={"dataset": "folder", "crop": "face"})

    card = render_cards([replace(results, params=modality)], params, Datasets(datasets={}))["digits.md"]

    assert cells(card, "crop") == ["around the face that MTCNN found"]


def test_many_classes_become_quartiles(results: Results) -> None:
    counts = pd.DataFrame({"train": range(21), "test": 1}, index=pd.Index([f"p{n}" for n in range(21)], name="class"))

    assert images_of_classes(replace(results, classes=counts))["images"].to_dict() == {
        0: 1,
        0.25: 6,
        0.5: 11,
        0.75: 16,
        1: 21,
    }


HOSTILE = "<img src=x onerror=alert(1)>|`**_[x](javascript:alert(1))"


def test_hostile_names_are_shown_literally(reports: Path, params: Params, targets: Targets) -> None:
    """Of a class, a source, a carrier, a view and a fact."""
    index = pd.Index([HOSTILE], name="class")
    write_csv(reports / "class_counts.csv", pd.DataFrame({"train": [8], "test": [2]}, index=index))
    read = json.loads((reports / "recognisability.json").read_text())
    read["veiled"]["view"] = HOSTILE
    (reports / "recognisability.json").write_text(json.dumps(read))
    digits = params.modality("digits")
    veiled = digits.settings("veiled").model_copy(update={"carrier": f"```{HOSTILE}"})
    digits = digits.model_copy(update={"source": HOSTILE, "held_out": [HOSTILE], "veiled": veiled})
    params = params.model_copy(update={"digits": digits})
    fact = Fact(says=HOSTILE, source=HOSTILE)
    facts = Datasets(datasets={"mnist5k": Facts(title=HOSTILE, origin=fact, licence=fact)})

    cards = render_cards([read_results("digits", params, targets)], params, facts)

    shown = {name: render_html(card, reports) for name, card in cards.items()}
    for page in shown.values():
        tags = re.findall("<[^>]*>", page.partition("<body>")[2])
        assert not re.search("img|onerror|javascript", "".join(tags))
    in_cells = [unescape(cell).strip() for cell in re.findall(r"<td[^>]*>([^<]*)</td>", shown["digits.md"])]
    assert in_cells.count(HOSTILE) == 7  # class, source, held out, two of origin, two of licence
    assert f"mnist5k: {HOSTILE}" in in_cells
    assert HOSTILE in unescape(shown["digits-veiled.md"].partition("yaml")[2])
    assert f'12 % in the view "{HOSTILE}"; 10 % by chance' in unescape(shown["digits-veiled.md"])
