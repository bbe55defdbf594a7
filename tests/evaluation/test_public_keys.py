from masquerade.evaluation.keys import keys_of
from masquerade.keys import Record
from masquerade.params import Params

NAMES = ["Ada", "Ada", "Bob"]


def test_every_image_has_a_key_of_its_own(params: Params) -> None:
    here, there = (keys_of(params, "faces", part, NAMES).records for part in ("here", "there"))

    assert list(here) == [
        Record("faces", "here: Ada", 0),
        Record("faces", "here: Ada", 1),
        Record("faces", "here: Bob", 2),
    ]
    assert not set(here) & set(there)


def test_all_parts_of_a_system_may_have_one_key(params: Params) -> None:
    keys = params.evaluation.keys.model_copy(update={"scope": "system"})
    shared = params.model_copy(update={"evaluation": params.evaluation.model_copy(update={"keys": keys})})

    for part in ("here", "there"):
        assert list(keys_of(shared, "faces", part, NAMES).records) == 3 * [Record("faces")]


def test_an_attack_may_ask_for_the_other_scope(params: Params) -> None:
    assert list(keys_of(params, "faces", "here", NAMES, "system").records) == 3 * [Record("faces")]
    assert list(keys_of(params, "faces", "here", NAMES, "record").records) == list(
        keys_of(params, "faces", "here", NAMES).records
    )
