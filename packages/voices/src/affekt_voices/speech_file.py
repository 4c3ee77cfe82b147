"""Writes speech to a file that carries the watermark and a signed manifest, or writes nothing.

Speech in a lent voice needs one thing more: its consent record must still allow it when it is written.
"""

import json
import os
import secrets
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import soundfile  # type: ignore[import-untyped]
from affekt import AudioSignal, SpeechResult

from affekt_voices.errors import ConsentError, ManifestError, SpeechFileError, WatermarkError
from affekt_voices.manifest import read_manifest, sign
from affekt_voices.store import VoiceStore
from affekt_voices.watermark import THRESHOLD, Heard, detect, mark

FORMATS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
"""Suffix → format and encoding of libsndfile: those that C2PA can sign. Ogg Vorbis is not among them."""
NOTICE = "Synthetic speech, made by a machine and watermarked."
"""Begins the comment in every file."""


def write_speech(result: SpeechResult, path: str | os.PathLike[str], store: VoiceStore | None = None) -> Heard:
    """Marks the speech unless it is marked, encodes it by suffix, signs it, and checks mark and manifest in the file.

    The file appears whole or not at all: it is written beside its place under another name, read back, and renamed.

    Args:
        store: of the lent voices, where the speech is in one; the user's own store by default.

    Returns:
        How well the mark was heard in the file.

    Raises:
        ConsentError: the voice is a lent one, and its record does not allow this any more.
        WatermarkError: the speech cannot carry the mark, or encoding removed it.
        ManifestError: the file cannot be signed, or the manifest does not hold.
        SpeechFileError: the suffix is unknown, or the file cannot be written.
    """
    path = Path(path)
    require_format(path)
    if path.is_dir() or not path.parent.is_dir():
        problem = "it is a folder" if path.is_dir() else f'there is no folder "{path.parent}"'
        raise SpeechFileError(f'speech cannot be written to "{path}": {problem}', hint="a file in an existing folder")
    _require_consent(result, store)
    audio = result.audio if detect(result.audio).certain else mark(result.audio)
    stem = f".{path.stem}.{secrets.token_hex(4)}"
    part, signed = path.with_name(f"{stem}.part{path.suffix}"), path.with_name(f"{stem}.signed{path.suffix}")
    try:
        _encode(part, audio, comment(result))
        sign(part, signed, result.provenance)
        heard = _verified(signed, result)
        os.replace(signed, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SpeechFileError(f'"{path}" cannot be written: {reason}', hint="another folder or disk") from error
    except soundfile.SoundFileError as error:
        raise SpeechFileError(f'"{path}" cannot be encoded: {error}', hint="another suffix") from error
    finally:
        part.unlink(missing_ok=True)  # also when interrupted
        signed.unlink(missing_ok=True)
    return heard


def require_format(path: Path) -> None:
    """Raises a SpeechFileError where the suffix is none that speech is written with; worth asking before it is made."""
    if path.suffix.lower() not in FORMATS:
        raise SpeechFileError(f'"{path}" ends in "{path.suffix}"', hint=f"one of {', '.join(FORMATS)}")


def _require_consent(result: SpeechResult, store: VoiceStore | None) -> None:
    if not result.provenance.get("cloned"):
        return
    record, purpose = result.provenance.get("consent"), result.provenance.get("purpose")
    if not (isinstance(record, str) and isinstance(purpose, str)):
        raise ConsentError("speech in a lent voice names no consent record", hint="speak through a speaker of affekt")
    (store or VoiceStore()).allows(record, purpose)


def comment(result: SpeechResult) -> str:
    """What the file says about itself: the notice, then the provenance as JSON."""
    return f"{NOTICE} {json.dumps(dict(result.provenance), ensure_ascii=True, sort_keys=True)}"


def _encode(part: Path, audio: AudioSignal, text: str) -> None:
    container, encoding = FORMATS[part.suffix.lower()]
    encoded = BytesIO()  # libsndfile calls a full disk "System error."
    with soundfile.SoundFile(
        encoded, "w", samplerate=audio.sample_rate, channels=1, format=container, subtype=encoding
    ) as file:
        file.title, file.software, file.comment = "Synthetic speech", "affekt", text
        file.write(audio.samples)
    with part.open("wb") as written:
        written.write(encoded.getvalue())
        written.flush()
        os.fsync(written.fileno())


def _plain(claims: Mapping[str, Any]) -> Any:
    """As JSON gives it back; the last digits of a float do not survive a manifest."""
    return json.loads(json.dumps(dict(claims)), parse_float=lambda digits: float(f"{float(digits):.12g}"))


def _verified(signed: Path, result: SpeechResult) -> Heard:
    """Reads the file as anybody would: its manifest, its comment, its sound."""
    manifest = read_manifest(signed)
    if manifest is None:
        raise ManifestError("the signed file holds no manifest", hint="a .wav file")
    if not manifest.valid:
        raise ManifestError(f"the manifest does not hold: {', '.join(manifest.problems)}", hint="a .wav file")
    if _plain(manifest.claims) != _plain(result.provenance):
        raise ManifestError("the manifest says something else than was signed", hint="a .wav file")
    with soundfile.SoundFile(signed) as file:
        noticed = file.comment.startswith(NOTICE)
        audio = AudioSignal(samples=file.read(dtype="float32"), sample_rate=file.samplerate)
    if not noticed:
        raise SpeechFileError("the encoded file lost the comment that calls it synthetic", hint="a .wav file")
    if not (heard := detect(audio)).found:
        why = heard.reason or f"it scores {heard.score:.2f}, below {THRESHOLD}"
        raise WatermarkError(f"the watermark did not survive encoding: {why}", hint="a .wav or .flac file")
    return heard
