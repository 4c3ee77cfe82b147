"""Tiny models with random weights, of the real classes, written to disk as Coqui's models are; and a lent voice."""

import json
import secrets
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import soundfile
import torch
from affekt import AudioSignal, WeightsError
from affekt_coqui.speaker import CONVERTERS, CoquiSpeaker
from affekt_voices import ConsentRecord, VoiceStore
from affekt_voices.speaker_identity import embedding
from affekt_voices.store import embedding_hash
from affekt_voices.weights import GE2E, PERTH
from affekt_weights import fetch


def voice(seconds: float, pitch: float, formant: float, seed: int = 0, rate: int = 24_000) -> AudioSignal:
    """Not speech, but with its bands, dynamics and pauses: somebody's."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(pitch - 0.2 * pitch * (time % 1.2) + 6 * np.sin(2 * np.pi * 4 * time)) / rate
    vowels = formant + 0.5 * formant * np.sin(2 * np.pi * 1.7 * time)
    sound = sum(
        np.sin(k * phase) / k * (0.2 + np.exp(-(((k * pitch - vowels) / 250) ** 2)))
        for k in range(1, 30)
        if k * pitch < rate / 2
    )
    sound = sound * np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1) ** 0.5
    sound = sound + 0.002 * np.random.default_rng(seed).standard_normal(len(time))
    return AudioSignal(samples=(0.3 * sound / np.abs(sound).max()).astype(np.float32), sample_rate=rate)


ANNA = {"pitch": 210.0, "formant": 900.0}


@pytest.fixture(scope="session", autouse=True)
def weights():
    try:
        fetch(PERTH)
        fetch(GE2E)
    except WeightsError as error:
        pytest.skip(f"needs the weights of the watermark and of the speaker encoder: {error}")


@pytest.fixture
def lent(tmp_path, monkeypatch):
    """The store that holds a voice that belongs to nobody, lent under the name "anna" for replies."""
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path / "lent"))
    return _lend()


@pytest.fixture
def lend():
    """Lends a voice in the store of the moment."""
    return _lend


def _lend(name="anna", purposes=("replies",), days=1.0, seconds=9.0, **somebody):
    sound, now = voice(seconds, **(somebody or ANNA)), datetime.now(UTC)
    heard = embedding(sound)
    record = ConsentRecord(
        id=secrets.token_hex(16),
        voice=name,
        person="nobody",
        purposes=purposes,
        language="en",
        given=now - timedelta(days=2),
        expires=now + timedelta(days=days),
        phrase="",
        heard="",
        word_errors=0.0,
        similarity=1.0,
        encoder="GE2E",
        embedding_sha256=embedding_hash(heard),
    )
    store = VoiceStore()
    store.add(record, heard, [sound])
    return store


@pytest.fixture
def recorded(tmp_path):
    """Writes a recording; of Anna unless told otherwise."""

    def write(name="clip.wav", seconds=3.0, **somebody):
        sound = voice(seconds, seed=1, **(somebody or ANNA))
        soundfile.write(tmp_path / name, sound.samples, sound.sample_rate)
        return tmp_path / name

    return write


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Makes each family's folder when it is first asked for, and gives the same one afterwards."""
    root, made = tmp_path_factory.mktemp("models"), {}

    def folder(family):
        if family not in made:
            made[family] = root / family
            made[family].mkdir()
            torch.manual_seed(1 if family == "vits" else 0)  # by chance, its sound carries the watermark better
            MAKERS[family](made[family])
        return made[family]

    return folder


@pytest.fixture(scope="session")
def speakers(models):
    """Speakers of any options; models are loaded once a family."""
    engines = {}

    def speaker(family, **options):
        made = CoquiSpeaker.create(model=str(models(family)), **options)
        if made._folder.family not in CONVERTERS and not (options.get("reader") or options.get("vocoder")):
            vars(made)["_engine"] = engines[family] = engines.get(family) or made._engine
        return made

    return speaker


