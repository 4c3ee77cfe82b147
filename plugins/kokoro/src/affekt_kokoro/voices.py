"""The 54 voices of Kokoro-82M v1.0, by name, sex, language and accent; and their styles.

A name says where a voice is from: "bf_emma" is British (b) and a woman's (f). Nine voices come with the distribution or
with the network; the others are fetched when the first of them is asked for. Any voice says English, with its accent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from affekt.errors import DataError
from affekt.suggestions import did_you_mean
from affekt_weights import fetch
from jaxtyping import Float32

from affekt_kokoro.controls import NEUTRAL, Controls
from affekt_kokoro.weights import ALL_VOICES, ENGLISH, ENGLISH_VOICES, SHA256_OF_VOICE
from affekt_kokoro.weights import VOICES as JAPANESE

LENGTHS = 510
"""Phonemes of the longest sentence, and one: a voice has a style for every length."""
SIZE = 256
"""Numbers of a style: half of them go to the decoder, half to the predictor of durations, pitch and energy."""
TIMBRE, PROSODY = slice(0, 128), slice(128, 256)

Style = Float32[np.ndarray, "length 1 256"]
"""What a voice is to the network, for every length of a sentence."""

_ORIGINS = {
    "a": ("en", "American"),
    "b": ("en", "British"),
    "e": ("es", "Spanish"),
    "f": ("fr", "French"),
    "h": ("hi", "Hindi"),
    "i": ("it", "Italian"),
    "j": ("ja", "Japanese"),
    "p": ("pt", "Brazilian"),
    "z": ("zh", "Mandarin"),
}
"""First letter of a name → language (ISO 639-1) and accent."""


@dataclass(frozen=True)
class StockVoice:
    """What a voice of Kokoro's sounds like."""

    sex: str
    """The sex that the voice sounds like, "woman" or "man"."""
    language: str
    """The ISO 639-1 code of the speech that it was made from."""
    accent: str
    """The accent, in English words."""


def _described(name: str) -> StockVoice:
    return StockVoice("woman" if name[1] == "f" else "man", *_ORIGINS[name[0]])


VOICES: Mapping[str, StockVoice] = {name: _described(name) for name in SHA256_OF_VOICE}
"""The stock voices by name."""


@dataclass(frozen=True)
class Voice:
    """A voice to speak in: one of the stock, or one that was fitted to a person."""

    name: str
    style: Style
    british: bool = False
    """Whether it says words as the British do; else as Americans do."""
    flaps: bool = True
    """Whether it says the flap of American "letter"; foreign voices say it so softly that it is heard as "ladder"."""
    own: Controls = NEUTRAL
    """What the voice has beside its style when it is neutral; emotions come on top."""


def stock_voice(name: str, styles: Mapping[str, Style]) -> Voice:
    """The voice of this name, of the 54.

    Raises:
        DataError: there is no such voice.
        WeightsError: its style cannot be had.
    """
    style = styles[name]
    return Voice(name, style, british=VOICES[name].accent == "British", flaps=VOICES[name].accent == "American")


class Styles(Mapping[str, Style]):
    """Name → style. Those that are not at hand are fetched together when the first is asked for."""

    def __init__(self, network: Path) -> None:
        """The voices at hand, read from their archives.

        Args:
            network: the folder of the network, which holds the Japanese voices.
        """
        self._at_hand = _archive(fetch(ENGLISH_VOICES) / ENGLISH) | _archive(network / JAPANESE)

    def __getitem__(self, name: str) -> Style:
        """A voice's style.

        Raises:
            DataError: there is no such voice.
            WeightsError: it is not at hand and cannot be fetched.
        """
        if name in self._at_hand:
            return self._at_hand[name]
        if name not in VOICES:
            raise DataError(
                f'kokoro has no voice "{name}"{did_you_mean(name, VOICES)}',
                hint="one of `affekt speak --list-voices`, such as af_heart or am_michael",
            )
        return read_style(self._folder / f"{name}.bin")

    def __iter__(self) -> Iterator[str]:
        return iter(VOICES)

    def __len__(self) -> int:
        return len(VOICES)

    @cached_property
    def _folder(self) -> Path:
        return fetch(ALL_VOICES)


def read_style(path: Path) -> Style:
    """A voice as it was published: float32, 510 styles of 256 numbers."""
    return np.fromfile(path, dtype="<f4").reshape(LENGTHS, 1, SIZE)


def _archive(path: Path) -> dict[str, Style]:
    with np.load(path) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}
