"""Speaks in every emotion, listens back, and prints what moved: `python -m affekt_kokoro.measure --help`.

Words are transcribed by Whisper base through affekt-whisper and compared as `wording` states. Pitch, range and rate
are measured on the sound by `acoustics`, against the same voice and sentence when neutral. A row passes when all its
words are right and each measure moved to the side that `controls` asks for, where it asks for an audible change.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from affekt import Clip, SpeechRequest, plugins

from affekt_kokoro.acoustics import Voice, heard
from affekt_kokoro.controls import EMOTIONS, Controls, controls_for
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.wording import errors, words

SENTENCES = (
    "They finally found the missing keys under the old sofa.",
    "I am going to the market tomorrow, and I will bring back some bread.",
)
"""Neutral in content, so that only the voice carries the emotion."""
VOICES = ("jf_alpha", "jm_kumo")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One voice in one emotion, over all sentences, against the same voice when neutral."""

    voice: str
    emotion: str
    asked: Controls
    pitch: float
    """Semitones."""
    span: float
    """Factor."""
    rate: float
    """Factor."""
    energy: float
    """Decibels."""
    wrong: int
    """Words that Whisper heard otherwise."""
    total: int
    misheard: tuple[str, ...]
    """Transcripts that differ."""

    @property
    def failures(self) -> list[str]:
        """The measures that did not move as asked, and "words" where some are wrong."""
        moved = {
            "pitch": _agrees(self.asked.pitch, self.pitch, 0.5),
            "range": _agrees(np.log(self.asked.span), np.log(self.span), 0.05),
            "rate": _agrees(np.log(self.asked.rate), np.log(self.rate), 0.03),
            "energy": abs(self.asked.energy - self.energy) <= 1,
            "words": self.wrong == 0,
        }
        return [name for name, fine in moved.items() if not fine]


def _agrees(asked: float, found: float, audible: float) -> bool:
    """Same side where a change of more than `audible` is asked for."""
    return abs(asked) <= audible or asked * found > 0


def measure(
    voices: Iterable[str], emotions: Sequence[str], intensity: float, sentences: Sequence[str] = SENTENCES
) -> Iterator[Row]:
    """A row for each voice and emotion."""
    speaker = KokoroSpeaker()
    listener = plugins().create("preparer", "whisper", language="en")
    for voice in voices:
        neutral: list[Voice] = []
        for emotion in dict.fromkeys(["neutral", *emotions]):
            requests = [
                SpeechRequest(text=text, emotion=emotion, intensity=intensity, voice=voice) for text in sentences
            ]
            results = speaker.speak(requests)
            clips = listener.prepare([Clip(id=text, audio=r.audio) for text, r in zip(sentences, results, strict=True)])
            sounds = [heard(result.audio) for result in results]
            neutral = neutral or sounds
            yield Row(
                voice=voice,
                emotion=emotion,
                asked=controls_for(emotion, intensity),
                pitch=_mean(s.pitch - n.pitch for s, n in zip(sounds, neutral, strict=True)),
                span=_ratio(s.span / n.span for s, n in zip(sounds, neutral, strict=True)),
                rate=_ratio(n.seconds / s.seconds for s, n in zip(sounds, neutral, strict=True)),
                energy=_mean(s.level - n.level for s, n in zip(sounds, neutral, strict=True)),
                wrong=sum(errors(clip.id, clip.text or "") for clip in clips),
                misheard=tuple(clip.text or "" for clip in clips if errors(clip.id, clip.text or "")),
                total=sum(len(words(text)) for text in sentences),
            )


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _ratio(values: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(list(values)))))


def _line(row: Row) -> str:
    asked = row.asked
    verdict = f"FAILS: {', '.join(row.failures)}" if row.failures else "ok"
    return (
        f"{row.voice:10} {row.emotion:10} {asked.pitch:+5.1f} {row.pitch:+6.1f}   {asked.span:5.2f} {row.span:6.2f}   "
        f"{asked.rate:5.2f} {row.rate:6.2f}   {asked.energy:+5.1f} {row.energy:+6.1f}   "
        f"{row.total - row.wrong}/{row.total}  {' | '.join((verdict, *row.misheard))}"
    )


def main() -> int:
    """The command; 1 when a row fails."""
    parser = argparse.ArgumentParser(prog="python -m affekt_kokoro.measure", description=__doc__)
    parser.add_argument("--voices", nargs="+", default=VOICES)
    parser.add_argument("--emotions", nargs="+", default=tuple(EMOTIONS))
    parser.add_argument("--intensity", type=float, default=1.0)
    options = parser.parse_args()
    print(f"{'':21} pitch, semitones  range, factor  rate, factor   energy, dB     words")
    print(f"{'voice':10} {'emotion':10} asked  found   asked  found   asked  found   asked  found   right")
    failed = False
    for row in measure(options.voices, options.emotions, options.intensity):
        print(_line(row), flush=True)
        failed |= bool(row.failures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
