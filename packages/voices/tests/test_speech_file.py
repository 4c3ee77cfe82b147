import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile
from affekt import AudioSignal, SpeechRequest, SpeechResult
from affekt_voices import SpeechFileError, WatermarkError, detect, speech_file, write_speech


def spoken(audio: AudioSignal) -> SpeechResult:
    return SpeechResult(
        audio=audio,
        request=SpeechRequest(text="Hello."),
        provenance={"synthetic": True, "speaker": "kokoro", "voice": "jf_alpha", "rate_factor": 9.638385459738009},
    )


def read(path: Path) -> AudioSignal:
    samples, rate = soundfile.read(path, dtype="float32")
    return AudioSignal(samples=samples, sample_rate=rate)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3"])
def test_every_format_carries_the_mark_and_says_that_it_is_synthetic(suffix: str, speech: AudioSignal, tmp_path: Path):
    path = tmp_path / f"reply{suffix}"
    heard = write_speech(spoken(speech), path)
    assert heard.score > 0.9
    assert detect(read(path)).score == pytest.approx(heard.score, abs=1e-3)
    said = soundfile.SoundFile(path).comment
    assert said.startswith("Synthetic speech, made by a machine and watermarked.")
    assert '"speaker": "kokoro"' in said
    assert list(tmp_path.iterdir()) == [path]


def test_marked_speech_is_not_marked_again(marked: AudioSignal, tmp_path: Path):
    write_speech(spoken(marked), tmp_path / "reply.wav")
    np.testing.assert_allclose(read(tmp_path / "reply.wav").samples, marked.samples, atol=2 / 32768)


def test_an_existing_file_is_replaced_whole(speech: AudioSignal, tmp_path: Path):
    path = tmp_path / "reply.wav"
    path.write_bytes(b"older")
    write_speech(spoken(speech), str(path))
    assert read(path).duration == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("reply.m4a", r'ends in "\.m4a"'),
        ("reply.ogg", "ends in"),
        ("reply", 'ends in ""'),
        ("no/folder/reply.wav", "there is no folder"),
    ],
)
def test_a_bad_path_is_refused_before_any_work(name: str, found: str, speech: AudioSignal, tmp_path: Path):
    with pytest.raises(SpeechFileError, match=rf"{found}(.|\n)*Try: "):
        write_speech(spoken(speech), tmp_path / name)


def test_a_folder_of_that_name_is_refused(speech: AudioSignal, tmp_path: Path):
    (tmp_path / "reply.wav").mkdir()
    with pytest.raises(SpeechFileError, match="it is a folder"):
        write_speech(spoken(speech), tmp_path / "reply.wav")


def test_silence_is_not_written(tmp_path: Path):
    silence = AudioSignal(samples=np.zeros(24_000, np.float32), sample_rate=24_000)
    with pytest.raises(WatermarkError):
        write_speech(spoken(silence), tmp_path / "reply.wav")
    assert not list(tmp_path.iterdir())


def test_a_mark_lost_in_encoding_leaves_no_file_and_the_older_one_untouched(
    speech: AudioSignal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "reply.wav"
    path.write_bytes(b"older")
    # An encoder that loses the mark: it writes the speech as it was before marking.
    real = speech_file._encode
    monkeypatch.setattr(speech_file, "_encode", lambda part, audio, text: real(part, speech, text))
    with pytest.raises(WatermarkError, match="did not survive encoding"):
        write_speech(spoken(speech), path)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_rate_that_the_format_cannot_hold_is_an_error_without_a_file(speech: AudioSignal, tmp_path: Path):
    odd = AudioSignal(samples=np.repeat(speech.samples, 5), sample_rate=120_000)
    with pytest.raises(SpeechFileError, match="cannot be encoded"):
        write_speech(spoken(odd), tmp_path / "reply.mp3")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
@pytest.mark.parametrize("holds_the_sound", [False, True])
def test_a_disk_without_room_is_named_as_the_reason(holds_the_sound: bool, marked: AudioSignal, tmp_path: Path):
    """Room for 1,000 bytes, and room for the sound and not for the manifest."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = 2 * len(marked.samples) + 2000 if holds_the_sound else 1000
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with pytest.raises(SpeechFileError, match="cannot be written: File too large"):
            write_speech(spoken(marked), tmp_path / "reply.wav")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_an_interrupt_while_writing_leaves_nothing_behind(tmp_path: Path):
    program = textwrap.dedent(f"""
        import signal, time
        import numpy as np
        from affekt import AudioSignal, SpeechRequest, SpeechResult
        from affekt_voices import speech_file
        from affekt_voices.watermark import Heard

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
        speech_file.detect = lambda audio: Heard(score=1.0, found=True)  # spares the child the network
        encode = speech_file._encode

        def slowly(part, audio, text):
            encode(part, audio, text)
            print("half-way", flush=True)
            time.sleep(60)

        speech_file._encode = slowly
        sound = AudioSignal(samples=np.ones(24000, np.float32) * 0.1, sample_rate=24000)
        result = SpeechResult(audio=sound, request=SpeechRequest(text="Hello."))
        speech_file.write_speech(result, {str(tmp_path / "reply.wav")!r})
    """)
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "half-way\n"
    assert len(list(tmp_path.iterdir())) == 1
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert child.returncode != 0
    assert not list(tmp_path.iterdir())
