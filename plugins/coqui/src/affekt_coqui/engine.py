"""What a family of models offers the speaker. Engines take and give NumPy; only they know torch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import torch
from affekt import AudioSignal, DataError
from jaxtyping import Float32

from affekt_coqui.controls import Controls

Arrays = Mapping[str, np.ndarray]
"""What a network needs to know of a voice or of a style."""
Sound = Float32[np.ndarray, "time"]
Source = Literal["voice", "clip", "tokens"]
"""Where an emotion may come from: a voice of the model's own, a recording, weights of style tokens."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """What models of one kind can do."""

    name: str
    clones: bool = False
    """Speaks in a voice of which it only has recordings: that takes their owner's consent."""
    controls: tuple[str, ...] = ()
    """The fields of `Controls` that it follows."""
    sources: tuple[Source, ...] = ()
    """What `emotions` may name."""


class Engine(Protocol):
    """A loaded model that reads texts."""

    family: Family
    sample_rate: int
    languages: tuple[str, ...]
    """The languages, as the model calls them: "en", "zh-cn"."""
    voices: tuple[str, ...]
    """The voices of its own; empty where it has one without a name, or none."""

    def own(self, name: str) -> Arrays:
        """A voice of the model's own; "" for the only one."""
        ...

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """A voice or a style from recordings."""
        ...

    def mixed(self, voice: Arrays, style: Arrays, intensity: float) -> Arrays:
        """The voice in a style, more of it as intensity grows."""
        ...

    def unsayable(self, text: str, language: str) -> set[str]:
        """Letters that the model would leave out."""
        ...

    def fits(self, sentence: str, language: str) -> bool:
        """Whether the network takes it at once."""
        ...

    def say(self, sentence: str, language: str, voice: Arrays, how: Controls, stream: bool) -> Iterator[Sound]:
        """The sentence; in several parts where `stream` is asked for and the network can."""
        ...


def drawn(parts: Iterator[Sound], seed: int) -> Iterator[Sound]:
    """The parts, with random numbers from the seed on, whatever happens between them; the world's are left alone."""
    numpy_own, torch_own = np.random.RandomState(seed).get_state(), _from_seed(seed)
    while True:
        numpy_world = np.random.get_state()
        with torch.random.fork_rng():
            np.random.set_state(numpy_own)  # Griffin and Lim's phases
            _set(torch_own)
            try:
                part = next(parts, None)
                numpy_own, torch_own = np.random.get_state(), _state()
            finally:
                np.random.set_state(numpy_world)
        if part is None:
            return
        yield part


def _from_seed(seed: int) -> list[torch.Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return _state()


def _state() -> list[torch.Tensor]:
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else ())]


def _set(states: list[torch.Tensor]) -> None:
    torch.set_rng_state(states[0])
    if states[1:]:
        torch.cuda.set_rng_state_all(states[1:])


def language_of(wanted: str, languages: Sequence[str], what: str) -> str:
    """The model's own name of a language: "pt" is "pt-br" where it knows no other.

    Raises:
        DataError: it does not speak it.
    """
    asked = wanted.lower()
    for name in languages:
        if name.lower() == asked:
            return name
    for name in languages:
        if name.lower().split("-")[0] == asked.split("-")[0]:
            return name
    raise DataError(f'{what} does not speak "{wanted}"', hint=f"language {', '.join(languages)}")


def require_end(reached: bool, sentence: str) -> None:
    """Raises a DataError where a network went on until it was stopped: words are lost then, or made up."""
    if not reached:
        raise DataError(f'the model found no end of "{sentence[:60]}"', hint="shorter sentences, or another seed")
