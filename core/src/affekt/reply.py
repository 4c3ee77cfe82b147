"""Answers a recording aloud, and listens to the answer until what was meant is heard in it.

    reply = affekt.respond("clip.mp4", text="I am glad to hear that.", until_felt=True)
    reply.result          # the speech; affekt_voices.write_speech marks, signs and writes it
    reply.attempts        # what was tried and what was heard each time

Nothing is written here. `closed_loop` is the part that listens; it works with any speaker.
"""

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from affekt.analysis import Analysis
from affekt.answers import EmotionPrediction, SpeechRequest, SpeechResult
from affekt.beside import beside
from affekt.data import Clip
from affekt.errors import DataError
from affekt.pipeline import Pipeline
from affekt.spec import PipelineSpec
from affekt.wording import word_error_rate

NEUTRAL = "neutral"
"""What speakers call the voice without emotion."""
MOST_WORD_ERRORS = 0.1
"""Share of the words that may be heard otherwise."""
LEAST_STEP = 0.1
"""Of intensity; less is not tried."""
HINTS = (("faster", "slower"), ("livelier", "flatter"), ("higher", "lower"), ("louder", "softer"))
"""Words of `SpeechRequest.style` that are tried when intensity alone does not do: each, or else its opposite. Speakers
that read no style pay no attention to them, and are then not asked twice for the same sound."""
QUIET = frozenset({"sad", "calm", "bored", "disgusted"})
"""Emotions for which the second word of a pair is tried first: those of little arousal, and disgust, said slowly."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way of saying it, and what was heard."""

    request: SpeechRequest
    result: SpeechResult
    heard: EmotionPrediction
    """Of the recording by itself."""
    shares: Mapping[str, float]
    """Emotion → share beside the same words said neutrally in this voice, see `affekt.beside`."""
    transcript: str | None
    """None where the pipeline has no transcriber."""
    word_errors: float | None
    """Words to insert, delete or replace, over the words said."""

    @property
    def felt(self) -> bool:
        """The emotion that was meant grew most beside the neutral voice, or is claimed of the recording by itself."""
        # Where nothing changes, none grew.
        grown = self.grew == self.request.emotion and self.score > 1 / len(self.shares) + 1e-6
        return grown or self.felt_alone

    @property
    def felt_alone(self) -> bool:
        """The emotion that was meant is what the recogniser claims of the recording by itself."""
        return self.heard.abstained is None and self.heard.label == self.request.emotion

    @property
    def grew(self) -> str:
        """The emotion that grew most beside the neutral voice."""
        return max(self.shares, key=lambda emotion: self.shares[emotion])

    @property
    def clear(self) -> bool:
        """The words are right."""
        return self.word_errors is None or self.word_errors <= MOST_WORD_ERRORS

    @property
    def score(self) -> float:
        """Share of the emotion that was meant, beside the neutral voice."""
        return self.shares.get(self.request.emotion, 0.0)

    @property
    def succeeded(self) -> bool:
        """What was meant is heard, in words and in voice."""
        return self.felt and self.clear

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        asked = self.request
        return {
            "emotion": asked.emotion, "intensity": round(asked.intensity, 3), "style": asked.style,
            "heard": None if self.heard.abstained else self.heard.label,
            "heard_beside_neutral": self.grew, "score": round(self.score, 4),
            "transcript": self.transcript,
            "word_errors": None if self.word_errors is None else round(self.word_errors, 4),
            "felt": self.felt, "felt_alone": self.felt_alone, "clear": self.clear,
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
    if text is None:
        require_writer(running)
    felt = running.analyze(clip)
    said = text if text is not None else written(running, felt, language)
    request = answer(felt, said, emotion, intensity, voice, language)
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


def require_writer(pipeline: Pipeline) -> None:
    """Refuses a pipeline whose reasoner writes no replies, before anything is analysed.

    A reasoner that writes has a method `reply(felt, language)`; where that depends on its model, `replies` says so.

    Raises:
        DataError: it writes none.
    """
    reasoner = pipeline.reasoner
    if not callable(getattr(reasoner, "reply", None)) or not getattr(reasoner, "replies", True):
        raise DataError(f"the reasoner {type(reasoner).__name__} writes no replies", hint="give the text of the reply")


def written(pipeline: Pipeline, felt: Analysis, language: str) -> str:
    """A reply by the pipeline's reasoner.

    Raises:
        DataError: it writes none.
    """
    require_writer(pipeline)
    writer: Any = pipeline.reasoner
    text = str(writer.reply(felt, language)).strip()
    if not text:
        raise DataError(f"the reasoner {type(writer).__name__} wrote an empty reply", hint="give the text")
    return text


Told = Callable[[Attempt], None]
"""Called after every attempt, for progress displays."""


def closed_loop(
    pipeline: Pipeline,
    request: SpeechRequest,
    attempts: int = 8,
    told: Told = lambda attempt: None,
    among: Collection[str] | None = None,
) -> Reply:
    """Speaks, listens with the pipeline's own recogniser and transcriber, and adjusts until what was meant is heard.

    Heard is the emotion that grew most beside the same words said neutrally in this voice, which are spoken first; or
    what the recogniser claims of the recording by itself.
    Intensity goes first: to its full strength while the emotion is not heard, back while the words are not. Then words
    are added to `style`, one at a time, each kept when it makes the emotion likelier and the words stay right. The best
    attempt has the right words, and among those the highest share of what was meant.

    Args:
        attempts: at most; the neutral one is not counted.
        among: the emotions to choose from; None takes all that the recogniser knows.

    Raises:
        DataError: fewer than one attempt is asked for; or the emotion is not among those to choose from.
    """
    if attempts < 1:
        raise DataError(f"at least one attempt is needed; found {attempts}")
    if among is not None and request.emotion not in among:
        raise DataError(f'"{request.emotion}" is not among {sorted(among)}', hint="add it to those to choose from")
    listen = _listener(pipeline, request, among)
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
            attempt = listen(asked, result)
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


def _listener(
    pipeline: Pipeline, request: SpeechRequest, among: Collection[str] | None
) -> Callable[[SpeechRequest, SpeechResult], Attempt]:
    """Hears attempts; what is meant to be neutral is heard by itself."""
    neutral: EmotionPrediction | None = None
    if request.emotion != NEUTRAL:
        plain = replace(request, emotion=NEUTRAL, intensity=0.0, style="")
        neutral = _analyzed(pipeline, plain, pipeline.speak(plain)).prediction

    def listen(asked: SpeechRequest, result: SpeechResult) -> Attempt:
        felt = _analyzed(pipeline, asked, result)
        clip = felt.evidence.clip
        listens = clip.text is not None or "text" in clip.missing
        heard = felt.prediction
        return Attempt(
            request=asked,
            result=result,
            heard=heard,
            shares=dict(heard.scores) if neutral is None else beside(heard, neutral, among),
            transcript=felt.text if listens else None,
            word_errors=_word_errors(asked, result, felt.text) if listens else None,
        )

    return listen


def _word_errors(asked: SpeechRequest, result: SpeechResult, heard: str) -> float:
    """Against the text as written or as spoken: neither "[laughs]" nor "$3" is what is heard."""
    spoken = str(result.provenance.get("spoken_text", asked.text))
    return min(word_error_rate(said, heard) for said in (asked.text, spoken))


def _analyzed(pipeline: Pipeline, asked: SpeechRequest, result: SpeechResult) -> Analysis:
    return pipeline.analyze(Clip(id="reply", audio=result.audio, language=asked.language))


def _goodness(attempt: Attempt) -> tuple[bool, bool, float]:
    return attempt.clear, attempt.felt, attempt.score


def _search(request: SpeechRequest) -> Generator[SpeechRequest, Attempt | None, None]:
    """Yields requests and is sent what came of each; None where the sound was the same as before."""
    best = yield request
    assert best is not None  # nothing was heard before
    last: Attempt | None = best
    intensity, good, lost = request.intensity, 0.0, None
    while last is not None:
        good, lost = (intensity, lost) if last.clear else (good, intensity)
        intensity = 1.0 if lost is None else round((good + lost) / 2, 3)
        if abs(intensity - last.request.intensity) < LEAST_STEP:
            break
        last = yield replace(request, intensity=intensity)
        if last is not None and _goodness(last) >= _goodness(best):
            best = last
    for pair in HINTS:
        for hint in reversed(pair) if request.emotion in QUIET else pair:
            asked = best.request
            attempt = yield replace(asked, style=f"{asked.style} {hint}".strip())
            if attempt is not None and _goodness(attempt) > _goodness(best):
                best = attempt
                break  # its opposite would undo it


def _stated(best: Attempt, count: int) -> SpeechResult:
    """The speech, whose provenance says what was heard in it, by itself and beside the neutral voice."""
    heard: dict[str, str | float | bool] = {
        "attempts": count,
        "heard": "" if best.heard.abstained else best.heard.label,
        "heard_beside_neutral": best.grew,
        "heard_as_meant": best.succeeded,
    }
    return replace(best.result, provenance={**best.result.provenance, **heard})
