"""The pipelines that follow the original's recipes, against the components that are installed here."""

import pytest
from affekt import PipelineSpec
from affekt_emotion_llama.projections import PAPER

NAMES = ("emotion-llama", "emotion-llama-peak", "emotion-llama-middle")


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_a_valid_pipeline_with_the_papers_slots(name):
    for plugin in ("eva", "mae", "videomae", "hubert", "whisper"):
        pytest.importorskip(f"affekt_{plugin}")
    pytest.importorskip("affekt_face")
    pipeline = PipelineSpec.read(name).build()
    checked_against = {"prosody", "action_units"}
    assert set(pipeline.encoders) == {one.slot for one in PAPER} | checked_against
    made = pipeline.encoders
    assert (made["speech"].model, made["speech"].layer, made["speech"].pool) == (
        "TencentGameMate/chinese-hubert-large",
        -1,
        "mean",
    )
    assert (made["mae"].normalize, made["mae"].tokens, made["mae"].pool) == ("none", "cls", "mean")
    assert (made["videomae"].normalize, made["videomae"].frames, made["videomae"].norm) == ("none", "segments", "none")
    assert (made["image"].size, made["image"].tokens, made["image"].normalize) == (448, "all", "clip")


def test_recipes_differ_in_the_frame():
    pytest.importorskip("affekt_eva")
    frames = {name: PipelineSpec.read(name).build().encoders["image"].frames for name in NAMES}
    assert frames == {"emotion-llama": "first", "emotion-llama-peak": "peak", "emotion-llama-middle": "middle"}
