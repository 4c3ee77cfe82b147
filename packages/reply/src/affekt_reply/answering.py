"""Answers a recording aloud: what is said is given or written by the reasoner, and how mirrors what is felt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from affekt import Clip, DataError, Pipeline, PipelineSpec, SpeechRequest
from affekt_recordings import Analysis

from affekt_reply.attempts import Reply
from affekt_reply.listening import closed_loop


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
    reply_text = text if text is not None else written(running, felt, language)
    request = answer(felt, reply_text, emotion, intensity, voice, language)
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
