"""A pipeline is fitted to another encoder of speech, a tiny random HuBERT of the real class, and runs."""

import json

import numpy as np
import pytest

pytest.importorskip("soundfile")
pytest.importorskip("affekt_hubert")

import soundfile
import torch
from affekt import AudioSignal, Clip, PipelineSpec, SpecError, TrainedWith, Word
from affekt_cli.main import app
from affekt_heads.voice import VoiceHead
from transformers import HubertConfig, HubertModel
from typer.testing import CliRunner

RATE = 16_000
CONVOLUTIONS = {"conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}


def voice(emotion, seed):
    """Two seconds: of a hum for sadness, of bright noise for joy."""
    random, time = np.random.default_rng(int(10 * seed)), np.arange(2 * RATE) / RATE
    sound = np.sin(2 * np.pi * (110 + 5 * seed) * time) if emotion == "sad" else random.standard_normal(len(time))
    return (0.1 * sound).astype(np.float32)


def clip(emotion, seed):
    words = tuple(Word(start=k / 4, end=(k + 1) / 4, text="la") for k in range(8))
    audio = AudioSignal(samples=voice(emotion, seed), sample_rate=RATE)
    return Clip(id=emotion, audio=audio, text=" ".join(word.text for word in words), words=words, language="en")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Four speakers, each happy and sad."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = ["file,label,speaker"]
    for speaker in range(4):
        for emotion in ("happy", "sad"):
            soundfile.write(folder / f"{emotion}-{speaker}.wav", voice(emotion, speaker), RATE)
            rows.append(f"{emotion}-{speaker}.wav,{emotion},s{speaker}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def hubert(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("hubert")
    config = HubertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, **CONVOLUTIONS
    )
    HubertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def plain(tmp_path):
    file = tmp_path / "plain.yaml"
    slots = ("encoders: {speech: {use: whisper, layers: [1, 2, 3, 4]}}", "reasoner: {use: heads, abstain_below: 0}")
    file.write_text("\n".join(slots))
    return file


def fit(*arguments):
    return CliRunner().invoke(app, ["fit", *map(str, arguments)])


def test_a_swapped_encoder_is_refused_at_once_and_fitted_it_runs(corpus, hubert, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    use = {"use": "hubert", "model": str(hubert)}
    with pytest.raises(SpecError, match=r'speech: "hubert", and the model was trained with "whisper"\nTry: affekt fit'):
        PipelineSpec.read(plain).swap(speech=use).build().analyze(clip("sad", 9))
    setting = f"speech={json.dumps(use)}"
    done = fit("-p", plain, "--set", setting, "--data", corpus, "-o", "mine.yaml", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["clips"] == 8
    assert told["held_out"]["uar"]["value"] == 1.0
    running = PipelineSpec.read("mine.yaml").build()
    assert [running.analyze(clip(emotion, 1.5)).label for emotion in ("happy", "sad")] == ["happy", "sad"]
    assert running.reasoner.trained_on[0] == "folder"


def test_a_fitted_model_knows_the_options_it_was_fitted_with(corpus, hubert, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    setting = "speech=" + json.dumps({"use": "hubert", "model": str(hubert), "layer": 1})
    done = fit("-p", plain, "--set", setting, "--data", corpus, "-o", "m.yaml")
    assert done.exit_code == 0, done.output
    assert "UAR 1.000" in done.output
    spec = PipelineSpec.read("m.yaml")
    with pytest.raises(SpecError, match=r'"hubert" with layer 2, and the model was trained with 1'):
        spec.swap(**{"speech.layer": 2}).build().run([clip("sad", 9)])
    spec.swap(**{"speech.batch_size": 1}).build().require_encoders()
    head = VoiceHead.load(tmp_path / "m.voice.safetensors")
    assert head.probe is None
    assert head.encoder.options["model"] == str(hubert)


def test_what_cannot_be_fitted_says_why(corpus, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = fit("-p", "default", "--data", corpus, "-o", "m.yaml")
    assert done.exit_code == 2
    assert 'trains the heads of the reasoner "heads"; this pipeline has "emotion-llama"' in done.output
    assert fit("-p", plain, "--set", "speech", "--data", corpus, "-o", "m.yaml").exit_code == 2
    assert not (tmp_path / "m.yaml").exists()


def test_an_encoder_differs_by_its_name_and_by_the_options_that_features_depend_on():
    trained = TrainedWith(use="hubert", options={"layer": -1, "pool": "none"})
    same = {"name": "hubert", "target": "x:Y", "options": {"layer": -1, "pool": "none", "device": "cuda:0", "more": 1}}
    assert trained.difference(TrainedWith.of(same)) is None
    assert "layer 3" in trained.difference(TrainedWith.of(same | {"options": {"layer": 3, "pool": "none"}}))
    assert '"wavlm"' in trained.difference(TrainedWith.of(same | {"name": "wavlm"}))
