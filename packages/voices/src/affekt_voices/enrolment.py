"""From recordings and a spoken consent to a voice in the store; every check before anything is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import bidirectional, category

import numpy as np
from affekt import AudioSignal, Clip, plugins
from affekt_media import load
from jaxtyping import Float32

from affekt_voices.errors import ConsentError, EnrolmentError
from affekt_voices.records import LONGEST_NAME, PURPOSE, ConsentRecord, checked_name
from affekt_voices.speaker_identity import ENCODER, embedding, parts, similarity, speech_only
from affekt_voices.store import VoiceStore, embedding_hash
from affekt_voices.words import spoken_words, word_errors

SHORTEST = 8.0
"""Seconds of speech, pauses left out, below which a voice is not enrolled."""
GOOD = 45.0
"""Seconds of speech from which a clone is clearly like the person (see affekt-clone); with less the user is told."""
MOST_NOISE = 15.0
"""Decibels that speech should stand above what lies between the words."""
SAME_PERSON = 0.75
"""Similarity from which two recordings count as one person's, see `same_speaker`."""
APART = 0.72
"""Similarity of the two most different groups of a recording's parts, below which they are two people's."""
MOST_WORD_ERRORS = 0.25
"""Share of the consent phrase's words that may be heard otherwise: names are often misheard."""
LANGUAGE = "en"
"""ISO 639-1, of the consent phrase."""
SAMPLE_RATE = 24_000
"""Recordings are kept at this rate, in hertz."""


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What a person agrees to."""

    person: str
    purposes: tuple[str, ...]
    expires: datetime

    @property
    def phrase(self) -> str:
        """What the person should say and record."""
        uses = " and ".join(self.purposes)
        return (
            f"I, {self.person}, allow affekt to speak with my voice for {uses} until {self.expires:%B} "
            f"{self.expires.day}, {self.expires.year}."
        )


def enrol(store: VoiceStore, name: str, agreed: Consent, recordings: Sequence[Path], spoken: Path) -> ConsentRecord:
    """Checks recordings and the spoken consent, and keeps the voice.

    Args:
        recordings: of the person's speech, `SHORTEST` seconds or more in all.
        spoken: the person saying `agreed.phrase`.

    Raises:
        EnrolmentError: too short, noisy, of several people, not speech; or the consent is not heard, or is another's.
        ConsentError: the name is none or taken, or a purpose is none.
    """
    checked_name(name)
    require_terms(agreed)
    sounds = [_sound(path) for path in recordings]
    _require_speech(sounds, recordings)
    voice = embedding(_joined(sounds))
    consent = _sound(spoken)
    heard = _heard(consent, spoken, LANGUAGE)
    wrong = word_errors(agreed.phrase, heard)
    if wrong > MOST_WORD_ERRORS:
        raise EnrolmentError(
            f'"{spoken}" should say "{agreed.phrase}"; heard "{heard}", {wrong:.0%} of the words wrong',
            hint="record the phrase again, slowly and near the microphone",
        )
    alike = similarity(voice, embedding(consent))
    if alike < SAME_PERSON:
        raise EnrolmentError(
            f'the voice in "{spoken}" is not the one in the recordings: similarity {alike:.2f}, below {SAME_PERSON}',
            hint="the same person should speak in both",
        )
    record = ConsentRecord(
        id=secrets.token_hex(16),
        voice=name,
        person=agreed.person,
        purposes=agreed.purposes,
        language=LANGUAGE,
        given=datetime.now(UTC),
        expires=agreed.expires,
        phrase=agreed.phrase,
        heard=heard,
        word_errors=round(wrong, 4),
        similarity=round(alike, 4),
        encoder=ENCODER,
        seconds=round(_seconds(_joined(sounds)), 1),
        embedding_sha256=embedding_hash(voice),
    )
    store.add(record, voice, sounds)
    return record


def require_terms(agreed: Consent) -> None:
    """Refuses what no record can hold, before anybody listens.

    Raises:
        ConsentError: the person or a purpose is none, or the consent would have ended already.
    """
    if not 1 <= len(agreed.person.strip()) <= LONGEST_NAME or any(map(_disguises, agreed.person)):
        raise ConsentError(
            f"{agreed.person[:60]!r} is no name of a person",
            hint=f'1 to {LONGEST_NAME} characters without control characters: "Anna Example"',
        )
    for purpose in agreed.purposes or ("",):
        if not PURPOSE.fullmatch(purpose):
            raise ConsentError(f"{purpose[:60]!r} is no purpose", hint="lower-case words: replies")
    if agreed.expires <= datetime.now(UTC):
        raise ConsentError(f"the consent would end at {agreed.expires.isoformat()}, which is past", hint="a later day")


def _disguises(letter: str) -> bool:
    """Whether a character ends lines, cannot be seen, or turns the order of others round."""
    orders = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return category(letter) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(letter) in orders


def faults(sound: AudioSignal) -> list[str]:
    """Why a recording is a poor reference; empty when it is fit."""
    reasons = []
    seconds = _seconds(sound)
    if np.abs(sound.samples).max(initial=0.0) < 1e-3:
        return ["it is silent"]
    if seconds < SHORTEST:
        reasons.append(f"it holds {seconds:.1f} s of speech, less than {SHORTEST:.0f} s")
    if (above := speech_to_noise(sound)) < MOST_NOISE:
        reasons.append(f"it is noisy: speech stands {above:.0f} dB above the rest, less than {MOST_NOISE:.0f} dB")
    if seconds >= 4 and (alike := voices_apart(parts(sound))) < APART:
        reasons.append(f"it seems to hold several people: parts of it are alike by {alike:.2f} only, below {APART}")
    return reasons


def _seconds(sound: AudioSignal) -> float:
    """Of speech."""
    return len(speech_only(sound)) / 16_000


def speech_to_noise(sound: AudioSignal) -> float:
    """Decibels from the quietest to the loudest tenth of frames of 20 ms."""
    size = sound.sample_rate // 50
    frames = sound.samples[: len(sound.samples) // size * size].reshape(-1, size)
    if len(frames) < 10:
        return 0.0
    levels = 10 * np.log10((frames.astype(np.float64) ** 2).mean(axis=1) + 1e-10)
    quiet, loud = np.percentile(levels, [10, 90])
    return float(loud - quiet)


def voices_apart(of_parts: Float32[np.ndarray, "part 256"]) -> float:
    """Similarity of the means of two groups of parts, grouped so that they differ most; 1 for a single part.

    Two means, started from the two parts that differ most. A group of less than a quarter counts for nothing: a
    laugh or a cough is no second person.
    """
    if len(of_parts) < 2:
        return 1.0
    alike = of_parts @ of_parts.T
    centres = of_parts[list(np.unravel_index(alike.argmin(), alike.shape))]
    for _ in range(20):
        member = (of_parts @ centres.T).argmax(axis=1)
        if min(np.bincount(member, minlength=2)) < max(1, len(of_parts) / 4):
            return 1.0
        centres = np.stack([of_parts[member == group].mean(axis=0) for group in (0, 1)])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return float(centres[0] @ centres[1])


def _sound(path: Path) -> AudioSignal:
    clip = load(path, sample_rate=SAMPLE_RATE)
    if clip.audio is None:
        raise EnrolmentError(f'"{path}" has no sound: {clip.why_missing("audio")}', hint="a recording of the voice")
    return clip.audio


def _joined(sounds: Sequence[AudioSignal]) -> AudioSignal:
    return AudioSignal(samples=np.concatenate([sound.samples for sound in sounds]), sample_rate=SAMPLE_RATE)


def _require_speech(sounds: Sequence[AudioSignal], paths: Sequence[Path]) -> None:
    if not sounds:
        raise EnrolmentError("there are no recordings", hint=f"{SHORTEST:.0f} s of speech, better a minute")
    names = ", ".join(f'"{path.name}"' for path in paths)
    if reasons := faults(_joined(sounds)):
        raise EnrolmentError(f"{names} cannot enrol a voice: {'; '.join(reasons)}", hint="a quiet room and one speaker")
    if not _heard(_joined(sounds), paths[0], None):
        raise EnrolmentError(f"no words are heard in {names}: it may be music or noise", hint="somebody speaking")


def _heard(sound: AudioSignal, path: Path, language: str | None) -> str:
    options = {"language": language} if language else {}
    (clip,) = plugins().create("preparer", "whisper", **options).prepare([Clip(id=str(path), audio=sound)])
    return " ".join(spoken_words(clip.text or ""))
