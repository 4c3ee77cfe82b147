"""Writes speech to a file that carries the watermark and says that it is synthetic, or writes nothing."""

import json
import os
import secrets
from pathlib import Path

import soundfile
from affekt import AudioSignal, SpeechResult

from affekt_voices.errors import SpeechFileError, WatermarkError
from affekt_voices.watermark import THRESHOLD, Heard, detect, mark

FORMATS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
"""Suffix → format and encoding of libsndfile."""
NOTICE = "Synthetic speech, made by a machine and watermarked."
"""Begins the comment in every file."""


def write_speech(result: SpeechResult, path: str | os.PathLike[str]) -> Heard:
    """Marks the speech unless it is marked, encodes it by suffix, and hears the mark in the encoded file.

    The file appears whole or not at all: it is written beside its place under another name, read back, and renamed.

    Returns:
        How well the mark was heard in the file.

    Raises:
        WatermarkError: the speech cannot carry the mark, or encoding removed it.
        SpeechFileError: the suffix is unknown, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise SpeechFileError(f'"{path}" ends in "{path.suffix}"', hint=f"one of {', '.join(FORMATS)}")
    if path.is_dir() or not path.parent.is_dir():
        found = "it is a folder" if path.is_dir() else f'there is no folder "{path.parent}"'
        raise SpeechFileError(f'speech cannot be written to "{path}": {found}', hint="a file in an existing folder")
    audio = result.audio if detect(result.audio).found else mark(result.audio)
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        _encode(part, audio, comment(result))
        heard = _verified(part)
        os.replace(part, path)
    except (OSError, soundfile.SoundFileError) as error:
        raise SpeechFileError(f'"{path}" cannot be written: {error}', hint="another folder or suffix") from error
    finally:
        part.unlink(missing_ok=True)  # also when interrupted
    return heard


def comment(result: SpeechResult) -> str:
    """What the file says about itself: the notice, then the provenance as JSON."""
    return f"{NOTICE} {json.dumps(dict(result.provenance), ensure_ascii=True, sort_keys=True)}"


def _encode(part: Path, audio: AudioSignal, text: str) -> None:
    container, encoding = FORMATS[part.suffix.lower()]
    with soundfile.SoundFile(
        part, "w", samplerate=audio.sample_rate, channels=1, format=container, subtype=encoding
    ) as file:
        file.title, file.software, file.comment = "Synthetic speech", "affekt", text
        file.write(audio.samples)
    with part.open("rb") as written:
        os.fsync(written.fileno())


def _verified(part: Path) -> Heard:
    """Reads the encoded file as anybody would, and listens."""
    with soundfile.SoundFile(part) as file:
        noticed = file.comment.startswith(NOTICE)
        audio = AudioSignal(samples=file.read(dtype="float32"), sample_rate=file.samplerate)
    if not noticed:
        raise SpeechFileError("the encoded file lost the comment that calls it synthetic", hint="a .wav file")
    if not (heard := detect(audio)).found:
        why = heard.reason or f"it scores {heard.score:.2f}, below {THRESHOLD}"
        raise WatermarkError(f"the watermark did not survive encoding: {why}", hint="a .wav or .flac file")
    return heard
