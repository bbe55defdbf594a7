"""What the judges' arithmetic saves against the library that defines it: ratios within one run, on any machine."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy import ndimage
from skimage.feature import hog
from skimage.metrics import structural_similarity

from masquerade.evaluation.likeness import structural_similarities
from masquerade.recognisability.features import gradients
from masquerade.recognisability.views import GREY_VIEWS

pytestmark = pytest.mark.skipif(
    "not config.getoption('benchmark_only')", reason="`make benchmark` measures on an otherwise idle machine"
)

SHAPES = {"digits": (500, 28, 28, 1), "faces": (80, 96, 96, 1)}


def histograms(images: np.ndarray) -> None:
    side = images.shape[1] // 7
    for image in images:
        hog(image[..., 0], pixels_per_cell=(side, side), cells_per_block=(2, 2))


def likenesses(images: np.ndarray) -> None:
    for image in images:
        structural_similarity(image, 1 - image, data_range=1.0, channel_axis=-1)


def stretch(images: np.ndarray) -> np.ndarray:
    low, high = np.quantile(images, [0.02, 0.98], axis=(1, 2, 3), keepdims=True).astype(np.float32)
    return np.clip((images - low) / np.maximum(high - low, 1e-3), 0, 1)


def medians(images: np.ndarray) -> None:
    stretch(ndimage.median_filter(images, (1, 3, 3, 1), mode="nearest"))


def blurs(images: np.ndarray) -> None:
    sigma = 0.12 * images.shape[1]
    stretch(ndimage.gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest"))


PAIRS: dict[str, tuple[Callable, Callable]] = {
    "hog": (histograms, gradients),
    "ssim": (likenesses, lambda images: structural_similarities(images, 1 - images)),
    "median": (medians, lambda images: GREY_VIEWS["median"](images, images[0])),
    "low-pass 0.12": (blurs, lambda images: GREY_VIEWS["low-pass 0.12"](images, images[0])),
}


@pytest.mark.parametrize("modality", SHAPES)
@pytest.mark.parametrize("part", PAIRS)
def test_against_the_library(benchmark: BenchmarkFixture, part: str, modality: str) -> None:
    by_library, ours = PAIRS[part]
    images = np.random.default_rng(0).random(SHAPES[modality], dtype=np.float32)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        by_library(images)
        seconds.append(time.perf_counter() - started)

    benchmark.pedantic(ours, (images,), rounds=5, warmup_rounds=1)
    benchmark.extra_info["times_faster"] = round(min(seconds) / benchmark.stats["min"], 1)
