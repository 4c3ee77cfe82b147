"""Speaks, listens and adjusts until what was meant is heard; it works with any speaker."""

import warnings
from collections.abc import Callable, Collection
from dataclasses import replace

from affekt import Clip, DataError, EmotionPrediction, Pipeline, SpeechRequest, SpeechResult
from affekt_recordings import Analysis

from affekt_reply.attempts import Attempt, Reply
from affekt_reply.neutral import relative_to_neutral
from affekt_reply.search import attempts_from, goodness
from affekt_reply.wording import word_error_rate

NEUTRAL = "neutral"
"""What speakers call the voice without emotion."""
OnAttempt = Callable[[Attempt], None]
"""Called after every attempt, for progress displays."""


def closed_loop(
    pipeline: Pipeline,
    request: SpeechRequest,
    attempts: int = 8,
    on_progress: OnAttempt = lambda attempt: None,
    among: Collection[str] | None = None,
    *,
    told: OnAttempt | None = None,
) -> Reply:
    """Speaks, listens with the pipeline's own recogniser and transcriber, and adjusts until what was meant is heard.

    Heard is the emotion that grew most beside the same words said neutrally in this voice, which are spoken first; or
    what the recogniser claims of the recording by itself.
    Intensity goes first: to its full strength while the emotion is not heard, back while the words are not. Then words
    are added to `style`, one at a time, each kept when it makes the emotion likelier and the words stay right. The best
    attempt has the right words, and among those the highest share of what was meant.

    Args:
        attempts: at most; the neutral one is not counted.
        on_progress: called after every attempt.
        among: the emotions to choose from; None takes all that the recogniser knows.
        told: the former name of `on_progress`; it goes with the next minor version.

    Raises:
        DataError: fewer than one attempt is asked for; or the emotion is not among those to choose from.
    """
    if told is not None:
        warnings.warn('"told" of closed_loop is called "on_progress" now', DeprecationWarning, stacklevel=2)
        on_progress = told
    if attempts < 1:
        raise DataError(f"at least one attempt is needed; found {attempts}")
    if among is not None and request.emotion not in among:
        raise DataError(f'"{request.emotion}" is not among {sorted(among)}', hint="add it to those to choose from")
    listen = _listener(pipeline, request, among)
    tried: list[Attempt] = []
    sounds: set[bytes] = set()
    search = attempts_from(request)
    asked: SpeechRequest | None = next(search)
    while asked is not None and len(tried) < attempts:
        result = pipeline.speak(asked)
        sound = result.audio.samples.tobytes()
        attempt = None
        if sound not in sounds:  # else the speaker paid no attention to what was changed
            sounds.add(sound)
            attempt = listen(asked, result)
            tried.append(attempt)
            on_progress(attempt)
            if attempt.succeeded:
                break
        try:
            asked = search.send(attempt)
        except StopIteration:
            asked = None
    best = max(tried, key=goodness)
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
            shares=dict(heard.scores) if neutral is None else relative_to_neutral(heard, neutral, among),
            transcript=felt.text if listens else None,
            word_errors=_word_errors(asked, result, felt.text) if listens else None,
        )

    return listen


def _word_errors(asked: SpeechRequest, result: SpeechResult, heard: str) -> float:
    """Against the text as written or as spoken: neither "[laughs]" nor "$3" is what is heard."""
    spoken = str(result.provenance.get("spoken_text", asked.text))
    return min(word_error_rate(reference, heard) for reference in (asked.text, spoken))


def _analyzed(pipeline: Pipeline, asked: SpeechRequest, result: SpeechResult) -> Analysis:
    return pipeline.analyze(Clip(id="reply", audio=result.audio, language=asked.language))


def _stated(best: Attempt, count: int) -> SpeechResult:
    """The speech, whose provenance says what was heard in it, by itself and beside the neutral voice."""
    heard: dict[str, str | float | bool] = {
        "attempts": count,
        "heard": "" if best.heard.abstained else best.heard.label,
        "heard_beside_neutral": best.grew,
        "heard_as_meant": best.succeeded,
    }
    return replace(best.result, provenance={**best.result.provenance, **heard})
