"""Three libraries on the same weights, and the form of file that openai-whisper publishes."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from affekt import MissingDependency, WeightsError, plugins
from affekt_weights import UnsafeWeights
from affekt_whisper import transcript
from affekt_whisper.alignment import align, words_of
from affekt_whisper.checkpoint import transformers_folder
from affekt_whisper.openai_names import as_openai, dimensions
from affekt_whisper.spoken import Doubt
from affekt_whisper.through_faster_whisper import FasterWhisper
from faster_whisper.audio import decode_audio
from safetensors.torch import load_file
from transformers import WhisperConfig

RATE = 16_000
DOUBT = Doubt(no_speech=0.6, logprob=-1.0)


def make(engine, **options):
    return plugins().create("preparer", "whisper", engine=engine, threads=1, **options)


@pytest.fixture(scope="module")
def converted(real_weights):
    """The folder that transformers reads, made once from that of CTranslate2."""
    return transformers_folder("whisper-base", None)


@pytest.fixture(scope="module")
def published(converted, tmp_path_factory):
    """The same numbers as openai-whisper publishes them: one .pt file."""
    pytest.importorskip("whisper", reason="the engine openai-whisper is optional")
    path = tmp_path_factory.mktemp("openai") / "base.pt"
    state = as_openai(load_file(converted / "model.safetensors"))
    torch.save({"dims": dimensions(WhisperConfig.from_pretrained(converted)), "model_state_dict": state}, path)
    return path


def but_the_last(clip):
    """The words without the one that the end of the clip cuts off: how it ends follows the processor's rounding."""
    assert len(clip.words) > 15
    return clip.words[:-1]


@pytest.mark.parametrize("options", [{}, {"beam_size": 1}], ids=["default", "greedy"])
def test_all_engines_write_the_same_words_at_the_same_times(options, published, statement, clip_of):
    clip = clip_of(statement)
    (first,) = make("faster-whisper", **options).prepare([clip])
    assert first.text.startswith("Today, after two years of negotiations, the United States, together with")
    for engine, model in (("transformers", "whisper-base"), ("openai-whisper", str(published))):
        (other,) = make(engine, model=model, **options).prepare([clip])
        assert other.text.startswith(" ".join(word.text for word in but_the_last(first))), engine
        assert other.language == "en", engine
        assert [word.text for word in but_the_last(other)] == [word.text for word in but_the_last(first)], engine
        for ours, theirs in zip(but_the_last(other), but_the_last(first), strict=True):
            assert (ours.start + ours.end) / 2 == pytest.approx((theirs.start + theirs.end) / 2, abs=0.4), engine
            assert ours.probability == pytest.approx(theirs.probability, abs=0.25), engine


@pytest.mark.parametrize("name", ["ravdess/Actor_05/03-01-05-02-01-01-05.flac", "emodb/03a01Wa.flac"])
def test_all_engines_hear_the_same_words_in_acted_speech(name, published, clip_of):
    path = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).resolve().parents[4] / "shared")) / "data" / name
    if not path.is_file():
        pytest.skip(f"{name}, of the data under AFFEKT_SHARED, is absent")
    clip = clip_of(decode_audio(str(path), sampling_rate=RATE))
    models = {"faster-whisper": "whisper-base", "transformers": "whisper-base", "openai-whisper": str(published)}
    heard = {engine: make(engine, model=model).prepare([clip])[0] for engine, model in models.items()}
    assert len({(found.text, found.language) for found in heard.values()}) == 1, heard
    assert heard["transformers"].text, heard
    if heard["transformers"].language == "de":
        assert all("on the" in found.translation.text for found in heard.values()), heard


def test_words_that_whisper_hardly_believes_are_the_same_in_every_run(real_weights, statement):
    engine = FasterWhisper(real_weights, device="cpu", compute_type="int8", threads=1, doubt=DOUBT)
    backwards = statement[: 4 * RATE][::-1].copy()
    first, second = (
        engine.listen(backwards, language="en", task="transcribe", beam_size=1, least=0.2) for _ in range(2)
    )
    assert first.spoken[0].logprob < DOUBT.logprob, "so that a retry at a higher temperature would be due"
    assert first == second


def test_openai_whisper_reads_the_converted_folder_and_its_own_file_alike(converted, published):
    pytest.importorskip("whisper")
    from affekt_whisper.through_openai_whisper import _from_file, _from_folder

    folder, file = _from_folder(converted), _from_file(published)
    for name, weight in folder.state_dict().items():
        torch.testing.assert_close(weight, file.state_dict()[name].float(), msg=name)
    assert folder.alignment_heads.to_dense().sum() == 8, "those that faster-whisper's config.json names"


class Trap:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code in a checkpoint ran')",))


def test_a_pt_file_with_code_is_refused_and_not_run(tmp_path, statement, clip_of):
    pytest.importorskip("whisper")
    torch.save({"dims": {}, "model_state_dict": {"encoder": Trap()}}, tmp_path / "trap.pt")
    with pytest.raises(UnsafeWeights, match="holds more than tensors"):
        make("openai-whisper", model=str(tmp_path / "trap.pt")).prepare([clip_of(statement)])


def test_an_engine_that_is_not_installed_says_how_to_get_it(monkeypatch, statement, clip_of):
    monkeypatch.setattr(transcript, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=re.escape('pip install "affekt-whisper[openai]"')):
        make("openai-whisper").prepare([clip_of(statement)])


@pytest.mark.parametrize("engine", ["transformers", "openai-whisper"])
def test_every_engine_refuses_a_folder_without_a_model_and_hears_no_words_in_noise(
    engine, tmp_path, clip_of, real_weights
):
    pytest.importorskip("whisper")
    noise = clip_of(0.05 * np.random.default_rng(0).standard_normal(2 * RATE))
    with pytest.raises(WeightsError):
        make(engine, model=str(tmp_path)).prepare([noise])
    (heard,) = make(engine).prepare([noise])
    assert heard.text is None
    assert "nobody speaks" in heard.missing["text"]


def test_alignment_follows_what_was_attended_to():
    attended = np.full((2, 3, 40), 0.01, np.float32)
    attended[:, 0, :10] = attended[:, 1, 10:25] = attended[:, 2, 25:] = 1
    np.testing.assert_allclose(align(attended), [0, 10, 25], atol=1)


def test_tokens_become_words_in_any_script():
    def decode(tokens):
        return b"".join([b" go", b"ing", b"!", b" \xc3", b"\xa9t\xc3\xa9"][token] for token in tokens).decode(
            errors="replace"
        )

    words = words_of([0, 1, 2, 3, 4], np.arange(6.0), np.full(6, 0.5, np.float32), decode, "fr")
    assert [(word.text, word.start, word.end) for word in words] == [("going!", 0, 2), ("été", 3, 5)]
    apart = words_of([0, 1], np.arange(3.0), np.full(3, 0.5, np.float32), decode, "zh")
    assert [word.text for word in apart] == ["go", "ing"]
