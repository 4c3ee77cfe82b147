"""A tiny model speaks in lent voices, and whatever cannot clone, or may not, says so."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
import yaml
from affekt import DataError, OptionsError, SpeechRequest, WeightsError
from affekt_pocket import speaker as speaking
from affekt_pocket.bundle import opened
from affekt_pocket.speaker import PocketSpeaker
from affekt_testing import SpeakerSuite
from affekt_voices import ConsentError, VoiceStore
from safetensors.torch import load_file, save_file

HELLO = SpeechRequest(text="Good morning to all of you.")


@pytest.fixture
def speaker(bundle) -> PocketSpeaker:
    return PocketSpeaker(model=str(bundle), voice="anna", accept_terms=True)


class TestPocket(SpeakerSuite):
    component = PocketSpeaker

    @pytest.fixture(autouse=True)
    def lent(self, lend):
        lend()

    @pytest.fixture
    def options(self, bundle):
        return {"model": str(bundle), "voice": "anna", "accept_terms": True}

    @pytest.fixture
    def inputs(self):
        return [HELLO, SpeechRequest(text="Nobody knew.")]


def test_listing_the_plugin_imports_no_framework():
    check = "import sys, affekt_pocket.plugin; assert not {'torch', 'pocket_tts'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_speech_follows_the_person_states_the_terms_and_is_the_same_again(speaker, lend):
    store = lend()
    lend("otto", pitch=110.0)
    threads = torch.get_num_threads()
    once, other = speaker.speak([HELLO, SpeechRequest(text=HELLO.text, voice="otto")])
    again = speaker.speak([HELLO])[0]
    assert once.audio.sample_rate == 24_000
    assert once.audio.duration > 0.3
    np.testing.assert_array_equal(once.audio.samples, again.audio.samples)
    assert not np.array_equal(once.audio.samples, other.audio.samples)
    assert torch.get_num_threads() == threads, "the library sets it to one for everybody"
    made = once.provenance
    assert (made["cloned"], made["consent"], made["purpose"]) == (True, store.record("anna").id, "replies")
    assert "explicit consent" in made["terms"]


def test_the_terms_come_first(bundle, lend):
    lend()
    with pytest.raises(OptionsError, match=r"explicit consent(.|\n)*Try: --set speaker\.accept_terms=true"):
        PocketSpeaker(model=str(bundle), voice="anna").speak([HELLO])


def test_nothing_is_spoken_without_consent_also_after_it_was_taken_back(speaker, lend):
    store = lend()
    assert speaker.speak([HELLO])
    with pytest.raises(ConsentError, match="not lent for"):
        speaker.model_copy(update={"purpose": "ads"}).speak([HELLO])
    store.revoke("anna")
    with pytest.raises(ConsentError):
        speaker.speak([HELLO])


def test_what_is_derived_is_sealed_and_another_version_does_not_take_it(speaker, lend, tmp_path, monkeypatch):
    lend()

    def kept() -> int:
        return len(list((tmp_path / "lent" / "voices").glob("*/derived-*.sealed")))

    speaker.speak([HELLO])
    speaker.speak([HELLO])
    assert kept() == 1
    monkeypatch.setattr(speaking, "version", lambda: "99")
    speaker.speak([HELLO])
    assert kept() == 2
    VoiceStore().purge("anna")
    assert kept() == 0


def test_ten_minutes_of_a_person_are_heard_for_as_long_as_helps(speaker, lend, monkeypatch):
    lend("long", seconds=120.0)
    heard: list[int] = []
    model = speaker._bundle.model
    state_for = model.get_state_for_audio_prompt

    def counted(prompt):
        heard.append(prompt.shape[-1])
        return state_for(prompt)

    monkeypatch.setattr(model, "get_state_for_audio_prompt", counted)
    speaker.speak([SpeechRequest(text="Hi.", voice="long")])
    assert heard == [round(speaking.LONGEST * 24_000)]


def changed(bundle, folder, change):
    """A copy of the model with other tensors."""
    shutil.copytree(bundle, folder)
    save_file(change(load_file(bundle / "model.safetensors")), folder / "model.safetensors")
    return str(folder)


def test_a_model_without_the_encoder_that_clones_is_refused(bundle, tmp_path):
    def without(state):
        return {name: tensor for name, tensor in state.items() if not name.startswith("mimi.encoder.")}

    def blank(state):
        return {**state, "flow_lm.speaker_proj_weight": torch.zeros_like(state["flow_lm.speaker_proj_weight"])}

    for number, change in enumerate((without, blank)):
        with pytest.raises(WeightsError, match=r"holds no encoder that clones(.|\n)*Try: the full model"):
            opened(changed(bundle, tmp_path / str(number), change), None)


@pytest.mark.parametrize("name", ["config.yaml", "model.safetensors", "tokenizer.model"])
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(bundle, tmp_path, name):
    folder = tmp_path / "lacking"
    shutil.copytree(bundle, folder)
    (folder / name).unlink()
    with pytest.raises(WeightsError, match=f"lacks {name}"):
        opened(str(folder), None)


def test_a_damaged_model_and_an_unknown_name_are_refused(bundle, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(bundle, folder)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="Pocket TTS cannot load"):
        opened(str(folder), None)
    config = yaml.safe_load((bundle / "config.yaml").read_text())
    shutil.copy(bundle / "model.safetensors", folder)
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "unheard_of": 1}))
    with pytest.raises(WeightsError, match="Pocket TTS cannot load"):
        opened(str(folder), None)
    with pytest.raises(WeightsError, match=r'cannot load "klingon"(.|\n)*Try: a folder'):
        opened("klingon", None)


def test_emotions_and_texts_without_words_are_refused_before_anything_is_spoken(speaker, lend):
    lend()
    with pytest.raises(DataError, match="no control of emotion"):
        speaker.speak([HELLO, SpeechRequest(text="Hi.", emotion="happy", intensity=0.5)])
    with pytest.raises(DataError, match="nothing to say"):
        speaker.speak([SpeechRequest(text="...")])
