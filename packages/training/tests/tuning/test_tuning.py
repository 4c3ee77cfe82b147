"""Tuning Whisper's encoder, on a tiny random encoder of the same class and made-up spectrograms."""

import json

import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, Features, WeightsError
from affekt_heads.emotions import EMOTIONS
from affekt_training.tuning.network import TunedVoice
from affekt_training.tuning.recordings import Recording, folds, named
from affekt_training.tuning.spectrograms import COPIES, MELS, Spectrograms, log_mel, spectrograms, trimmed
from affekt_training.tuning.training import Settings, masked_cross_entropy, padded, recalls, train
from affekt_whisper.encoder import WhisperEncoder
from safetensors.torch import load_file
from transformers import WhisperConfig, WhisperModel
from transformers.models.whisper.modeling_whisper import WhisperEncoder as Network

CONFIG = WhisperConfig(
    d_model=16, encoder_layers=3, encoder_attention_heads=2, encoder_ffn_dim=32, decoder_layers=1,
    decoder_attention_heads=2, decoder_ffn_dim=32, num_mel_bins=MELS, max_source_positions=1500, init_std=0.3,
)  # fmt: skip
SETTINGS = Settings(depth=2, rank=2, epochs=3, clips_an_epoch=96, batch=8, rate=1e-2, dropout=0.0, masks=1)


def tiny():
    torch.manual_seed(0)
    return WhisperModel(CONFIG).encoder


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Two corpora of four people each, whose emotions are loud in pitches of their own."""
    labels = {"ravdess": ("happy", "sad", "calm"), "emodb": ("happy", "sad", "bored")}
    return [
        Recording(path=tmp_path_factory.getbasetemp(), corpus=corpus, label=label, emotion=label,
                  speaker=f"{corpus}-{speaker}")
        for corpus, names in labels.items() for speaker in range(4) for label in names * 2
    ]  # fmt: skip


@pytest.fixture(scope="module")
def mels(found):
    random = np.random.default_rng(0)
    made, begins = [], []
    for _ in range(COPIES):
        table = [sum(map(len, made))]
        for one in found:
            rows = random.standard_normal((2 * random.integers(20, 40), MELS)) * 0.3
            rows[:, 8 * EMOTIONS.index(one.emotion) :][:, :8] += 2.0
            made.append(rows.astype(np.float16))
            table.append(table[-1] + len(rows))
        begins.append(table)
    return Spectrograms(np.concatenate(made), np.array(begins))


@pytest.fixture(scope="module")
def run(found, mels, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    held_out = folds(found, 2) == 0
    return out, held_out, train(tiny(), found, mels, held_out, SETTINGS, out)


def test_people_are_in_one_fold_and_every_fold_has_every_corpus(found):
    fold = folds(found, 2)
    for speaker in {one.speaker for one in found}:
        assert len({fold[at] for at, one in enumerate(found) if one.speaker == speaker}) == 1
    assert {(one.corpus, fold[at]) for at, one in enumerate(found)} == {
        (corpus, part) for corpus in ("ravdess", "emodb") for part in (0, 1)
    }


def test_a_run_learns_to_tell_emotions_of_people_it_never_heard(found, run):
    out, held_out, logits = run
    assert np.isnan(logits[~held_out]).all()
    assert min(recalls(found, logits, named(found)).values()) > 0.8
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert lines[-1]["loss"] < lines[0]["loss"]
    np.testing.assert_array_equal(np.load(out / "held_out.npy"), logits)


def test_a_stopped_run_goes_on_exactly(found, mels, run, tmp_path):
    out, held_out, logits = run

    class Stopped(Exception):
        """The end of the machine's patience."""

    def stop(epochs):
        from affekt_training.tuning import training

        kept = training.recalls

        def once(*arguments):
            if (tmp_path / "log.jsonl").is_file() and len((tmp_path / "log.jsonl").read_text().splitlines()) == epochs:
                raise Stopped
            return kept(*arguments)

        return once

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("affekt_training.tuning.training.recalls", stop(2))
        with pytest.raises(Stopped):
            train(tiny(), found, mels, held_out, SETTINGS, tmp_path)
    again = train(tiny(), found, mels, held_out, SETTINGS, tmp_path)
    np.testing.assert_array_equal(again, logits)
    one, two = (load_file(folder / "adapter.safetensors") for folder in (out, tmp_path))
    assert all(torch.equal(one[name], two[name]) for name in one | two)