def _vits(folder, **arguments):
    from TTS.config.shared_configs import BaseAudioConfig
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    small = {"hidden_channels": 32, "hidden_channels_ffn_text_encoder": 64, "num_heads_text_encoder": 2}
    layers = {"num_layers_text_encoder": 2, "num_layers_posterior_encoder": 2, "num_layers_flow": 2}
    config = VitsConfig(
        model_args=VitsArgs(
            **small, **layers, upsample_initial_channel_decoder=64, init_discriminator=False, **arguments
        ),
        audio=BaseAudioConfig(sample_rate=16_000, fft_size=1024, win_length=1024, hop_length=256),
        text_cleaner="english_cleaners",
        use_phonemes=False,
        languages=[] if arguments.get("use_language_embedding") else ["en"],
    )
    for name, value in arguments.items():
        if name in config:
            config[name] = value
    network = Vits(config)
    _enliven(network.waveform_decoder)
    torch.save({"model": network.state_dict()}, folder / "model.pth")
    network.config.save_json(str(folder / "config.json"))


def _enliven(decoder):
    """Random HiFi-GANs hum softly; what is to carry a watermark must be loud and varied."""
    decoder.conv_pre.weight.data *= 20
    for layer in decoder.ups:
        layer.parametrizations.weight.original0.data *= 2


def _vits_of_three(folder):
    (folder / "speaker_ids.json").write_text(json.dumps({"ben": 0, "ben-happy": 1, "ada": 2}))
    arguments = {"use_speaker_embedding": True, "speaker_embedding_channels": 16}
    _vits(folder, **arguments, speakers_file=str(folder / "speaker_ids.json"))


def _yourtts(folder):
    from TTS.encoder.configs.speaker_encoder_config import SpeakerEncoderConfig
    from TTS.encoder.utils.generic_utils import setup_encoder_model

    config = SpeakerEncoderConfig(num_loader_workers=0, num_classes_in_batch=2, num_utter_per_class=2)
    config.model_params = {
        **{"model_name": "resnet", "input_dim": 64, "use_torch_spec": True, "log_input": True, "proj_dim": 32},
        "layers": [1, 1, 1, 1],
    }
    audio = {"sample_rate": 16_000, "num_mels": 64, "fft_size": 512, "win_length": 400, "hop_length": 160}
    for name, value in {**audio, "preemphasis": 0.97}.items():
        config.audio[name] = value
    torch.save({"model": setup_encoder_model(config).state_dict()}, folder / "model_se.pth")
    config.save_json(str(folder / "config_se.json"))
    generator = np.random.default_rng(0)
    speakers = {
        f"clip-{number}": {"name": name, "embedding": generator.standard_normal(32).tolist()}
        for number, name in enumerate(("ada", "ada-happy", "ben"))
    }
    (folder / "speakers.json").write_text(json.dumps(speakers))
    (folder / "language_ids.json").write_text(json.dumps({"en": 0, "fr-fr": 1, "pt-br": 2}))
    _vits(
        folder,
        use_d_vector_file=True,
        d_vector_dim=32,
        d_vector_file=[str(folder / "speakers.json")],
        speaker_encoder_model_path=str(folder / "model_se.pth"),
        speaker_encoder_config_path=str(folder / "config_se.json"),
        use_language_embedding=True,
        embedded_language_dim=4,
        language_ids_file=str(folder / "language_ids.json"),
    )
    # As it is after a download elsewhere: the configuration names files of another machine.
    text = (folder / "config.json").read_text().replace(str(folder), "/somebody/elses/disk")
    (folder / "config.json").write_text(text)


