import numpy as np
import pytest
from affekt import AudioSignal, Clip, Component, PipelineSpec, Registry, SpecError, Use
from affekt.slots import parts

QUIET = """
encoders: {speech: loudness}
reasoner: {use: loud-is-excited, threshold: -30}
"""


def test_three_mistakes_are_told_at_once_each_with_its_key():
    with pytest.raises(SpecError) as caught:
        PipelineSpec.parse(
            """
encodrs: {speech: loudness}
encoders: {speech: lowdness, picture: {use: brightness, hop: 3}}
encoders: {speech: {use: loudness, hop: fast}}
reasoner: loud-is-excited
""",
            "mine.yaml",
        )
    said = str(caught.value)
    assert said.startswith("mine.yaml has 3 problems")
    assert 'encodrs: no such key. Did you mean "encoders"?' in said
    assert 'line 4: the key "encoders" stands already in line 3' in said
    assert "speech.hop: input should be a valid number" in said


def test_a_structurally_sound_file_still_has_its_names_and_options_checked_on_build():
    spec = PipelineSpec.parse("encoders: {speech: lowdness}\nreasoner: {use: loud-is-excited, treshold: 1}")
    with pytest.raises(SpecError) as caught:
        spec.build()
    assert 'speech: there is no encoder "lowdness". Did you mean "loudness"?' in str(caught.value)
    assert 'reasoner.treshold: no such option. Did you mean "threshold"?' in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a list", "reasoner: [", "3: 4", "&a [*a]"])
def test_what_is_no_pipeline_is_a_spec_error(text):
    with pytest.raises(SpecError):
        PipelineSpec.parse(text)


def test_yaml_never_makes_python_objects():
    with pytest.raises(SpecError, match="not YAML"):
        PipelineSpec.parse("reasoner: !!python/object/apply:os.system [true]")


def test_swap_changes_components_and_options_and_leaves_the_original():
    spec = PipelineSpec.parse(QUIET)
    other = spec.swap(speech="brightness", **{"reasoner.threshold": -10})
    assert other.encoders["speech"].use == "brightness"
    assert other.reasoner.options == {"threshold": -10}
    assert spec.encoders["speech"].use == "loudness"
    assert spec.swap(speech="loudness", **{"speech.hop": 0.5}).encoders["speech"].options == {"hop": 0.5}
    assert spec.swap(speech=None).encoders == {}
    with pytest.raises(SpecError, match=r'no slot "speach"\. Did you mean "speech"'):
        spec.swap(speach="loudness")


def test_swap_adds_a_slot_in_the_section_of_its_component():
    spec = PipelineSpec.parse(QUIET)
    other = spec.swap(scene="brightness", words={"use": "given-text", "text": "hello"}, speaker="beeps")
    assert list(other.encoders) == ["speech", "scene"]
    assert other.prepare["words"].options == {"text": "hello"}
    assert other.speaker == Use(use="beeps")
    assert other.swap(scene=None).encoders == spec.encoders
    assert other.build().encoders["scene"].encode([Clip(id="a")])[0].reason == "the clip has no video"


def test_swap_keeps_options_in_any_order():
    spec = PipelineSpec.parse(QUIET)
    for changes in ({"speech.hop": 0.5, "speech": "loudness"}, {"speech": "loudness", "speech.hop": 0.5}):
        assert spec.swap(**changes).encoders["speech"].options == {"hop": 0.5}
    assert spec.swap(**{"energy.hop": 0.5, "energy": "loudness"}).encoders["energy"].options == {"hop": 0.5}
    assert spec.swap(**{"encoders.speech.hop": 0.5}).encoders["speech"].options == {"hop": 0.5}


def test_a_new_slot_whose_section_nobody_can_tell_is_refused():
    spec = PipelineSpec.parse(QUIET)
    assert list(spec.swap(**{"encoders.speach": "loudness"}).encoders) == ["speech", "speach"], "it is said to be new"
    with pytest.raises(SpecError, match=r'no slot "energy", and nothing to fill a new one.*"lowdness".*"loudness"'):
        spec.swap(energy="lowdness")
    with pytest.raises(SpecError, match='no slot "energy"'):
        spec.swap(energy=None)
    with pytest.raises(SpecError, match='no slot "energy"'):
        spec.swap(**{"energy.hop": 1})
    with pytest.raises(SpecError, match='another section than "prepare"'):
        spec.swap(**{"prepare.speech": "given-text"})


def test_swap_takes_the_device_of_the_pipeline():
    assert PipelineSpec.parse(QUIET).swap(device="cuda").device == "cuda"


def test_a_saved_file_says_what_it_requires_and_reads_back_equal(tmp_path):
    spec = PipelineSpec.parse(QUIET)
    spec.save(tmp_path / "p.yaml")
    again = PipelineSpec.read(tmp_path / "p.yaml")
    assert again.requires == ("affekt-basics>=0.1.0,<0.2",)
    assert again.model_copy(update={"requires": ()}) == spec
    assert again.build() == spec.build()


def test_unmet_requirements_are_a_problem():
    with pytest.raises(SpecError, match=r"affekt-basics>=3 is asked for, found 0\.1\.0"):
        PipelineSpec.parse(QUIET + "requires: [affekt-basics>=3]").build()


def test_swap_keeps_what_the_file_requires_except_for_what_left():
    asked = ("affekt-basics>=0.1", "numpy>=1", "nowhere-to-be-found>=3")
    spec = PipelineSpec.parse(QUIET).model_copy(update={"requires": asked})
    assert spec.swap(**{"reasoner.threshold": -10}).requires == asked
    with pytest.raises(SpecError, match="nowhere-to-be-found>=3 is not installed"):
        spec.swap(speech="brightness").build()
    gone = spec.swap(speech="from-nowhere").swap(speech="loudness")  # it may have asked for what is nowhere
    assert gone.requires == ("affekt-basics>=0.1", "numpy>=1")
    foreign = spec.model_copy(update={"encoders": {}, "reasoner": Use(use="heads")}).swap(reasoner="loud-is-excited")
    assert foreign.requires[0] == "affekt-basics>=0.1"


def test_an_option_that_is_none_survives_the_file():
    spec = PipelineSpec.parse("encoders: {speech: {use: loudness, hop: null}}\nreasoner: loud-is-excited")
    assert PipelineSpec.parse(spec.to_yaml()).encoders == spec.encoders


def test_one_name_for_two_slots_is_refused():
    with pytest.raises(SpecError, match='the slot "a" stands twice'):
        PipelineSpec.parse(
            "prepare: {a: {use: given-text, text: hi}}\nencoders: {a: loudness}\nreasoner: loud-is-excited"
        ).build()


def test_a_file_that_is_not_there_is_told_with_the_known_pipelines():
    with pytest.raises(SpecError, match="neither a file nor a pipeline"):
        PipelineSpec.read("nowhere.yaml")


def test_a_pipeline_from_a_file_runs():
    loud = AudioSignal(samples=np.full(16_000, 0.5, np.float32), sample_rate=16_000)
    felt, absent = PipelineSpec.parse(QUIET).build().run([Clip(id="a", audio=loud), Clip(id="b")])
    assert felt.label == "excited"
    assert absent.abstained == "no loudness: the clip has no audio"


def test_a_component_is_made_once_and_not_to_check_it_and_again_to_build():
    made = []

    class Counted(Component):
        def reason(self, evidence):
            return []

        def model_post_init(self, context):
            made.append(self)

    registry = Registry()
    registry.load = lambda role, name: Counted  # this class has no importable name
    pipeline = PipelineSpec(reasoner=Use(use="counted")).build(registry)
    assert made == [pipeline.reasoner]


def test_parts_of_a_pipeline_come_in_the_order_they_run_and_go_together_again():
    spec = PipelineSpec.parse("reasoner: r\nspeaker: s\nencoders: {b: x, a: y}\nprepare: {c: z}")
    assert [slot for slot, _, _ in spec.slots()] == ["c", "b", "a", "reasoner", "speaker"]
    for part, content in parts(spec.slots()).items():
        assert content == getattr(spec, part)
