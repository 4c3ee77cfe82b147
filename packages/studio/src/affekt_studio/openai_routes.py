"""OpenAI's `/v1/audio/speech` and `/v1/audio/transcriptions`, with numbers for emotion. Nothing is silently ignored.

What cannot be done is refused with the name of its parameter. What was applied stands in the headers `x-affekt-…`.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from affekt import Word
from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from affekt_studio import speech_encoding
from affekt_studio.analyses import require_speech
from affekt_studio.errors import BadRequest, MediaRefused
from affekt_studio.jobs import Job
from affekt_studio.results import display_name
from affekt_studio.speech_instructions import understood
from affekt_studio.studio import Media, Studio, session_of, studio_of

PREFIX = "/v1/audio"
router = APIRouter(prefix=PREFIX, tags=["OpenAI-compatible"])
LONGEST = 900.0
"""Seconds that a request waits for its job."""
CHUNK = 16 << 10
ALIASES = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
"""Models of OpenAI's that clients name by default: the studio's first pipeline answers."""
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse")
"""Voices of OpenAI's that clients name by default: the speaker's own voice answers."""


class ParameterRefused(BadRequest):
    """A parameter that cannot be followed."""

    def __init__(self, param: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.param = param

    def body(self) -> dict[str, Any]:
        """The error with the name of the parameter."""
        return super().body() | {"param": self.param}


class Emotion(BaseModel):
    """How to say it, in numbers."""

    name: str = Field(max_length=40)
    intensity: float = Field(default=0.6, ge=0, le=1)


class SpeechBody(BaseModel):
    """OpenAI's request, and `x_emotion`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"model": "default", "voice": "alloy", "input": "I am glad that you came.", "response_format": "wav",
                 "x_emotion": {"name": "happy", "intensity": 0.8}}
            ]
        },
    )  # fmt: skip

    model: str
    input: str = Field(min_length=1)
    voice: str | dict[str, str] = "alloy"
    instructions: str = ""
    response_format: str = "mp3"
    speed: float = 1.0
    stream_format: Literal["audio", "sse"] = "audio"
    x_emotion: Emotion | None = None
    x_language: str = Field(default="en", pattern="^[a-z]{2}$")
    x_consent: bool = False
    """The person whose voice it is has lent it for this; needed for a lent voice."""


@router.post("/speech", response_class=Response)
async def speech(request: Request, asked: SpeechBody) -> Response:
    """Says a text; the speech is watermarked in every format."""
    studio, session = studio_of(request), session_of(request)
    if asked.response_format not in speech_encoding.FORMATS:
        formats = ", ".join(speech_encoding.FORMATS)
        raise ParameterRefused("response_format", f'"{asked.response_format}" is no format here', hint=formats)
    if asked.speed != 1:
        raise ParameterRefused("speed", "the speed cannot be set", hint='speed=1, and instructions such as "calm"')
    voice = asked.voice.get("id") if isinstance(asked.voice, dict) else asked.voice
    voice = None if voice in VOICES else voice
    require_speech(studio, asked.input, voice, asked.x_consent)
    from_words = understood(asked.instructions)
    emotion, intensity = from_words or ("neutral", 0.6)
    if asked.x_emotion is not None:
        emotion, intensity = asked.x_emotion.name, asked.x_emotion.intensity
    fields = {
        "name": "speech", "pipeline": pipeline_of(studio, asked.model), "text": asked.input, "emotion": emotion,
        "intensity": intensity, "voice": voice, "language": asked.x_language, "style": asked.instructions,
        "format": asked.response_format if asked.response_format in speech_encoding.SIGNED else "wav",
    }  # fmt: skip
    job = await _done(studio, session, "speech", fields)
    try:
        data = await asyncio.to_thread(_encoded, studio, job, asked.response_format)
    finally:
        studio.remove(job)
    assert job.outcome is not None
    understood_as = "none" if not asked.instructions else "not understood" if from_words is None else from_words[0]
    headers = {
        "x-affekt-emotion": emotion, "x-affekt-intensity": f"{intensity:g}", "x-affekt-instructions": understood_as,
        "x-affekt-voice": voice or "default", "x-affekt-provenance": "watermark"
        + (", signed manifest" if asked.response_format in speech_encoding.SIGNED else ""),
    }  # fmt: skip
    if asked.response_format == "pcm":
        headers |= {"x-sample-rate": str(speech_encoding.PCM_RATE), "x-channels": "1", "x-bit-depth": "16"}
    if asked.stream_format == "sse":
        events = _speech_events(data, asked.input)
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)
    kind = speech_encoding.MEDIA_TYPES[asked.response_format]
    return StreamingResponse(_chunks(data), media_type=kind, headers=headers | {"Content-Length": str(len(data))})