def _xtts(folder):
    from tokenizers import Tokenizer
    from tokenizers import models as kinds
    from tokenizers.pre_tokenizers import Whitespace
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.models.xtts import Xtts

    config = XttsConfig()
    special = ["[STOP]", "[UNK]", "[SPACE]", "[START]", *(f"[{language}]" for language in config.languages)]
    signs = [*special, *"abcdefghijklmnopqrstuvwxyz'.,!?-:;\""]
    reader = Tokenizer(kinds.BPE(vocab={sign: at for at, sign in enumerate(signs)}, merges=[], unk_token="[UNK]"))
    reader.add_special_tokens(special)
    reader.pre_tokenizer = Whitespace()
    reader.save(str(folder / "vocab.json"))
    sizes = {"gpt_layers": 2, "gpt_n_model_channels": 64, "gpt_n_heads": 4, "decoder_input_dim": 64}
    lengths = {"gpt_max_audio_tokens": 90, "gpt_max_text_tokens": 200, "gpt_number_text_tokens": len(signs)}
    codes = {"gpt_num_audio_tokens": 130, "gpt_start_audio_token": 128, "gpt_stop_audio_token": 129}
    text = {"gpt_start_text_token": 3, "gpt_stop_text_token": 0, "gpt_use_perceiver_resampler": True}
    for name, value in {**sizes, **lengths, **codes, **text}.items():
        config.model_args[name] = value
    network = Xtts(config)
    network.gpt.mel_head.bias.data[129] = 2.0  # so that it comes to an end
    _enliven(network.hifigan_decoder.waveform_decoder)
    torch.save({"model": network.half().state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    torch.save(
        {
            name: {"gpt_cond_latent": torch.randn(1, 32, 64), "speaker_embedding": torch.randn(1, 512, 1) / 22}
            for name in ("emma", "emma-happy")
        },
        folder / "speakers_xtts.pth",
    )


def _tacotron(folder):
    from TTS.tts.configs.shared_configs import GSTConfig
    from TTS.tts.configs.tacotron2_config import Tacotron2Config
    from TTS.tts.models.tacotron2 import Tacotron2

    config = Tacotron2Config(
        use_gst=True,
        gst=GSTConfig(gst_embedding_dim=32, gst_num_heads=2, gst_num_style_tokens=4),
        r=20,
        text_cleaner="english_cleaners",
        use_phonemes=False,
        max_decoder_steps=60,
        languages=["en"],
    )
    config.audio.sample_rate = 16_000
    config.audio.griffin_lim_iters = 10
    network = Tacotron2(config)
    network.decoder.stopnet[1].linear_layer.bias.data += 4  # so that it comes to an end
    torch.save({"model": network.half().state_dict(), "r": 20}, folder / "model.pth")
    network.config.save_json(str(folder / "config.json"))


def _vocoder(folder):
    from TTS.vocoder.configs.hifigan_config import HifiganConfig
    from TTS.vocoder.models.gan import GAN

    config = HifiganConfig()
    config.audio.sample_rate = 22_050
    config.generator_model_params["upsample_initial_channel"] = 64
    network = GAN(config)
    _enliven(network.model_g)
    torch.save({"model": network.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))


def _freevc(folder):
    from TTS.vc.configs.freevc_config import FreeVCConfig
    from TTS.vc.layers.freevc.wavlm.wavlm import WavLM, WavLMConfig
    from TTS.vc.models import freevc

    hearing = WavLMConfig(
        {
            **{"extractor_mode": "layer_norm", "encoder_layers": 2, "encoder_embed_dim": 48, "normalize": True},
            **{"encoder_ffn_embed_dim": 64, "encoder_attention_heads": 4, "layer_norm_first": True, "conv_pos": 16},
            **{"conv_feature_layers": "[(32,10,5)] + [(32,3,2)] * 4 + [(32,2,2)] * 2", "conv_pos_groups": 4},
            **{"relative_position_embedding": True, "num_buckets": 32, "max_distance": 80, "gru_rel_pos": True},
        }
    )
    torch.save({"cfg": vars(hearing), "model": WavLM(hearing).state_dict()}, folder / "WavLM-Large.pt")
    config = FreeVCConfig()
    for name, value in {"ssl_dim": 48, "inter_channels": 32, "hidden_channels": 32}.items():
        config.model_args[name] = value
    config.model_args.upsample_initial_channel = 64
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(freevc, "get_wavlm", lambda: WavLM(hearing))  # its constructor would fetch the large one
        network = freevc.FreeVC(config)
    torch.save({"model": network.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))


def _openvoice(folder):
    from TTS.vc.configs.openvoice_config import OpenVoiceConfig
    from TTS.vc.models.openvoice import OpenVoice

    torch.save({"model": OpenVoice(OpenVoiceConfig()).half().state_dict()}, folder / "checkpoint.pth")
    data = {"sampling_rate": 22_050, "filter_length": 1024, "hop_length": 256, "win_length": 1024}
    (folder / "config.json").write_text(json.dumps({"data": data, "model": {}}))


MAKERS = {
    "xtts": _xtts,
    "yourtts": _yourtts,
    "vits": _vits,
    "vits-of-three": _vits_of_three,
    "tacotron2": _tacotron,
    "vocoder": _vocoder,
    "freevc": _freevc,
    "openvoice": _openvoice,
}
