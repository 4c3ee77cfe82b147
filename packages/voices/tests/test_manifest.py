import json
from pathlib import Path

import c2pa
import numpy as np
import pytest
import soundfile
from affekt import AudioSignal, SpeechRequest, SpeechResult
from affekt_voices import verify, write_speech
from affekt_voices.credentials import credentials
from affekt_voices.folders import keys_folder
from affekt_voices.manifest import read_manifest


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path / "lent"))


@pytest.fixture
def written(speech: AudioSignal, tmp_path: Path) -> Path:
    claims = {"synthetic": True, "speaker": "kokoro", "emotion": "happy", "intensity": 0.5}
    path = tmp_path / "reply.wav"
    write_speech(SpeechResult(audio=speech, request=SpeechRequest(text="Hello."), provenance=claims), path)
    return path


def test_the_manifest_says_who_made_it_with_what_and_that_it_is_synthetic(written: Path):
    manifest = read_manifest(written)
    assert manifest is not None
    assert (manifest.valid, manifest.trusted) == (True, False)
    assert manifest.signer == "affekt speech of this installation"
    assert manifest.claims == {"synthetic": True, "speaker": "kokoro", "emotion": "happy", "intensity": 0.5}
    verdict = verify(written)
    assert verdict.synthetic
    assert verdict.sentence.startswith("Synthetic: the watermark is heard")


def test_a_changed_sample_breaks_the_manifest_and_leaves_the_mark(written: Path):
    content = bytearray(written.read_bytes())
    content[30_000] ^= 1
    written.write_bytes(content)
    verdict = verify(written)
    assert verdict.manifest is not None
    assert not verdict.manifest.valid
    assert "assertion.dataHash.mismatch" in verdict.manifest.problems
    assert verdict.synthetic
    assert "the file was changed" in verdict.sentence


def test_coding_loses_the_manifest_and_keeps_the_mark(written: Path, tmp_path: Path):
    samples, rate = soundfile.read(written)
    soundfile.write(tmp_path / "again.mp3", samples, rate)
    verdict = verify(tmp_path / "again.mp3")
    assert verdict.manifest is None
    assert verdict.synthetic


def test_an_ordinary_recording_is_not_called_synthetic(speech: AudioSignal, tmp_path: Path):
    soundfile.write(tmp_path / "plain.flac", np.asarray(speech.samples), speech.sample_rate)
    verdict = verify(tmp_path / "plain.flac")
    assert not verdict.synthetic
    assert verdict.sentence.startswith("Not known to be synthetic")


@pytest.mark.parametrize(("source", "synthetic"), [("digitalCapture", False), ("trainedAlgorithmicMedia", True)])
def test_what_others_sign_is_synthetic_only_where_they_say_so(
    source: str, synthetic: bool, speech: AudioSignal, tmp_path: Path
):
    plain, signed = tmp_path / "plain.wav", tmp_path / "signed.wav"
    soundfile.write(plain, speech.samples, speech.sample_rate)
    action = {"action": "c2pa.created", "digitalSourceType": f"http://cv.iptc.org/newscodes/digitalsourcetype/{source}"}
    told = {"claim_generator_info": [{"name": "recorder", "version": "1"}], "title": "A recording",
            "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}]}  # fmt: skip
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", *credentials(keys_folder()), None))
    with c2pa.Builder(json.dumps(told)) as builder, plain.open("rb") as read, signed.open("w+b") as write:
        builder.sign(signer, "audio/wav", read, write)
    verdict = verify(signed)
    assert verdict.manifest is not None
    assert verdict.manifest.valid
    assert verdict.manifest.claims == {}
    assert verdict.synthetic is synthetic
    assert ("does not call it synthetic" in verdict.sentence) is not synthetic
