from pathlib import Path

import keras
import numpy as np
import pytest
from fixture_types import UnitVectors

from masquerade.data.image_set import ImageSet, with_names
from masquerade.embedders.dense import dense
from masquerade.evaluation.pairs import compare
from masquerade.generators.distort import distort
from masquerade.generators.keyed.deriving import choices, derive, enough
from masquerade.generators.keyed.params import Settings
from masquerade.generators.veiled.network import veil, veiled_generator
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import Lock, components_of
from masquerade.params import Params

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 1), dtype=np.uint8)
SETTINGS = Settings(components=4, whitening=0.5)


@pytest.fixture(scope="module")
def embedder() -> keras.Model:
    return dense((8, 8, 1), hidden=16, dimension=6, seed=1)


@pytest.fixture(scope="module")
def veiled(embedder: keras.Model, params: Params) -> keras.Model:
    settings = params.modality("digits").settings("veiled").changed({"width": 4, "noise": 0.0})
    return veiled_generator(veil(6, (8, 8, 1), settings, seed=7), embedder)


@pytest.fixture(scope="module")
def train() -> ImageSet:
    return with_names(IMAGES, [str(number % 4) for number in range(24)])


@pytest.fixture(scope="module")
def keyed(embedder: keras.Model, veiled: keras.Model, train: ImageSet) -> keras.Model:
    return derive(veiled, embedder.predict(train.images / np.float32(255), verbose=0), train, SETTINGS)[0]


def test_template_is_what_the_veiled_decoder_makes_of_the_locked_vector(
    embedder: keras.Model, veiled: keras.Model, keyed: keras.Model
) -> None:
    vectors = embedder.predict(IMAGES / np.float32(255), verbose=0)
    lock = Lock(components_of(keyed), Keyring(MasterKey(bytes(32)), [Record("a", "", n) for n in range(24)]))

    drawn = keyed.predict(lock.codes(vectors).astype(np.float32), verbose=0)

    expected = veiled.get_layer("veil").predict(lock.lock(vectors), verbose=0)["template"]
    np.testing.assert_allclose(drawn, expected, atol=1e-4)
    assert keyed.output_shape == (None, 8, 8, 1)


def test_lock_trains_nothing(veiled: keras.Model, keyed: keras.Model) -> None:
    for a, b in zip(veiled.get_layer("veil").get_weights(), keyed.get_layer("veil").get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_file_opens_without_this_package_and_holds_the_lock(keyed: keras.Model, tmp_path: Path) -> None:
    keyed.save(tmp_path / "keyed.keras")

    opened = keras.models.load_model(tmp_path / "keyed.keras")

    np.testing.assert_array_equal(components_of(opened).kernel, components_of(keyed).kernel)
    codes = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    np.testing.assert_allclose(opened.predict(codes, verbose=0), keyed.predict(codes, verbose=0), atol=1e-6)


def test_template_is_unlocked_with_the_key_it_was_locked_with(embedder: keras.Model, keyed: keras.Model) -> None:
    def templates(first: int) -> Lock:
        keys = Keyring(MasterKey(bytes(32)), [Record("a", "", first + n) for n in range(24)])
        return Lock(components_of(keyed), keys)

    made, other = (distort(keyed, embedder, IMAGES, lock=templates(first)) for first in (0, 100))

    seen = embedder.predict(made.images / np.float32(255), verbose=0)
    np.testing.assert_allclose(made.template_embeddings, templates(0).unlock(seen), atol=1e-5)
    assert np.abs(made.images.astype(int) - other.images).max() > 0  # another key, another template
    np.testing.assert_array_equal(made.real_embeddings, other.real_embeddings)


def test_refinement_moves_towards_the_locked_vector(embedder: keras.Model, keyed: keras.Model) -> None:
    lock = Lock(components_of(keyed), Keyring(MasterKey(bytes(32)), [Record("a", "", n) for n in range(24)]))

    plain, refined = (distort(keyed, embedder, IMAGES, steps, lock) for steps in (0, 20))

    locked = lock.lock(plain.real_embeddings)
    before, after = (
        np.sum((embedder.predict(made.images / np.float32(255), verbose=0) - locked) ** 2, axis=1).mean()
        for made in (plain, refined)
    )
    assert after < 0.5 * before
    assert refined.d_emb.mean() < plain.d_emb.mean()


def test_table_of_components(unit_vectors: UnitVectors) -> None:
    """Six dimensions of equal length: what all of them keep is the EER itself."""
    labels = np.arange(40) % 5
    vectors = unit_vectors(labels, dimension=6)
    train = with_names(np.zeros((40, 8, 8, 1), np.uint8), [str(label) for label in labels])

    table = choices(vectors, train, 6, whitening=0.5)

    assert table.index.tolist() == [4, 6]
    assert table.index.name == "components"
    assert table["variance"].loc[6] == pytest.approx(1)
    assert 0.5 < table["variance"].loc[4] < 1
    assert table["eer"].loc[6] == pytest.approx(compare(vectors, vectors, labels, labels).rates.eer, abs=0.01)


@pytest.mark.parametrize(
    ("variances", "expected"),
    [
        ([0.5, 0.4, 0.08, 0.015, 0.005], 4),  # 98 % in three, 99.5 % in four
        ([0.5, 0.3, 0.2, 0.0, 0.0], 3),
        ([1.0, 1e-3, 1e-3], 2),  # never one, if there are two
        ([1.0, 1e-12], 1),  # the second carries nothing
    ],
)
def test_auto_keeps_the_fewest_components_with_nearly_all_of_the_variance(
    variances: list[float], expected: int
) -> None:
    assert enough(np.array(variances)) == expected


def test_auto_is_its_number(veiled: keras.Model, train: ImageSet) -> None:
    """In six dimensions of which the last holds 1/500 of the variance, five components."""
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(2000, 6)) * [1, 1, 1, 1, 1, 0.1]).astype(np.float32)
    many = with_names(np.zeros((2000, 8, 8, 1), np.uint8), [str(number % 4) for number in range(2000)])

    found, table = derive(veiled, vectors, many, Settings(components="auto", whitening=0.5))
    asked, _ = derive(veiled, vectors, many, Settings(components=5, whitening=0.5))

    assert table.attrs["components"] == 5
    assert table.attrs["variance"] == pytest.approx(0.998, abs=0.001)
    np.testing.assert_array_equal(components_of(found).kernel, components_of(asked).kernel)


def test_too_many_components_are_named(veiled: keras.Model, train: ImageSet, unit_vectors: UnitVectors) -> None:
    with pytest.raises(ValueError, match="the embeddings fill fewer than 9 dimensions"):
        derive(veiled, unit_vectors(np.arange(24)), train, Settings(components=9, whitening=0.5))