@router.post("/transcriptions", response_class=Response)
async def transcriptions(
    request: Request,
    file: Annotated[UploadFile, File()],
    model: Annotated[str, Form()],
    language: Annotated[str | None, Form(pattern="^[a-z]{2}$")] = None,
    response_format: Annotated[str, Form()] = "json",
    prompt: Annotated[str | None, Form()] = None,
    temperature: Annotated[float, Form()] = 0.0,
    stream: Annotated[bool, Form()] = False,
) -> Response:
    """Writes down what is said, with the pipeline's transcriber."""
    studio, session = studio_of(request), session_of(request)
    if response_format not in ("json", "text", "srt", "vtt", "verbose_json"):
        hint = "json, text, srt, vtt or verbose_json"
        raise ParameterRefused("response_format", f'"{response_format}" is no format here', hint=hint)
    for name, value in (("prompt", prompt), ("temperature", temperature), ("stream", stream)):
        if value:
            raise ParameterRefused(name, f"{name} is not supported by the transcriber", hint=f"no {name}")
    name = display_name(file.filename)
    if not file.size:
        raise ParameterRefused("file", f'"{name}" is empty: 0 bytes', hint="uploading it again")
    fields: dict[str, Any] = {"name": name, "pipeline": pipeline_of(studio, model)}
    if language:
        fields["settings"] = {"transcript.language": language}
    job = await _done(studio, session, "transcription", fields, Media(file.file, name))
    try:
        text = (studio.folder_of_result(job) / "transcript.json").read_text(encoding="utf-8")
    finally:
        studio.remove(job)
    document = json.loads(text)
    if response_format in ("srt", "vtt"):
        return Response(_subtitles(document, response_format), media_type="text/plain; charset=utf-8")
    if response_format == "text":
        return Response(document["text"] + "\n", media_type="text/plain; charset=utf-8")
    usage = {"type": "duration", "seconds": round(document["duration"])}
    answer = {"text": document["text"], "usage": usage}
    if response_format == "verbose_json":
        answer |= {"task": "transcribe", "language": document["language"], "duration": document["duration"],
                   "words": document["words"]}  # fmt: skip
    return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json")


def pipeline_of(studio: Studio, model: str) -> str | None:
    """The pipeline that a model's name means: its own, or the first one for a name of OpenAI's.

    Raises:
        ParameterRefused: neither.
    """
    if model in studio.config.pipelines:
        return model
    if model in ALIASES:
        return None
    offered = ", ".join(studio.config.pipelines)
    raise ParameterRefused("model", f'there is no model "{model}" here', hint=f"one of {offered}")


def error_of(body: dict[str, Any]) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    error = body["error"]
    message = error["message"] + (f" Try: {error['try']}" if error.get("try") else "")
    return {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": body.get("param"),
            "code": error["kind"],
        }
    }


async def _done(studio: Studio, session: str, kind: str, fields: dict[str, Any], media: Media | None = None) -> Job:
    job = await asyncio.to_thread(studio.submit, session, kind, fields, media)
    try:
        ended = await studio.ended(job.id, session, LONGEST)
    except BaseException:  # the client has gone
        studio.remove(job)
        raise
    if ended.state != "done":
        studio.remove(ended)
        error = (ended.outcome or {}).get("error") or {"message": f"not done after {LONGEST:.0f} s", "try": "less"}
        raise MediaRefused(error["message"], hint=error["try"])
    return ended


def _encoded(studio: Studio, job: Job, format: Any) -> bytes:
    assert job.outcome is not None
    written: Path = studio.folder_of_result(job) / str(job.outcome["file"])
    return written.read_bytes() if format in speech_encoding.SIGNED else speech_encoding.encode(written, format)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    """One file in pieces: its header comes once."""
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]


async def _speech_events(data: bytes, text: str) -> AsyncIterator[str]:
    async for chunk in _chunks(data):
        event = {"type": "speech.audio.delta", "audio": base64.b64encode(chunk).decode()}
        yield f"event: speech.audio.delta\ndata: {json.dumps(event)}\n\n"
    usage = {"input_tokens": len(text.split()), "output_tokens": 0, "total_tokens": len(text.split())}
    yield f"event: speech.audio.done\ndata: {json.dumps({'type': 'speech.audio.done', 'usage': usage})}\n\n"


def _subtitles(document: dict[str, Any], format: str) -> str:
    """Lines of words that end at pauses, as affekt-report draws them."""
    from affekt_report.spoken import LONG, PAUSE

    lines: list[list[Word]] = []
    for word in (Word(text=entry["word"], start=entry["start"], end=entry["end"]) for entry in document["words"]):
        fits = lines and word.start - lines[-1][-1].end <= PAUSE and word.end - lines[-1][0].start <= LONG
        lines[-1].append(word) if fits else lines.append([word])
    cues = []
    for number, line in enumerate(lines, 1):
        span = f"{_clock(line[0].start, format)} --> {_clock(line[-1].end, format)}"
        cues.append(f"{number}\n{span}\n{' '.join(word.text for word in line)}\n")
    return ("WEBVTT\n\n" if format == "vtt" else "") + "\n".join(cues)


def _clock(seconds: float, format: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, minutes, remainder = milliseconds // 3_600_000, milliseconds // 60_000 % 60, milliseconds % 60_000
    return f"{hours:02}:{minutes:02}:{remainder // 1000:02}{',' if format == 'srt' else '.'}{remainder % 1000:03}"
