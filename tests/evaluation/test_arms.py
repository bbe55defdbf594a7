import pytest

from masquerade.evaluation.arms import BASELINE, Arm


@pytest.mark.parametrize(
    ("arm", "metric", "title"),
    [
        (BASELINE, "real_real", "real – real"),
        (Arm("unet", "real-template"), "unet.real_template", "real – unet"),
        (Arm("veiled", "template-template"), "veiled.template_template", "veiled – veiled"),
        (Arm("unet", "own-template"), "unet.own_template", "real – own unet"),
    ],
)
def test_every_arm_has_a_name_for_files_and_one_for_people(arm: Arm, metric: str, title: str) -> None:
    assert (arm.metric, arm.title) == (metric, title)
