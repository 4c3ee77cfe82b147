"""Which windows of a recording count as voice; the rows themselves are Whisper's, see `test_voice_head`."""

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Features, Missing, Word
from affekt_heads.statistics import VoiceStatistics


def rows():
    return Features(values=np.random.default_rng(0).standard_normal((600, 2048)).astype(np.float32), hop=0.02)


def pooled(**fields):
    return VoiceStatistics()._pooled(rows(), Clip(id="a", **fields))


def test_without_a_transcript_every_window_counts():
    found = pooled()
    assert found.values.shape == (8, 4096)
    assert found.clock()[-1].tolist() == [9.0, 12.0]


def test_only_windows_in_which_somebody_speaks_count():
    words = (Word(start=0.2, end=1.0, text="we"), Word(start=1.0, end=1.8, text="won"))
    assert pooled(words=words, text="we won").clock().max() <= 4.5
    assert isinstance(pooled(words=(Word(start=1.0, end=1.2, text="oh"),), text="oh"), Missing)


def test_where_nobody_says_words_only_windows_that_sound_like_a_voice_count(monkeypatch):
    shares = iter([np.full(8, 0.4), np.array([0.1, 0.9, 0.2, 0.6, 0.1, 0.1, 0.1, 0.1])])
    monkeypatch.setattr(VoiceStatistics, "_vocal", property(lambda self: lambda rows: next(shares)))
    unsaid = {"missing": {"text": "nobody speaks"}}
    assert pooled(**unsaid) == Missing(reason="nobody speaks")
    assert pooled(**unsaid).clock().tolist() == [[0.75, 3.75], [3.75, 6.75]]
    assert VoiceStatistics(wordless=None)._pooled(rows(), Clip(id="a", **unsaid)) == Missing(reason="nobody speaks")


def test_a_row_is_the_mean_and_deviation_of_what_is_no_pause():
    probe = VoiceStatistics()._probe
    rows = np.random.default_rng(1).standard_normal((150, 2048)).astype(np.float32) * 0.01
    quiet = rows.copy()
    quiet[60:120, :512] -= 60 * probe.weight / np.square(probe.weight).sum()  # 60 dB less, as the probe reads it
    (found,) = VoiceStatistics()._pooled(Features(values=quiet, hop=0.02), Clip(id="a")).values
    loud = np.concatenate([rows[:59], rows[121:]])  # its level is smoothed over three rows
    assert np.abs(found[:2048] - loud.mean(axis=0)).max() < 0.01
    assert np.abs(found[2048:] - loud.std(axis=0)).max() < 0.01


def test_it_hears_through_whisper_and_a_batch_gives_what_single_clips_give(tmp_path):
    pytest.importorskip("affekt_whisper")
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    torch.manual_seed(0)
    settings = transformers.WhisperConfig(d_model=512, encoder_layers=4, decoder_layers=1, encoder_attention_heads=4,
                             decoder_attention_heads=4, encoder_ffn_dim=32, decoder_ffn_dim=32, vocab_size=64,
                             num_mel_bins=80, pad_token_id=0, bos_token_id=1, eos_token_id=2,
                             decoder_start_token_id=1, suppress_tokens=[], begin_suppress_tokens=[])  # fmt: skip
    transformers.WhisperModel(settings).save_pretrained(tmp_path)
    transformers.WhisperFeatureExtractor().save_pretrained(tmp_path)
    encoder = VoiceStatistics(model=str(tmp_path))
    random = np.random.default_rng(2)
    sounds = [random.standard_normal(round(seconds * 16_000)).astype(np.float32) * 0.1 for seconds in (2.5, 7.0)]
    clips = [Clip(id=str(len(one)), audio=AudioSignal(samples=one, sample_rate=16_000)) for one in sounds]
    short, long, nothing = encoder.encode([*clips, Clip(id="none")])
    assert short.values.shape == (1, 4096)
    assert long.values.shape[0] == len(long.clock()) > 2
    assert isinstance(nothing, Missing)
    (alone,) = encoder.encode(clips[1:])
    assert np.allclose(alone.values, long.values, atol=1e-4)
