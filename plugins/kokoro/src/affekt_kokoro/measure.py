"""Measures what is heard: `python -m affekt_kokoro.measure voices` or `python -m affekt_kokoro.measure texts`.

`voices` says the same sentences in every voice and prints a row a voice: the probability that Whisper base gives to
English, mean and lowest; the share of wrong words; and the overall quality by DNSMOS P.835 (Reddy et al., 2022), each
mean with its 95 % bootstrap interval. The default voice is chosen by this table.

`texts` says every text of `data/written_and_spoken.jsonl`, writes down what Whisper hears, and prints the error rate of
words against those that should be spoken; texts with an error are shown. What Whisper writes in digits and signs is put
into words by the same normalisation first.
"""

import argparse

import jiwer
import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal, SpeechRequest
from affekt_speech_metrics.intervals import estimate
from affekt_speech_metrics.quality import quality
from affekt_whisper.checkpoint import faster_whisper_folder
from faster_whisper import WhisperModel  # type: ignore[import-untyped]

from affekt_kokoro.normalisation import spoken
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.table import examples, words_heard
from affekt_kokoro.voices import VOICES

SENTENCES = (
    "I am going to the market tomorrow, and I will bring back some bread.",
    "They finally found the missing keys under the old sofa.",
    "The train to the coast leaves early in the morning.",
    "Please sit down and tell me what happened yesterday evening.",
    "She opened the window and listened to the children in the street.",
    "Get out of my house right now!",
)
SAMPLE_RATE = 16_000


class Listener:
    """Whisper base, as the default pipeline has it."""

    def __init__(self) -> None:
        folder = faster_whisper_folder("whisper-base", None)
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)

    def english(self, audio: AudioSignal) -> float:
        """The probability that the speech is English."""
        _, _, languages = self._model.detect_language(_heard(audio))
        return float(dict(languages)["en"])

    def text(self, audio: AudioSignal) -> str:
        """What is said, taken to be English."""
        segments, _ = self._model.transcribe(_heard(audio), language="en", beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)


def _heard(audio: AudioSignal) -> np.ndarray:
    samples: np.ndarray = soxr.resample(audio.samples, audio.sample_rate, SAMPLE_RATE)
    return samples


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_kokoro.measure", description=__doc__)
    parser.add_argument("what", choices=("voices", "texts"))
    parser.add_argument("--voice", action="append", choices=tuple(VOICES), help="repeatable; all, or the default one")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    speaker, listener = KokoroSpeaker(threads=options.threads), Listener()
    if options.what == "voices":
        print(f"{'voice':14} {'English':24} lowest  {'words wrong':24} DNSMOS")
        for voice in options.voice or VOICES:
            print(_voice(voice, speaker, listener), flush=True)
    for voice in (options.voice or (speaker.voice,)) if options.what == "texts" else ():
        _texts(voice, speaker, listener)


def _voice(voice: str, speaker: KokoroSpeaker, listener: Listener) -> str:
    recordings = [speaker.speak([SpeechRequest(text=text, voice=voice)])[0].audio for text in SENTENCES]
    english = [listener.english(audio) for audio in recordings]
    wrong = [_error(words_heard(text), listener.text(audio)) for text, audio in zip(SENTENCES, recordings, strict=True)]
    columns = [str(estimate(values)) for values in (english, wrong, [quality(audio).overall for audio in recordings])]
    return f"{voice:14} {columns[0]:24} {min(english):.3f}   {columns[1]:24} {columns[2]}"


def _texts(voice: str, speaker: KokoroSpeaker, listener: Listener) -> None:
    wanted, heard = [], []
    for example in examples():
        (result,) = speaker.speak([SpeechRequest(text=example.written, voice=voice)])
        transcript = listener.text(result.audio)
        wanted.append(example.words)
        heard.append(words_heard(spoken(transcript)))
        if (error := _error(example.words, transcript)) > 0:
            print(f"{error:.2f}  {example.written!r}\n      heard {transcript!r}", flush=True)
    print(f"{voice}: {jiwer.wer(wanted, heard):.3f} of {sum(len(words.split()) for words in wanted)} words wrong")


def _error(words: str, transcript: str) -> float:
    return float(jiwer.wer(words, words_heard(spoken(transcript))))


if __name__ == "__main__":
    main()
