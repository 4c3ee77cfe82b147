"""Clones people and has another encoder judge: `python -m affekt_clone.measure FOLDER…`, a person's recordings in each.

Of a person's recordings, sorted by name, every other one is reference, and the others are only compared with: RAVDESS
keeps the second repetition of each sentence apart so. A row is how the same sentences sound in a voice: the likeness to
the person by GE2E, which takes no part in the search, and by CAM++, which does (cosines of embeddings); the words that
Whisper base hears otherwise; and DNSMOS P.835, overall (Reddy et al., 2022). Each is the mean over the sentences with
its 95 % bootstrap interval.

Rows for orientation: the person's own reference, the other people, Kokoro's default voice, and the stock voice that is
most like the reference (by GE2E), as it is and converted. With `--emotions`, the fitted voice in seven emotions.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from affekt import AudioSignal, plugins
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.voices import Voice
from affekt_speech_metrics.intervals import estimate
from affekt_voices.speaker_identity import embedding, similarity, speech_only
from affekt_voices.treatments import SUFFIXES, noisy, read, resampled
from affekt_whisper.encoder import WhisperEncoder
from jaxtyping import Float32
from scipy.signal import butter, sosfilt  # type: ignore[import-untyped]

from affekt_clone import stock
from affekt_clone.conversion import blur_for, converted, mean_pitch, reference
from affekt_clone.fitting import Search
from affekt_clone.hearing import Listener
from affekt_clone.person import Studio

SENTENCES = (
    "They finally found the missing keys under the old sofa.",
    "I am going to the market tomorrow, and I will bring back some bread.",
    "We could walk along the river after lunch if the weather stays dry.",
    "She opened the window and listened to the children in the street.",
    "It may take a little longer, but we will get there together.",
    "The old clock in the hall has stopped again.",
    "Would you please hand me the blue notebook?",
    "My brother plays the piano every evening.",
)
"""Said by no candidate of a search."""
EMOTIONS = ("happy", "sad", "angry", "fearful", "disgusted", "surprised", "calm")
SAMPLE_RATE = 16_000


def telephone(audio: AudioSignal) -> AudioSignal:
    """The sound from 300 to 3,400 Hz, as through a telephone."""
    filters = butter(4, (300, 3400), "bandpass", fs=audio.sample_rate, output="sos")
    narrow = replace(audio, samples=sosfilt(filters, audio.samples).astype(np.float32))
    return resampled(8_000)(narrow)


CONDITIONS: dict[str, Callable[[AudioSignal], AudioSignal]] = {
    "clean": lambda audio: audio,
    "noisy": noisy(20),
    "telephone": telephone,
}
"""What happens to a reference: nothing, white noise 20 dB below the speech, or a telephone."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Recordings to clone from, and others to compare with."""

    name: str
    speech: Float32[np.ndarray, "time"]
    """The speech to clone from, at 16 kHz, pauses left out."""
    others: AudioSignal
    """Other recordings of the person, to compare with."""

    def reference(self, seconds: float) -> AudioSignal:
        """So many seconds of speech, or all that there is."""
        return _signal(self.speech[: round(seconds * SAMPLE_RATE)])