def test_only_lora_and_the_head_are_moved(run):
    tuned = load_file(run[0] / "tuned.safetensors")
    assert any("lora_B" in name and value.abs().max() > 0 for name, value in tuned.items())
    assert {name.split(".")[0] for name in tuned} == {"encoder", "mix", "attention", "norm", "head", "shift"}
    assert all("lora_" in name for name in tuned if name.startswith("encoder"))


def test_padding_changes_no_clip():
    network = TunedVoice(tiny(), ["a"], depth=2, rank=2, dropout=0.0).eval()
    random = np.random.default_rng(3)
    short, long = (random.standard_normal((rows, MELS)).astype(np.float32) for rows in (30, 80))
    with torch.no_grad():
        together = network(*padded([short, long]))
        alone = network(*padded([short]))
    torch.testing.assert_close(together[:1], alone, atol=1e-4, rtol=1e-4)


def test_the_loss_is_over_the_labels_of_the_clips_own_corpus():
    logits = torch.tensor([[1.0, 2.0, 30.0]])
    mask = torch.tensor([[True, True, False]])
    expected = torch.nn.functional.cross_entropy(torch.tensor([[1.0, 2.0]]), torch.tensor([0]))
    torch.testing.assert_close(masked_cross_entropy(logits, mask, torch.tensor([0]), 0.0), expected)


def test_the_encoder_with_the_adapter_hears_what_was_trained(run, tmp_path):
    folder = tmp_path / "tiny"
    torch.manual_seed(0)
    WhisperModel(CONFIG).save_pretrained(folder)
    sound = (0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)
    clip = Clip(id="a", audio=AudioSignal(samples=sound, sample_rate=16_000))
    adapter = run[0] / "adapter.safetensors"

    def rows(**options):
        (features,) = WhisperEncoder(model=str(folder), layers=[2], **options).encode([clip])
        assert isinstance(features, Features)
        return features.values

    network = TunedVoice(tiny(), ["ravdess", "emodb"], depth=2, rank=2, dropout=0.0).eval()
    network.load_state_dict(load_file(run[0] / "tuned.safetensors"), strict=False)
    mel = log_mel(sound)
    with torch.no_grad():
        wanted = network.states(*(lambda x, n: (x, torch.ones(1, int(n) // 2, dtype=torch.bool)))(*padded([mel])))[2]
    np.testing.assert_allclose(rows(adapter=adapter), wanted[0].numpy(), atol=2e-2)
    assert np.abs(rows(adapter=adapter) - rows()).max() > 0.05
    other = Network(WhisperConfig(**{**CONFIG.to_dict(), "d_model": 24, "encoder_attention_heads": 2}))
    from affekt_encoding.adapters import add_adapter

    with pytest.raises(WeightsError, match="holds no adapter of this network"):
        add_adapter(other, adapter)


def test_spectrograms_are_made_once_and_trimmed(tmp_path):
    import soundfile

    tone = 0.3 * np.sin(np.arange(16_000) * 0.2)
    sound = np.concatenate([np.zeros(16_000), tone, np.zeros(16_000)]).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, 16_000)
    (tmp_path / "cache").mkdir()
    one = Recording(path=tmp_path / "a.wav", corpus="emodb", label="sad", emotion="sad", speaker="emodb-1")
    made = spectrograms([one], tmp_path / "cache")
    assert 95 <= made.length(0, 0) <= 150
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    again = spectrograms([one], tmp_path / "cache")
    np.testing.assert_array_equal(again.of(1, 0), made.of(1, 0))
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == before
    assert len(trimmed(np.tile(tone, 20).astype(np.float32), 0.0)) == 6 * 16_000
