"""The pipeline file that the plugin ships."""

from importlib.resources import files

from affekt import PipelineSpec


def test_the_pipeline_file_names_components_and_their_slots():
    text = files("affekt_heads").joinpath("heads.yaml").read_text(encoding="utf-8")
    spec = PipelineSpec.parse(text, "heads")
    assert spec.reasoner.use == "heads"
    assert set(spec.encoders) == {"speech", "prosody", "action_units", "expression", "words"}
