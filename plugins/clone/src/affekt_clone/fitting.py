"""Fits a voice of Kokoro's to a person: a search, by listening, in the space of its 54 voices.

1. The voices that are most like the person are mixed, and their pitch is moved to the person's: the start.
2. Timbre, pitch and formants are searched, then prosody and the range of pitch: CMA-ES (Hansen, 2016, "The CMA
   evolution strategy: a tutorial", arXiv:1604.00772), by the library pycma. Every candidate says the short sentence of
   its generation, and loses by how little it is like the person (CAM++), by how bad it sounds (DNSMOS, in the better
   half), and, where it is among the best of its generation, by the words that Whisper hears otherwise.
3. Of the start and what the searches found, the one that does best on other sentences is the fitted voice; whether
   `conversion` would bring it closer still is measured, too.

No candidate is further from the start than the real voices are from their mean (see `voice_space`). Losses of finished
generations are enough to go on after an interruption: the search is the same for the same seed.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from affekt import AudioSignal
from affekt_kokoro.controls import Controls
from affekt_kokoro.voices import Voice
from jaxtyping import Float64

from affekt_clone.hearing import WRONG, Ear, Heard, badness
from affekt_clone.voice_space import VoiceSpace

SHORT = (
    "We talked a while on the way home.",
    "She put the old books back here.",
    "They found a small house by the sea.",
)
CHECK = (
    "The train to the coast leaves early in the morning.",
    "Please sit down and tell me what happened yesterday.",
    "Nobody knew where the letter had come from.",
)
_SEMITONE, _FORMANTS, _SPAN = 1.0, 1.03, 1.12
"""One unit of the search: semitones, factor, factor."""
_MOST_MOVED = 8.0
"""Semitones that the start's pitch is moved at most."""

OnCounts = Callable[[int, int], None]
"""Takes how many candidates were heard, and of how many."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How long and how widely is searched."""

    timbre: int = 16
    """Principal directions of the timbre."""
    prosody: int = 8
    """Principal directions of the prosody."""
    nearest: int = 3
    """Voices that the start is mixed of."""
    population: tuple[int, int] = (12, 8)
    """Candidates a generation: timbre, prosody."""
    generations: tuple[int, int] = (18, 7)
    """The generations of each of the two searches."""
    step: float = 0.6
    """Standard deviations of the real voices by which the first candidates differ."""
    sentences: tuple[str, ...] = SHORT
    """Said by candidates, one a generation."""
    checks: tuple[str, ...] = CHECK
    """The texts that the finalists say."""
    checked: int = 2
    """Best candidates of a generation whose words are listened to."""
    seed: int = 1

    @property
    def name(self) -> str:
        """Names what was computed with these numbers."""
        return f"search 3 {self}"

    @property
    def candidates(self) -> int:
        """How many are heard in all, finalists included."""
        searched = sum(size * count for size, count in zip(self.population, self.generations, strict=True))
        return searched + 4 * len(self.checks)


@dataclass(frozen=True)
class Point:
    """A candidate: where it is in the space, and what it has beside its style."""

    timbre: Float64[np.ndarray, "direction"]
    prosody: Float64[np.ndarray, "direction"]
    pitch: float = 0.0
    formants: float = 0.0
    span: float = 0.0
    """Each in units of the search."""

    def vector(self, stage: int) -> Float64[np.ndarray, "number"]:
        """What is searched in a stage: 0 for timbre, 1 for prosody."""
        return np.array([*self.timbre, self.pitch, self.formants] if stage == 0 else [*self.prosody, self.span])

    def moved(self, stage: int, vector: Float64[np.ndarray, "number"]) -> "Point":
        """The point with other values of a stage."""
        if stage == 0:
            return replace(self, timbre=vector[:-2], pitch=float(vector[-2]), formants=float(vector[-1]))
        return replace(self, prosody=vector[:-1], span=float(vector[-1]))


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a search begins."""

    weights: Float64[np.ndarray, "voice"]
    """The weights of the real voices."""
    nearest: str
    """The voice that is most like the person; its way of saying words is the fitted voice's."""
    pitch: float
    """Semitones by which the mixture is moved to the person's pitch."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A voice fitted to a person, and what was heard of it."""

    voice: Voice
    heard: Heard
    """The mean over the sentences of the finalists."""
    start: Heard
    """What was heard of the mixture that the search began with."""
    seconds: float
    """What the search took, without what an interrupted one had done before."""
    convert: bool = False
    """Whether conversion was measured to help."""


