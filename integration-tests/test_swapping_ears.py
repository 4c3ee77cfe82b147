"""Six encoders of sound by name in one pipeline, on tiny checkpoints of the real classes: widths and clocks differ."""

import json
import textwrap

import numpy as np
import pytest
import torch
from affekt import Missing, PipelineSpec, plugins
from affekt_cli.main import app
from affekt_media import load
from s3prl.upstream.wavlm.WavLM import WavLM, WavLMConfig
from transformers import (
    AudioFlamingo3Config,
    AudioFlamingo3ForConditionalGeneration,
    HubertConfig,
    HubertModel,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    WhisperConfig,
    WhisperModel,
)
from typer.testing import CliRunner

CONVOLUTIONS = {"conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}
WORDS = {
    "model_type": "qwen2", "vocab_size": 32, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
    "num_attention_heads": 2, "num_key_value_heads": 1,
}  # fmt: skip
TOWER = {"encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 32, "num_mel_bins": 80}


def hubert(folder):
    HubertModel(
        HubertConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, **CONVOLUTIONS
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


def wavlm(folder):
    config = WavLMConfig({
        "encoder_layers": 2, "encoder_embed_dim": 48, "encoder_ffn_embed_dim": 96, "encoder_attention_heads": 4,
        "conv_feature_layers": "[(16,10,5)] + [(16,3,2)] * 4 + [(16,2,2)] * 2", "conv_pos": 16, "conv_pos_groups": 4,
        "relative_position_embedding": True, "gru_rel_pos": True,
    })  # fmt: skip
    torch.save({"cfg": vars(config), "model": WavLM(config).state_dict()}, folder / "wavlm.pt")
    return folder / "wavlm.pt"


def whisper(folder):
    WhisperModel(
        WhisperConfig(
            vocab_size=64, d_model=16, encoder_layers=3, decoder_layers=1, encoder_attention_heads=2,
            decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, pad_token_id=0, bos_token_id=1,
            eos_token_id=2, decoder_start_token_id=1,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


def qwen_audio(folder):
    audio = {"model_type": "qwen2_audio_encoder", "d_model": 24, **TOWER}
    config = Qwen2AudioConfig(audio_config=audio, text_config=WORDS, audio_token_index=1)
    Qwen2AudioForConditionalGeneration(config).save_pretrained(folder)
    return folder


def audio_flamingo(folder):
    audio = {"model_type": "audioflamingo3_encoder", "d_model": 40, **TOWER}
    config = AudioFlamingo3Config(audio_config=audio, text_config=WORDS, audio_token_id=1)
    AudioFlamingo3ForConditionalGeneration(config).save_pretrained(folder)
    return folder


EARS = {
    "hubert": (hubert, {}, 32, 0.02),
    "wavlm": (wavlm, {"layer": [1, 2]}, 96, 0.02),
    "whisper": (whisper, {"layer": [1, 2, 3]}, 48, 0.02),
    "qwen-audio": (qwen_audio, {"pool": "mean+std"}, 48, None),
    "audio-flamingo": (audio_flamingo, {}, 40, 0.04),
    "opensmile": (None, {}, 88, None),
}
"""Name → its tiny checkpoint, further options, columns, and seconds a row (None: one row for the clip)."""

REASONER = '''
"""Reads the tokens of any fuser, so that swapping what comes before it changes its answer."""

import numpy as np
from affekt import Component, ComponentInfo, EmotionPrediction, hookimpl


class Crossings(Component):
    def reason(self, evidence):
        return [self._one(known.fused) for known in evidence]

    def _one(self, fused):
        if not fused.mask.any():
            return EmotionPrediction(scores={"happy": 0.5, "sad": 0.5}, abstained="nothing was heard")
        token = fused.tokens[fused.mask][0]
        happy = float((token > 0).sum() / (token != 0).sum())
        return EmotionPrediction(scores={"happy": happy, "sad": 1 - happy}, labels=("happy",), rationale="as it sounds")


@hookimpl
def affekt_components():
    yield ComponentInfo(role="reasoner", name="crossings", target="swapped_ears:Crossings", summary="Any width")
'''


@pytest.fixture(scope="module")
def ears(tmp_path_factory):
    """Slot's use of each encoder."""
    torch.manual_seed(0)
    uses = {}
    for name, (make, options, _, _) in EARS.items():
        model = {"model": str(make(tmp_path_factory.mktemp(name)))} if make else {}
        uses[name] = {"use": name, **model, **options}
    return uses


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    """A pipeline file, and an installed reasoner that takes features of any width."""
    (tmp_path / "swapped_ears.py").write_text(textwrap.dedent(REASONER))
    about = tmp_path / "affekt_swapped-0.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: affekt-swapped\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("[affekt]\nswapped = swapped_ears\n")
    monkeypatch.syspath_prepend(tmp_path)
    plugins.cache_clear()
    file = tmp_path / "ears.yaml"
    file.write_text("encoders: {speech: loudness}\nfuser: {use: concatenate, width: 128}\nreasoner: crossings\n")
    yield file
    plugins.cache_clear()


def test_an_ablation_in_python_is_a_loop_over_names(pipeline, ears, statement):
    spec, clip = PipelineSpec.read(pipeline), load(statement)
    answers = {}
    for name, (_, _, width, hop) in EARS.items():
        running = spec.swap(speech=ears[name]).build()
        (known,) = running.gather([clip])
        features = known.features["speech"]
        assert features.values.shape[1] == width, name
        assert features.hop == hop, name
        clock = features.clock()
        assert 0 <= clock[0, 0] < 0.05, name
        assert clock[-1, 1] == pytest.approx(clip.audio.duration, abs=0.1), name
        np.testing.assert_allclose(known.fused.tokens[0, :width], features.values.mean(axis=0), atol=1e-4)
        (felt,) = running.run([clip])
        answers[name] = felt.scores["happy"]
    assert len(set(answers.values())) == len(EARS), answers


def test_an_ablation_on_the_command_line_is_a_setting(pipeline, ears, statement):
    for name, use in ears.items():
        settings = [
            f"speech={name}",
            *(f"speech.{key}={json.dumps(value)}" for key, value in use.items() if key != "use"),
        ]
        arguments = [part for setting in settings for part in ("--set", setting)]
        done = CliRunner().invoke(app, ["analyze", str(statement), "-p", str(pipeline), "--json", *arguments])
        assert done.exit_code == 0, (name, done.output)
        document = json.loads(done.stdout)
        assert document["provenance"]["speech"]["name"] == name
        assert sum(document["scores"].values()) == pytest.approx(1, abs=1e-3)


def test_every_ear_says_why_it_hears_nothing(ears, tears):
    clip = load(tears)
    for name, use in ears.items():
        options = {key: value for key, value in use.items() if key != "use"}
        (found,) = plugins().create("encoder", name, **options).encode([clip])
        assert isinstance(found, Missing), name
        assert found.reason == clip.why_missing("audio"), name
