"""The paper's generator: a U-Net that sees the image."""

from masquerade.generators.base import Kind

KIND = Kind(
    name="unet",
    title="U-Net (the paper's)",
    description="The paper's generator: a U-Net that sees the image and changes it as far as F allows (Eq. 7).",
    colour="#d62728",
    panels={
        "generated_loss": "image loss −d_img (Eq. 8)",
        "embedding_loss": "embedding loss (Eq. 9)",
        "embedding_d_emb": "d_emb (Eq. 10)",
        "multiplier": "λ",
        "val_within_alpha": "share within α, validation",
    },
    outcome={"multiplier": "λ {:.3g}", "val_within_alpha": "{:.1%} of the validation images within α"},
)
