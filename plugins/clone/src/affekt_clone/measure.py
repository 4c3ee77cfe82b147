"""Clones a voice from 60, 30 and 10 s of it and prints what came of it: `python -m affekt_clone.measure FILE…`.

The files are one person's speech, two minutes or more; the first part is the reference, the rest is only compared with.
Kokoro reads in the voice of its own that is most like the reference; unconverted, its default voice is measured too.
Similarity is the cosine of GE2E embeddings (Resemblyzer) with that rest, words are Whisper base's, compared as
`affekt_speech_metrics.wording` states, and quality is DNSMOS P.835's overall score (Reddy et al., 2022), each the mean
over the sentences with its 95 % bootstrap interval.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from affekt import AudioSignal, Clip, SpeechRequest, plugins
from affekt_media import load
from affekt_speech_metrics.intervals import estimate
from affekt_speech_metrics.quality import quality
from affekt_speech_metrics.wording import word_error_rate
from affekt_voices.speaker_identity import embedding, similarity
from affekt_whisper.encoder import WhisperEncoder

from affekt_clone.conversion import blur_for, converted, mean_pitch, reference
from affekt_clone.speaker import likeness

SENTENCES = (
    "They finally found the missing keys under the old sofa.",
    "I am going to the market tomorrow, and I will bring back some bread.",
    "Please sit down and tell me what happened yesterday evening.",
    "The train to the coast leaves early in the morning.",
    "We could walk along the river after lunch if the weather stays dry.",
    "Nobody knew where the letter had come from.",
    "She opened the window and listened to the children in the street.",
    "It may take a little longer, but we will get there together.",
)
LENGTHS = (60.0, 30.0, 10.0)
"""Seconds of reference."""
SAMPLE_RATE = 24_000


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_clone.measure", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--reader-voice", help="else the one most like the person")
    parser.add_argument("--layer", type=int, default=4)
    parser.add_argument("--neighbours", type=int, default=4)
    parser.add_argument("--blur", type=float, default=None)
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    options = parser.parse_args()
    sentences = SENTENCES[: options.sentences]
    sounds = [sound for sound in map(_sound, options.files) if sound is not None]
    lengths = np.cumsum([sound.duration for sound in sounds])
    first = int(np.searchsorted(lengths, LENGTHS[0])) + 1
    if lengths[-1] < LENGTHS[0] + 20 or first >= len(sounds):
        raise SystemExit(f"{lengths[-1]:.0f} s of speech are too little. Try: 80 s or more, in several files")
    target = embedding(_joined(sounds[first:]))
    reader = plugins().create("speaker", "kokoro")
    alike = likeness(reader, reader.voices, embedding(_joined(_first(sounds, LENGTHS[0]))))
    chosen = options.reader_voice or max(alike, key=lambda name: alike[name])
    print(f"{'':26} similarity             words wrong            DNSMOS")
    for name in dict.fromkeys((reader.voice, chosen)):
        read = [reader.speak([SpeechRequest(text=text, voice=name)])[0].audio for text in sentences]
        print(_line(f"{name}, unconverted", read, sentences, target), flush=True)
    encoder = WhisperEncoder(layer=(options.layer,))
    for seconds in LENGTHS:
        voice = reference(tuple(_first(sounds, seconds)), encoder)
        spoken = [
            converted(one, mean_pitch(one), voice, encoder, options.neighbours, options.blur or blur_for(voice))
            for one in read
        ]
        print(_line(f"{seconds:.0f} s of reference", spoken, sentences, target), flush=True)
    print(f"{'the person, reference':26} {similarity(embedding(_joined(sounds[:first])), target):.3f}")


def _sound(path: Path) -> AudioSignal | None:
    return load(path, sample_rate=SAMPLE_RATE).audio


def _joined(sounds: Sequence[AudioSignal]) -> AudioSignal:
    return AudioSignal(samples=np.concatenate([sound.samples for sound in sounds]), sample_rate=SAMPLE_RATE)


def _first(sounds: Sequence[AudioSignal], seconds: float) -> list[AudioSignal]:
    """Whole recordings until there are so many seconds, the last one cut."""
    found: list[AudioSignal] = []
    left = round(seconds * SAMPLE_RATE)
    for sound in sounds:
        found.append(AudioSignal(samples=sound.samples[:left], sample_rate=SAMPLE_RATE))
        left -= len(sound.samples)
        if left <= SAMPLE_RATE // 2:
            break
    return found


def _line(name: str, spoken: Sequence[AudioSignal], said: Sequence[str], target: np.ndarray) -> str:
    listener = plugins().create("preparer", "whisper", language="en")
    heard = listener.prepare([Clip(id=text, audio=audio) for text, audio in zip(said, spoken, strict=True)])
    columns = (
        [similarity(embedding(audio), target) for audio in spoken],
        [word_error_rate(text, clip.text or "") for text, clip in zip(said, heard, strict=True)],
        [quality(audio).overall for audio in spoken],
    )
    return f"{name:26} " + "   ".join(str(estimate(values)) for values in columns)


if __name__ == "__main__":
    main()
