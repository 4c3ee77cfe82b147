"""Folders that are none, lack something, or would run code; and models by name."""

import json
import shutil

import pytest
import torch
from affekt import SpeechRequest, WeightsError
from affekt_coqui import names
from affekt_coqui.speaker import CoquiSpeaker
from affekt_weights.errors import Offline

XTTS = "tts_models/multilingual/multi-dataset/xtts_v2"


class Opens:
    """A pickle that leaves a trace when it is opened."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def refused(model, **options):
    with pytest.raises(WeightsError) as caught:
        CoquiSpeaker(model=str(model), **options).speak([SpeechRequest(text="Hi.")])
    return str(caught.value)


@pytest.fixture
def copied(models, tmp_path):
    def copy(family, *without):
        shutil.copytree(models(family), tmp_path / family, ignore=shutil.ignore_patterns(*without))
        return tmp_path / family

    return copy


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    assert "lacks config.json; found notes.txt" in refused(tmp_path)
    assert "should be the folder of a Coqui model, found a file" in refused(tmp_path / "notes.txt")
    (tmp_path / "config.json").write_text("{")
    assert "is not JSON" in refused(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model": "glow_tts"}))
    assert "of the kind 'glow_tts'\nTry: one of xtts" in refused(tmp_path)


def test_the_configuration_of_an_older_model_is_read(copied):
    config = copied("tacotron2") / "config.json"
    text = config.read_text().replace('"model": "tacotron2"', '"model": "Tacotron2",  // as before 2021')
    assert "Tacotron2" in text
    config.write_text(text.replace("2021,", "2021"))
    assert CoquiSpeaker(model=str(config.parent)).speak([SpeechRequest(text="Hi.")])


def test_missing_files_are_named(copied):
    assert "lacks vocab.json" in refused(copied("xtts", "vocab.json"))
    assert "lacks model.pth" in refused(copied("vits", "model.pth"))
    assert "lacks speakers.json, which its config.json names" in refused(copied("yourtts", "speakers.json"))
    assert "lacks WavLM-Large.pt, through which FreeVC hears" in refused(copied("freevc", "WavLM*"), voice="anna")


@pytest.mark.usefixtures("lent")
def test_without_speakers_xtts_a_lent_voice_is_needed(copied):
    folder = copied("xtts", "speakers_xtts.pth")
    assert "its folder lacks speakers_xtts.pth\nTry: that file, or --voice" in refused(folder)
    speaker = CoquiSpeaker(model=str(folder), voice="anna")
    assert speaker.speak([SpeechRequest(text="Hi.")])[0].provenance["cloned"] is True


def test_an_unknown_voice_without_speakers_xtts_says_both(copied, lent):
    speaker = CoquiSpeaker(model=str(copied("xtts", "speakers_xtts.pth")), voice="emma")
    with pytest.raises(Exception, match=r'nobody lent a voice "emma".*lacks speakers_xtts\.pth'):
        speaker.speak([SpeechRequest(text="Hi.")])


@pytest.mark.parametrize("file", ["model.pth", "speakers_xtts.pth"])
def test_a_pickle_is_refused_and_not_opened(copied, tmp_path, file):
    folder = copied("xtts")
    torch.save({"model": Opens(tmp_path / "trace")}, folder / file)
    assert f'{file}" holds more than weights and could run code: io.open' in refused(folder)
    (folder / file).write_bytes(b"\x80\x04 no zip")
    assert "cannot be loaded as xtts" in refused(folder)
    assert not (tmp_path / "trace").exists()


def test_the_original_xtts_is_loaded_though_its_checkpoint_holds_its_configuration_as_classes(copied):
    from TTS.config import load_config
    from TTS.tts.models.xtts import _legacy_safe_globals

    folder = copied("xtts")
    weights = torch.load(folder / "model.pth", weights_only=True)["model"]
    with _legacy_safe_globals():  # under their former names
        torch.save({"model": weights, "config": load_config(folder / "config.json")}, folder / "model.pth")
    assert "TTS.tts.models.xtts.XttsArgs" in torch.serialization.get_unsafe_globals_in_checkpoint(folder / "model.pth")
    first, second = (CoquiSpeaker(model=str(folder)).speak([SpeechRequest(text="Hi.")])[0].provenance for _ in range(2))
    assert first == second


def test_weights_of_another_size_are_explained(copied, models):
    folder = copied("vits", "model.pth")
    shutil.copy(models("freevc") / "model.pth", folder / "model.pth")
    assert "cannot be loaded as vits: RuntimeError" in refused(folder)


def test_a_configuration_opens_no_file_outside_its_folder(copied, tmp_path):
    folder = copied("yourtts")
    options = json.loads((folder / "config.json").read_text())
    options["model_args"]["d_vector_file"] = options["d_vector_file"] = ["https://example.org/elsewhere.json"]
    options["model_args"]["language_ids_file"] = str(tmp_path / "outside.json")
    (folder / "config.json").write_text(json.dumps(options))
    (tmp_path / "outside.json").write_text('{"sv": 0, "en": 1, "no": 2}')
    engine = CoquiSpeaker(model=str(folder))._engine
    assert engine.voices == ("ada", "ada-happy", "ben")
    assert engine.languages == ("en", "fr-fr", "pt-br")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TTS_HOME", str(tmp_path))
    return tmp_path / "tts"


def test_a_named_model_is_fetched_only_after_its_licence_was_accepted(home, monkeypatch):
    told = refused(XTTS)
    assert "CPML; Coqui Public Model License: non-commercial use only" in told
    assert "https://tts-hub.github.io/cpml" in told
    assert "CC BY-NC-ND 4.0" in refused("tts_models/multilingual/multi-dataset/your_tts")
    assert "nobody accepted" in refused(XTTS, accept_licence="MIT")
    assert not home.exists()
    monkeypatch.setenv("AFFEKT_OFFLINE", "1")
    assert "is not here, and AFFEKT_OFFLINE is set" in refused(XTTS, accept_licence="cpml")
    names.accept(names.named(XTTS))
    with pytest.raises(Offline):
        names.fetched(names.named(XTTS))
    with pytest.raises(Offline):
        names.fetched(names.named("tts_models/en/ljspeech/tacotron2-DDC"), "apache 2.0")


def test_a_named_model_that_was_fetched_is_loaded_from_coquis_own_folder(home, models):
    name = "tts_models/en/vctk/vits"
    shutil.copytree(models("vits-of-three"), home / name.replace("/", "--"))
    speaker = CoquiSpeaker(model=name, accept_licence="apache 2.0")
    made = speaker.speak([SpeechRequest(text="Hi.")])[0].provenance
    assert (made["model"], made["voice"]) == (name, "ben")


def test_a_misspelt_name_is_corrected_and_other_families_are_refused():
    assert f'Did you mean "{XTTS}"' in refused(XTTS.replace("xtts", "xts"))
    assert "no model" in refused("tts_models/multilingual/multi-dataset/bark")
