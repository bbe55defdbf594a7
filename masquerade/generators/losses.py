"""The two losses, Eq. 8 and 9, and the weights with which Keras adds them up as Eq. 7."""

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

    def __init__(self, alpha: float | keras.Variable, name: str = "embedding_loss") -> None:
        super().__init__(name=name)
        self.alpha = alpha

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return ops.relu(embedding_distance(y_pred, y_true) - self.alpha)


class LossVariable(keras.Variable):
    """A scalar variable that Keras can serialise with the losses of a network."""

    def get_config(self) -> dict[str, str]:
        return {"name": self.name}


class Weights:
    """What multiplies the losses of Eq. 7, and the margin of Eq. 9, as variables, so that a compiled step reads them.

    Attributes:
        image, embedding: 1 − π_emb and π_emb.
        margin: of Eq. 9, at most α.
    """

    def __init__(self, network: keras.Model, pi_emb: float, margin: float) -> None:
        values = {"image": 1 - pi_emb, "embedding": pi_emb, "margin": margin}
        self.image, self.embedding, self.margin = (
            LossVariable(value, trainable=False, name=name) for name, value in values.items()
        )
        network.loss_variables = [self.image, self.embedding, self.margin]  # JAX updates only variables of the network

    def assign(self, pi_emb: float, margin: float) -> None:
        self.image.assign(1 - pi_emb)
        self.embedding.assign(pi_emb)
        self.margin.assign(margin)
