"""Answers a recording aloud, and listens to the answer until what was meant is heard.

    reply = affekt.respond("clip.mp4", text="I am glad to hear that.", until_felt=True)
    reply.result          # the speech; affekt_voices.write_speech marks, signs and writes it
    reply.attempts        # what was tried and what was heard each time

Nothing is written here. `closed_loop` is the part that listens; it works with any speaker.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from affekt.analysis import Analysis
from affekt.answers import EmotionPrediction, SpeechRequest, SpeechResult
from affekt.data import Clip
from affekt.errors import DataError
from affekt.pipeline import Pipeline
from affekt.spec import PipelineSpec
from affekt.wording import word_error_rate

MOST_WORD_ERRORS = 0.1
"""Share of the words that may be heard otherwise."""
STEP = 0.2
"""By which the intensity is raised or lowered."""
HINTS = ("slower", "faster", "higher", "lower", "louder", "softer", "livelier", "flatter")
"""Words of `SpeechRequest.style` that are tried when intensity alone does not do; speakers that read no style pay no
attention to them, and are then not asked twice for the same sound."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way of saying it, and what was heard."""

    request: SpeechRequest
    result: SpeechResult
    heard: EmotionPrediction
    transcript: str | None
    """None where the pipeline has no transcriber."""
    word_errors: float | None
    """Words to insert, delete or replace, over the words said."""

    @property
    def felt(self) -> bool:
        """The emotion that was meant is the one that is heard."""
        return self.heard.abstained is None and self.heard.label == self.request.emotion

    @property
    def clear(self) -> bool:
        """The words are right."""
        return self.word_errors is None or self.word_errors <= MOST_WORD_ERRORS

    @property
    def score(self) -> float:
        """Probability of the emotion that was meant."""
        return self.heard.scores.get(self.request.emotion, 0.0)

    @property
    def succeeded(self) -> bool:
        """What was meant is heard, in words and in voice."""
        return self.felt and self.clear

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        asked = self.request
        return {
            "emotion": asked.emotion, "intensity": round(asked.intensity, 3), "style": asked.style,
            "heard": None if self.heard.abstained else self.heard.label, "score": round(self.score, 4),
            "transcript": self.transcript,
            "word_errors": None if self.word_errors is None else round(self.word_errors, 4),
            "felt": self.felt, "clear": self.clear,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer aloud."""

    result: SpeechResult
    """The speech: of the best attempt, where it was listened to."""
    felt: Analysis | None = None
    """What is felt in the recording that is answered."""
    attempts: tuple[Attempt, ...] = ()
    """In order; empty where nobody listened."""

    @property
    def succeeded(self) -> bool | None:
        """Whether what was meant is heard; None where nobody listened."""
        return any(attempt.succeeded for attempt in self.attempts) if self.attempts else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, without the sound."""
        return {
            "text": self.result.request.text,
            "emotion": self.result.request.emotion,
            "succeeded": self.succeeded,
            "attempts": [attempt.to_dict() for attempt in self.attempts],
            "provenance": dict(self.result.provenance),
            "clip": None if self.felt is None else self.felt.to_dict(),
        }


def respond(
    clip: str | Path | Clip,
    *,
    text: str | None = None,
    emotion: str | None = None,
    intensity: float = 0.6,
    voice: str | None = None,
    language: str = "en",
    until_felt: bool = False,
    attempts: int = 8,
    pipeline: Pipeline | str | Path = "default",
) -> Reply:
    """Analyses a recording and answers it aloud, in the emotion recognised there unless `emotion` says another.

    Args:
        text: what to say; None lets the pipeline's reasoner write it, where it can.
        until_felt: listen to the answer and adjust it, see `closed_loop`.
        pipeline: recognises, speaks, and listens.

    Raises:
        MediaError: the recording cannot be read.
        DataError: there is no text and the reasoner writes none; or the speaker cannot say it.
    """
    running = pipeline if isinstance(pipeline, Pipeline) else PipelineSpec.read(pipeline).build()
    felt = running.analyze(clip)
    request = answer(felt, text or written(running, felt, language), emotion, intensity, voice, language)
    if until_felt:
        return replace(closed_loop(running, request, attempts), felt=felt)
    return Reply(result=running.speak(request), felt=felt)


def answer(
    felt: Analysis, text: str, emotion: str | None, intensity: float, voice: str | None, language: str
) -> SpeechRequest:
    """What to say in answer to a recording: mirrors its emotion, and is neutral where none was claimed."""
    mirrored = "neutral" if felt.prediction.abstained else felt.label
    return SpeechRequest(
        text=text,
        emotion=emotion or mirrored,
        intensity=intensity,
        voice=voice,
        language=language,
        style=felt.rationale,
    )


def written(pipeline: Pipeline, felt: Analysis, language: str) -> str:
    """A reply by the pipeline's reasoner.

    Raises:
        DataError: it writes none.
    """
    write = getattr(pipeline.reasoner, "reply", None)
    if not callable(write):
        raise DataError(
            f"the reasoner {type(pipeline.reasoner).__name__} writes no replies", hint="give the text of the reply"
        )
    text = str(write(felt, language)).strip()
    if not text:
        raise DataError(f"the reasoner {type(pipeline.reasoner).__name__} wrote an empty reply", hint="give the text")
    return text


Told = Callable[[Attempt], None]
"""Called after every attempt, for progress displays."""


def closed_loop(
    pipeline: Pipeline, request: SpeechRequest, attempts: int = 8, told: Told = lambda attempt: None
) -> Reply:
    """Speaks, listens with the pipeline's own recogniser and transcriber, and adjusts until what was meant is heard.

    Intensity goes first: up while the emotion is not heard, down while the words are not. Then words are added to
    `style`, one at a time, each kept when it makes the emotion likelier and the words stay right. The best attempt has
    the right words, and among those the highest probability of what was meant.

    Raises:
        DataError: fewer than one attempt is asked for.
    """
    if attempts < 1:
        raise DataError(f"at least one attempt is needed; found {attempts}")
    tried: list[Attempt] = []
    sounds: set[bytes] = set()
    search = _search(request)
    asked: SpeechRequest | None = next(search)
    while asked is not None and len(tried) < attempts:
        result = pipeline.speak(asked)
        sound = result.audio.samples.tobytes()
        attempt = None
        if sound not in sounds:  # else the speaker paid no attention to what was changed
            sounds.add(sound)
            attempt = _listened(pipeline, asked, result)
            tried.append(attempt)
            told(attempt)
            if attempt.succeeded:
                break
        try:
            asked = search.send(attempt)
        except StopIteration:
            asked = None
    best = max(tried, key=_goodness)
    return Reply(result=_stated(best, len(tried)), attempts=tuple(tried))


def _listened(pipeline: Pipeline, asked: SpeechRequest, result: SpeechResult) -> Attempt:
    felt = pipeline.analyze(Clip(id="reply", audio=result.audio, language=asked.language))
    clip = felt.evidence.clip
    listens = clip.text is not None or "text" in clip.missing
    return Attempt(
        request=asked,
        result=result,
        heard=felt.prediction,
        transcript=felt.text if listens else None,
        word_errors=word_error_rate(asked.text, felt.text) if listens else None,
    )


def _goodness(attempt: Attempt) -> tuple[bool, bool, float]:
    return attempt.clear, attempt.felt, attempt.score


def _search(request: SpeechRequest) -> Generator[SpeechRequest, Attempt | None, None]:
    """Yields requests and is sent what came of each; None where the sound was the same as before."""
    best = yield request
    assert best is not None  # nothing was heard before
    intensity = request.intensity
    while not best.succeeded:
        intensity = round(intensity + (STEP if best.clear else -STEP), 3)
        if not 0 < intensity <= 1:
            break
        attempt = yield replace(request, intensity=intensity)
        if attempt is None or _goodness(attempt) <= _goodness(best):
            break
        best = attempt
    for hint in HINTS:
        asked = best.request
        attempt = yield replace(asked, style=f"{asked.style} {hint}".strip())
        if attempt is not None and _goodness(attempt) > _goodness(best):
            best = attempt


def _stated(best: Attempt, count: int) -> SpeechResult:
    """The speech, whose provenance says what was heard in it."""
    heard: dict[str, str | float | bool] = {
        "attempts": count,
        "heard": "" if best.heard.abstained else best.heard.label,
        "heard_as_meant": best.succeeded,
    }
    return replace(best.result, provenance={**best.result.provenance, **heard})
