"""A lent voice fitted and kept: the search of `fitting` for the person whose consent record is at hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
from affekt import AudioSignal, SpeechRequest
from affekt_kokoro.controls import NEUTRAL
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.voices import VOICES, Voice, read_style
from affekt_kokoro.weights import ALL_VOICES
from affekt_voices import VoiceStore
from affekt_voices.store import Voice as LentVoice
from affekt_weights import fetch
from affekt_whisper.encoder import WhisperEncoder
from jaxtyping import Float32

from affekt_clone import stock
from affekt_clone.conversion import blur_for, converted, mean_pitch, reference
from affekt_clone.fitting import Fitted, Fitter, Losses, OnCounts, Search, Start, heard_of, semitones_to
from affekt_clone.hearing import Heard, Listener
from affekt_clone.voice_space import VoiceSpace

FITTED = "fitted voice 1"
"""Names what is kept; changes with its arrays."""
_HELPS = 0.03
"""Likeness that conversion must add, with words and quality kept, to be used on a fitted voice."""
_LEAST_QUALITY = 3.0
_PITCH_SECONDS = 12.0


def fitted_voice(store: VoiceStore, lent: LentVoice) -> Fitted | None:
    """What was fitted to a lent voice; None where nothing was."""
    kept = store.kept(lent.record, FITTED)
    return None if kept is None else _fitted(kept, lent.record.voice)


def fit(
    store: VoiceStore, lent: LentVoice, kokoro: KokoroSpeaker, on_progress: OnCounts, search: Search | None = None
) -> Fitted:
    """Fits a voice and keeps it sealed with the record; after an interruption it goes on where it was.

    Raises:
        ConsentError: the voice was taken back meanwhile; nothing more is kept.
        WeightsError: the voices of Kokoro cannot be had.
    """
    search = search or Search()
    # One thread a candidate and two candidates at a time take less than two threads for one after another.
    studio = Studio(KokoroSpeaker(weights=kokoro.weights, threads=1))
    unfinished = f"unfinished {search.name}"
    fitted = studio.fit(
        lent.embedding,
        lent.recordings,
        search,
        on_progress,
        Losses.of(store.kept(lent.record, unfinished)),
        lambda losses: store.keep(lent.record, unfinished, losses.arrays()),
    )
    store.keep(lent.record, FITTED, _arrays(fitted))
    store.keep(lent.record, unfinished, None)
    return _fitted(_arrays(fitted), lent.record.voice)


class Studio:
    """Kokoro, and its 54 voices as a space; for as many people as are fitted."""

    def __init__(self, kokoro: KokoroSpeaker, workers: int = 2) -> None:
        """One person whose voice is fitted.

        Args:
            workers: candidates that are listened to at a time, beside the threads that Kokoro itself has.
        """
        self.kokoro, self.workers = kokoro, workers

    @cached_property
    def styles(self) -> Mapping[str, np.ndarray]:
        """The styles of all voices."""
        folder = fetch(ALL_VOICES)
        return {name: read_style(folder / f"{name}.bin") for name in VOICES}

    def say(self, voice: Voice, text: str, emotion: str = "neutral", intensity: float = 1.0) -> AudioSignal:
        """Speaks a text in a voice."""
        request = SpeechRequest(text=text, emotion=emotion, intensity=intensity)
        return self.kokoro.speak_as(voice, [request])[0].audio

    def fit(
        self,
        person: Float32[np.ndarray, "256"],
        recordings: tuple[AudioSignal, ...],
        search: Search,
        on_progress: OnCounts,
        losses: Losses | None = None,
        keep: Callable[[Losses], None] = lambda losses: None,
    ) -> Fitted:
        """The voice that is found for a person.

        Args:
            person: their GE2E embedding, by which the voices to start from are chosen.
            recordings: what candidates are compared with.
            losses: of an earlier search with the same numbers, to go on from.
            keep: called after every generation.
        """
        space = VoiceSpace.of(self.styles, search.timbre, search.prosody)
        likeness = stock.likeness(person)
        start = self._start(space, likeness, search, recordings)
        listener = Listener(recordings)
        fitter = Fitter(space, start, search, self.say, listener, self.workers)
        fitted = fitter.fit(losses or Losses(), keep, on_progress)
        return replace(fitted, convert=self._conversion_helps(fitted, recordings, listener, search))

    def _start(
        self, space: VoiceSpace, likeness: Mapping[str, float], search: Search, recordings: tuple[AudioSignal, ...]
    ) -> Start:
        weights = space.start(likeness, search.nearest)
        nearest = max(likeness, key=lambda name: likeness[name])
        origin = np.zeros(space.timbre.size), np.zeros(space.prosody.size)
        spoken = self.say(Voice("start", space.style(weights, *origin)), search.sentences[0])
        pitch = semitones_to(_pitch(recordings), mean_pitch(spoken))
        return Start(weights=weights, nearest=nearest, pitch=pitch)

    def _conversion_helps(
        self, fitted: Fitted, recordings: tuple[AudioSignal, ...], listener: Listener, search: Search
    ) -> bool:
        encoder = WhisperEncoder(layer=(4,))
        person = reference(recordings, encoder)
        spoken = {text: self.say(fitted.voice, text) for text in search.checks}
        changed = {
            text: converted(audio, mean_pitch(audio), person, encoder, 4, blur_for(person))
            for text, audio in spoken.items()
        }
        return helps(fitted.heard, heard_of(changed, listener))


def _pitch(recordings: tuple[AudioSignal, ...]) -> float:
    """Mean log pitch of the first seconds of a person's recordings; of all of a minute it takes longer to find."""
    pitches, left = [], _PITCH_SECONDS
    for sound in recordings:
        part = replace(sound, samples=sound.samples[: round(left * sound.sample_rate)])
        pitches.append(mean_pitch(part))
        left -= part.duration
        if left < 1:
            break
    return float(np.mean(pitches))


def helps(before: Heard, after: Heard) -> bool:
    """Whether conversion makes a fitted voice more like the person at no cost of words, and at little of quality."""
    kept = after.wrong <= before.wrong and after.quality >= min(_LEAST_QUALITY, before.quality)
    return kept and after.likeness >= before.likeness + _HELPS


def _arrays(fitted: Fitted) -> dict[str, np.ndarray]:
    own, voice = fitted.voice.own, fitted.voice
    return {
        "style": voice.style,
        "own": np.array([own.pitch, own.span, own.formants]),
        "ways": np.array([voice.british, voice.flaps, fitted.convert]),
        "heard": np.array([[scores.likeness, scores.quality, scores.wrong] for scores in (fitted.heard, fitted.start)]),
        "seconds": np.array(fitted.seconds),
    }


def _fitted(arrays: Mapping[str, np.ndarray], name: str) -> Fitted:
    pitch, span, formants = map(float, arrays["own"])
    british, flaps, convert = map(bool, arrays["ways"])
    own = replace(NEUTRAL, pitch=pitch, span=span, formants=formants)
    heard, start = (Heard(likeness=like, quality=good, wrong=wrong) for like, good, wrong in arrays["heard"].tolist())
    return Fitted(
        voice=Voice(name, arrays["style"], british=british, flaps=flaps, own=own),
        heard=heard,
        start=start,
        seconds=float(arrays["seconds"]),
        convert=convert,
    )
