"""A generator that sees only the embedding: T = C + η·N(F(X)) + ε·S·tanh(U(F(X))). Not in the paper."""

from masquerade.generators.base import Kind

KIND = Kind(
    name="veiled",
    title="veiled (ours)",
    description="A generator that sees nothing but the embedding F(X) and paints it over noise or a cover image. "
    "Not in the paper.",
    colour="#2ca02c",
    shared=set(),
    panels={
        "embedding_loss": "embedding loss (Eq. 9)",
        "embedding_d_emb": "d_emb (Eq. 10)",
        "residual_square": "mean square of tanh(U)",
        "epsilon": "ε",
    },
    outcome={
        "embedding_d_emb": "d_emb {:.2f} on new mixtures",
        "epsilon": "ε {:.2f}",
        "residual_square": "mean square of tanh(U) {:.2f}",
    },
)
