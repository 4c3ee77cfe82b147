"""Voices of people: only with their consent, and what is computed from them goes when they go."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from affekt import AudioSignal, DataError, MediaError
from affekt_media import load
from affekt_voices import ConsentError, StoreError, Voice, VoiceStore
from affekt_voices.enrolment import APART, SAME_PERSON, voices_apart
from affekt_voices.speaker_identity import embedding, parts, similarity, speech_only

from affekt_coqui.engine import Arrays

SHORTEST = 1.0
"""Seconds of speech in a recording of an emotion."""
CLIP_RATE = 24_000


@dataclass(frozen=True)
class Lending:
    """Gives lent voices out, and keeps in memory what the store keeps sealed on the disk."""

    kept: dict[tuple[str, str], Arrays] = field(default_factory=dict)
    keeps: Literal["in memory", "sealed", "nothing"] = "in memory"
    """Less than in memory is of use to `measure` alone."""

    def use(self, name: str, purpose: str) -> Voice:
        """The voice, if its consent allows this now. Every use asks; memory never answers.

        Raises:
            ConsentError: nobody lent it for this, or not any more.
            StoreError: the store of voices cannot be trusted.
        """
        with self._forgetting():
            return VoiceStore().use(name, purpose)

    def still(self, lent: Voice, purpose: str) -> None:
        """Checks that a use which was granted goes on to be; raises as `use`."""
        with self._forgetting():
            VoiceStore().allows(lent.record.id, purpose)

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        try:
            yield
        except (ConsentError, StoreError):
            self.kept.clear()  # another process may have revoked it
            raise

    def derived(self, lent: Voice, what: str, compute: Callable[[], Arrays]) -> Arrays:
        """What a network needs to know of the voice: from memory, from the store, or computed."""
        key = (lent.record.id, what)
        if self.keeps == "nothing":
            return compute()
        if self.keeps == "sealed":
            return VoiceStore().derived(lent.record, what, compute)
        if key not in self.kept:
            self.kept[key] = VoiceStore().derived(lent.record, what, compute)
        return self.kept[key]


def recording(path: Path) -> AudioSignal:
    """A recording of an emotion.

    Raises:
        DataError: it cannot be read, is silent, or too short.
    """
    try:
        clip = load(path, sample_rate=CLIP_RATE)
    except MediaError as error:
        raise DataError(f'"{path}" cannot be read: {error.message}', hint="a recording of speech") from error
    if clip.audio is None or np.abs(clip.audio.samples).max(initial=0.0) < 1e-3:
        raise DataError(f'"{path}" is silent', hint="a recording of speech")
    seconds = len(speech_only(clip.audio)) / 16_000
    if seconds < SHORTEST:
        raise DataError(
            f'"{path}" holds {seconds:.1f} s of speech, less than {SHORTEST:g} s', hint="a longer recording"
        )
    return clip.audio


def require_same_person(sound: AudioSignal, path: Path, lent: Voice) -> None:
    """Raises a ConsentError unless the recording is in the lent voice alone: nobody else agreed to be imitated."""
    if (apart := voices_apart(parts(sound))) < APART:
        raise ConsentError(
            f'"{path}" seems to hold several people: parts of it are alike by {apart:.2f} only, below {APART}',
            hint="a recording of one person",
        )
    alike = similarity(embedding(sound), lent.embedding)
    if alike < SAME_PERSON:
        raise ConsentError(
            f'"{path}" is not in the voice "{lent.record.voice}": similarity {alike:.2f}, below {SAME_PERSON}',
            hint="a recording of the same person",
        )