@dataclass
class Losses:
    """What finished generations lost, by stage; kept so that a search can go on."""

    rows: dict[int, list[list[float]]] = field(default_factory=lambda: {0: [], 1: []})

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays to keep sealed with the voice."""
        return {f"stage{stage}": np.array(rows, dtype=np.float64) for stage, rows in self.rows.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray] | None) -> "Losses":
        """What `arrays` gave; nothing for None."""
        return cls({stage: (arrays or {}).get(f"stage{stage}", np.empty((0, 0))).tolist() for stage in (0, 1)})


class Fitter:
    """A search for one person."""

    def __init__(
        self,
        space: VoiceSpace,
        start: Start,
        search: Search,
        say: Callable[[Voice, str], AudioSignal],
        ear: Ear,
        workers: int = 1,
    ) -> None:
        """The search of one voice.

        Args:
            say: says a text in a voice.
            workers: threads that listen to candidates of one generation at a time.
        """
        self._space, self._start, self._search, self._say, self._ear = space, start, search, say, ear
        self._workers = workers

    def voice(self, point: Point) -> Voice:
        """The voice of a candidate."""
        return voice_at(self._space, self._start, point)

    def fit(self, losses: Losses, keep: Callable[[Losses], None], on_progress: OnCounts) -> Fitted:
        """The best voice that is found.

        Args:
            losses: of an earlier search with the same numbers, to go on from.
            keep: called after every generation.
        """
        began, heard = time.monotonic(), 0

        def progress(more: int) -> None:
            nonlocal heard
            heard += more
            on_progress(heard, self._search.candidates)

        origin = Point(np.zeros(self._space.timbre.size), np.zeros(self._space.prosody.size))
        timbre, _ = self._searched(0, origin, losses, keep, progress)
        prosody, last = self._searched(1, timbre, losses, keep, progress)
        finalists = (origin, timbre, prosody, last)
        results = []
        for point in finalists:
            results.append(self._checked(self.voice(point)))
            progress(len(self._search.checks))
        best = min(range(len(results)), key=lambda number: results[number].loss)
        seconds = time.monotonic() - began
        return Fitted(voice=self.voice(finalists[best]), heard=results[best], start=results[0], seconds=seconds)

    def _searched(
        self, stage: int, origin: Point, losses: Losses, keep: Callable[[Losses], None], progress: Callable[[int], None]
    ) -> tuple[Point, Point]:
        """The middle of the last candidates, and the best of the last generation."""
        # With SciPy's statistics, which take a second: who only speaks does not need them.
        import cma  # type: ignore[import-untyped]

        strategy = cma.CMAEvolutionStrategy(
            origin.vector(stage), self._search.step, _options(self._search.population[stage], self._search.seed + stage)
        )
        best = origin
        for number in range(self._search.generations[stage]):
            vectors = strategy.ask()
            points = [origin.moved(stage, np.array(vector)) for vector in vectors]
            if number < len(losses.rows[stage]):
                lost = losses.rows[stage][number]
            else:
                lost = self._generation(points, self._search.sentences[number % len(self._search.sentences)])
                losses.rows[stage].append(lost)
                keep(losses)
            progress(len(points))
            strategy.tell(vectors, lost)
            best = points[int(np.argmin(lost))]
        return origin.moved(stage, np.array(strategy.result.xfavorite)), best

    def _generation(self, points: Sequence[Point], text: str) -> list[float]:
        """What each candidate loses.

        The strategy learns from the better half, so only that of those who are most like the person is asked for its
        quality, which takes as long as to speak; the others get its mean. Words are heard in the best alone: Whisper
        takes longer than all else together.
        """
        with ThreadPoolExecutor(self._workers) as pool:
            spoken = list(pool.map(lambda point: self._say(self.voice(point), text), points))
            likeness = list(pool.map(self._ear.likeness, spoken))
            lost = [self._outside(point) - like for point, like in zip(points, likeness, strict=True)]
            better = np.argsort(lost)[: -(-len(lost) // 2)].tolist()
            qualities = pool.map(self._ear.quality, [spoken[number] for number in better])
            bad = {number: badness(quality) for number, quality in zip(better, qualities, strict=True)}
        usual = float(np.mean(list(bad.values())))
        lost = [loss + bad.get(number, usual) for number, loss in enumerate(lost)]
        for number in np.argsort(lost)[: self._search.checked]:
            lost[number] += WRONG * self._ear.wrong(text, spoken[number])
        return lost

    def _outside(self, point: Point) -> float:
        """Candidates beyond the limit are drawn back to it; that they lose by it keeps the search from going there."""
        pairs = ((point.timbre, self._space.timbre.reach), (point.prosody, self._space.prosody.reach))
        return sum(0.05 * max(0.0, float(np.linalg.norm(part)) / reach - 1) for part, reach in pairs)

    def _checked(self, voice: Voice) -> Heard:
        return heard_of({text: self._say(voice, text) for text in self._search.checks}, self._ear)


def voice_at(space: VoiceSpace, start: Start, point: Point) -> Voice:
    """The voice at a point: its style, and its pitch, range and formants."""
    own = Controls(
        pitch=start.pitch + _SEMITONE * point.pitch,
        span=float(np.clip(_SPAN**point.span, 0.6, 1.5)),
        formants=float(np.clip(_FORMANTS**point.formants, 0.85, 1.15)),
    )
    style = space.style(start.weights, point.timbre, point.prosody)
    british, flaps = start.nearest.startswith("b"), start.nearest.startswith("a")
    return Voice("fitted", style, british=british, flaps=flaps, own=own)


def heard_of(spoken: Mapping[str, AudioSignal], ear: Ear) -> Heard:
    """The mean of what is heard of several texts."""
    heard = [
        Heard(likeness=ear.likeness(audio), quality=ear.quality(audio), wrong=ear.wrong(text, audio))
        for text, audio in spoken.items()
    ]
    return Heard(
        **{
            name: float(np.mean([getattr(recording, name) for recording in heard]))
            for name in ("likeness", "quality", "wrong")
        }
    )


def semitones_to(person: float, voice: float) -> float:
    """The semitones by which a voice's pitch moves to a person's, both given as mean log pitch in hertz."""
    return float(np.clip(12 * (person - voice) / np.log(2), -_MOST_MOVED, _MOST_MOVED))


def _options(population: int, seed: int) -> dict[str, object]:
    """A generator of its own, so that NumPy's global one stays as it is, and nothing printed or written."""
    generator = np.random.default_rng(seed)
    return {
        "popsize": population,
        "seed": np.nan,
        "randn": lambda *shape: generator.standard_normal(shape),
        "verbose": -9,
    }
