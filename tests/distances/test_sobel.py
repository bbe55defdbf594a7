import keras
import numpy as np
import tensorflow as tf

from masquerade.distances import distance
from masquerade.distances.sobel import edge_mask

EDGE = np.repeat([[0, 0, 1, 1]], 4, axis=0).astype("float32")[None, ..., None]
"""4×4, the left half black and the right half white."""


def numpy(tensor: object) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def test_mask_of_one_vertical_edge() -> None:
    # Beside the edge the kernel (−1 0 1; −2 0 2; −1 0 1) sees 1 + 2 + 1 = 4, squared 16; the other direction sees 0.
    # The first and the last column repeat themselves beyond the border: no edge.
    np.testing.assert_allclose(numpy(edge_mask(EDGE))[0, ..., 0], 4 * [[0, 16, 16, 0]], atol=1e-6)


def test_mask_of_one_horizontal_edge() -> None:
    turned = EDGE.transpose(0, 2, 1, 3)

    np.testing.assert_allclose(numpy(edge_mask(turned))[0, ..., 0], np.transpose(4 * [[0, 16, 16, 0]]), atol=1e-6)


def test_mask_of_one_corner_adds_both_squares() -> None:
    corner = np.zeros((1, 4, 4, 1), dtype="float32")
    corner[0, 2:, 2:] = 1
    # At (1, 1) only the pixel below to the right is white: ±1 in each direction, 1 + 1 = 2.
    # At (2, 2) left and above are black, right and below white: x: (1 − 0)·2 + (1 − 0)·1 = 3, y the same: 9 + 9 = 18.
    # At (1, 2): x: 1·1 + 0; below: −(0 + 2 + 1) = −3: 1 + 9 = 10.
    mask = numpy(edge_mask(corner))[0, ..., 0]

    np.testing.assert_allclose([mask[1, 1], mask[2, 2], mask[1, 2], mask[0, 0]], [2, 18, 10, 0], atol=1e-6)


def test_each_channel_has_its_own_edges() -> None:
    turned = EDGE.transpose(0, 2, 1, 3)

    both = numpy(edge_mask(np.concatenate([EDGE, turned], axis=-1)))

    np.testing.assert_allclose(both[..., :1], numpy(edge_mask(EDGE)), atol=1e-6)
    np.testing.assert_allclose(both[..., 1:], numpy(edge_mask(turned)), atol=1e-6)


def test_eq_17_counts_differences_at_the_edges_of_the_real_image_alone() -> None:
    generated = np.full((1, 4, 4, 1), 0.25, dtype="float32")
    # Columns 1 and 2 weigh 16: |0.25 − 0| + |0.25 − 1| = 1 a row, 4 rows, of 16 pixels: 16·4·1 / 16 = 4.
    np.testing.assert_allclose(distance("sobel")(generated, EDGE), [4], rtol=1e-6)
    # The other way round the real image is flat: no edge, no distance. d_sobel is not symmetric.
    np.testing.assert_allclose(distance("sobel")(EDGE, generated), [0], atol=1e-6)


def test_gradient_reaches_the_generated_image_at_the_edges() -> None:
    generated = tf.Variable(np.full((1, 4, 4, 1), 0.25, dtype="float32"))
    with tf.GradientTape() as tape:
        measured = distance("sobel")(generated, EDGE)
    gradient = tape.gradient(measured, generated).numpy()[0, ..., 0]

    np.testing.assert_allclose(gradient, 4 * [[0, 1, -1, 0]], atol=1e-6)  # 16 / 16 pixels, sign of the difference