class Table:
    """A table that is printed row by row, one a voice."""

    def __init__(self, person: Person) -> None:
        self._person, self._known = person, embedding(person.others)
        self._listener = Listener([person.others])

    def anchor(self, name: str, audio: AudioSignal) -> None:
        """How like the person some recording is, as it is."""
        judged, fitted = self._judged(audio), self._listener.likeness(audio)
        print(f"{self._person.name:10} {name:38} {judged:.3f}{'':17} {fitted:.3f}", flush=True)

    def _judged(self, audio: AudioSignal) -> float:
        return similarity(embedding(audio), self._known)

    def row(self, name: str, texts: Sequence[str], spoken: Sequence[AudioSignal]) -> float:
        """How like the person, clear and good the sentences are; gives the judge's mean likeness."""
        likeness = [self._listener.likeness(audio) for audio in spoken]
        quality = [self._listener.quality(audio) for audio in spoken]
        wrong = [self._listener.wrong(text, audio) for text, audio in zip(texts, spoken, strict=True)]
        judged = estimate([self._judged(audio) for audio in spoken])
        others = [estimate(part) for part in (likeness, wrong, quality)]
        columns = "   ".join(str(part) for part in (judged, *others))
        print(f"{self._person.name:10} {name:38} {columns}", flush=True)
        return judged.mean


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_clone.measure", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--person", action="append", help="name of a folder that is cloned; repeatable; else all")
    parser.add_argument("--seconds", nargs="+", type=float, default=[60.0, 30.0, 10.0], help="of clean reference")
    parser.add_argument("--conditions", nargs="*", choices=tuple(CONDITIONS), default=["noisy", "telephone"])
    parser.add_argument("--emotions", action="store_true", help="the fitted voice in seven emotions, too")
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    parser.add_argument("--generations", nargs=2, type=int, default=Search().generations, help="of timbre, of prosody")
    parser.add_argument("--workers", type=int, default=2, help="candidates listened to at a time")
    options = parser.parse_args()
    kokoro = plugins().create("speaker", "kokoro", threads=1)
    assert isinstance(kokoro, KokoroSpeaker)
    studio = Studio(kokoro, options.workers)
    people = [_person(folder) for folder in options.folders]
    search = Search(generations=tuple(options.generations))
    texts = SENTENCES[: options.sentences]
    print(f"{'':49} {'likeness by GE2E':24} {'likeness by CAM++':23} {'words wrong':23} DNSMOS")
    for person in people:
        if not options.person or person.name in options.person:
            table = Table(person)
            _anchors(table, person, people, options.seconds[0])
            _stock(table, studio, person, texts, options.seconds[0])
            conditions = [(seconds, "clean") for seconds in options.seconds]
            conditions += [(options.seconds[0], name) for name in options.conditions]
            for number, (seconds, condition) in enumerate(conditions):
                voice = _fitted(table, studio, person, texts, seconds, condition, search)
                if options.emotions and number == 0:
                    _emotions(table, studio, voice, texts)


def _anchors(table: Table, person: Person, people: Sequence[Person], seconds: float) -> None:
    table.anchor("the person, reference", person.reference(seconds))
    for other in people:
        if other is not person:
            table.anchor(f"{other.name}, another person", other.reference(seconds))


def _stock(table: Table, studio: Studio, person: Person, texts: Sequence[str], seconds: float) -> None:
    recording = person.reference(seconds)
    likeness = stock.likeness(embedding(recording))
    best = max(likeness, key=lambda name: likeness[name])
    for name in dict.fromkeys((studio.kokoro.voice, best)):
        spoken = [studio.say(studio.kokoro.stock(name), text) for text in texts]
        table.row(name, texts, spoken)
    table.row(f"{best}, converted", texts, _converted(spoken, recording))


def _fitted(
    table: Table, studio: Studio, person: Person, texts: Sequence[str], seconds: float, condition: str, search: Search
) -> Voice:
    recording = CONDITIONS[condition](person.reference(seconds))
    fitted = studio.fit(embedding(recording), (recording,), search, lambda heard, of: None)
    spoken = [studio.say(fitted.voice, text) for text in texts]
    name = f"fitted, {seconds:.0f} s {condition}"
    table.row(f"{name}, in {fitted.seconds:.0f} s", texts, spoken)
    table.row(f"{name}, converted{' (helps)' * fitted.convert}", texts, _converted(spoken, recording))
    return fitted.voice


def _emotions(table: Table, studio: Studio, voice: Voice, texts: Sequence[str]) -> None:
    for emotion in EMOTIONS:
        table.row(f"fitted, {emotion}", texts, [studio.say(voice, text, emotion) for text in texts])


def _converted(spoken: Sequence[AudioSignal], recording: AudioSignal) -> list[AudioSignal]:
    encoder = WhisperEncoder(layer=(4,))
    voice = reference((recording,), encoder)
    return [converted(audio, mean_pitch(audio), voice, encoder, 4, blur_for(voice)) for audio in spoken]


def _person(folder: Path) -> Person:
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    if len(paths) < 2:
        raise SystemExit(f'"{folder}" holds {len(paths)} recordings. Try: a folder of one person\'s recordings')
    sounds = [speech_only(read(path)) for path in paths]
    speech, others = (np.concatenate(sounds[first::2]) for first in (0, 1))
    return Person(name=folder.name, speech=speech, others=_signal(others))


def _signal(samples: np.ndarray) -> AudioSignal:
    return AudioSignal(samples=np.ascontiguousarray(samples), sample_rate=SAMPLE_RATE)


if __name__ == "__main__":
    main()
