"""The two loss components, Eq. 8 and 9; Keras' ``loss_weights`` add them up as Eq. 7."""

import keras
from keras import KerasTensor, ops

from masquerade.distances import ImageDistance
from masquerade.distances.embedding import embedding_distance


class ImageLoss(keras.losses.Loss):
    """ℓ_img = −d_img(G(X), X), Eq. 8: called with X and G(X), (n, h, w, c) each; returns (n,), at most 0."""

    def __init__(self, distance: ImageDistance, name: str = "image_loss") -> None:
        super().__init__(name=name)
        self.distance = distance

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return -self.distance(y_pred, y_true)


class EmbeddingLoss(keras.losses.Loss):
    """ℓ_emb = ReLU(d_emb − α), Eq. 9: called with F(X) and F(G(X)), (n, m) each; returns (n,), at least 0."""

    def __init__(self, alpha: "float | keras.Variable", name: str = "embedding_loss") -> None:
        super().__init__(name=name)
        self.alpha = alpha

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return ops.relu(embedding_distance(y_pred, y_true) - self.alpha)
