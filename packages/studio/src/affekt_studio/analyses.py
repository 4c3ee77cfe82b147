"""`/v1/analyses` and `/v1/replies`: recordings in; jobs, events, results and exports out. None is known by a path."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, File, Form, Header, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse, StreamingResponse

from affekt_studio import exports
from affekt_studio.errors import BadRequest, Forbidden, NotFinished, NotFound
from affekt_studio.jobs import Job
from affekt_studio.models import REFUSALS, Again, JobAnswer, ReplyRequest, answer_of
from affekt_studio.results import REPORT, RESULT, SPOKEN, VIEW, display_name
from affekt_studio.studio import Media, Studio, readable_path, session_of, studio_of

router = APIRouter(prefix="/v1", responses=REFUSALS)
LONGEST_WAIT = 60.0
HEARTBEAT_SECONDS = 15.0


@router.post("/analyses", status_code=202, tags=["analyses"])
async def create(
    request: Request,
    response: Response,
    file: Annotated[UploadFile | None, File(description="A recording: video, sound or a picture.")] = None,
    path: Annotated[str | None, Form(description="A file of the machine, where its folder may be read.")] = None,
    pipeline: Annotated[str | None, Form(description="One of /v1/pipelines; the first where none is named.")] = None,
    settings: Annotated[
        str, Form(description='Changes to the pipeline as JSON, such as {"words": null}.', examples=['{"words": null}'])
    ] = "{}",
) -> JobAnswer:
    """Takes a recording in, and answers with its job."""
    studio, session = studio_of(request), session_of(request)
    changes = settings_of(settings)
    if (file is None) == (path is None):
        raise BadRequest("an analysis needs a file or a path, one of them", hint='the form field "file"')
    if file is not None:
        name = display_name(file.filename)
        media = Media(file.file, name)
        if not file.size:
            raise BadRequest(f'"{name}" is empty: 0 bytes', hint="uploading it again")
    else:
        source = readable_path(studio.config, str(path))
        name, media = display_name(source.name), Media(source, source.name)
    asked = {"name": name, "pipeline": pipeline, "settings": changes}
    job = await asyncio.to_thread(studio.submit, session, "analysis", asked, media)
    response.headers["Location"] = f"/v1/analyses/{job.id}"
    return answer_of(job)


@router.get("/analyses", tags=["analyses"])
def list_analyses(request: Request) -> list[JobAnswer]:
    """The analyses of this session, the newest first."""
    return [answer_of(job) for job in studio_of(request).store.of_session(session_of(request), ("analysis",))]


@router.delete("/analyses", status_code=204, tags=["analyses"])
def purge(request: Request) -> None:
    """Removes everything of this session: jobs, recordings and results."""
    studio = studio_of(request)
    for job in studio.store.of_session(session_of(request)):
        studio.remove(job)


@router.get("/analyses/{id}", tags=["analyses"])
async def get(request: Request, id: str, wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0) -> JobAnswer:
    """One analysis; with `wait`, once it has ended or so many seconds have passed."""
    studio, session = studio_of(request), session_of(request)
    job = studio.job(id, session, "analysis")
    return answer_of(await studio.ended(id, session, wait) if wait else job)


@router.delete("/analyses/{id}", status_code=204, tags=["analyses"])
def remove(request: Request, id: str) -> None:
    """Removes an analysis with its recording and results; where it runs, it is given up."""
    studio = studio_of(request)
    studio.remove(studio.job(id, session_of(request), "analysis"))


@router.get("/analyses/{id}/result", tags=["analyses"])
async def result(request: Request, id: str, wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0) -> FileResponse:
    """The result: what `affekt analyze --json` prints; with `wait`, so many seconds are given until it is there."""
    if wait:
        studio, session = studio_of(request), session_of(request)
        studio.job(id, session, "analysis")
        await studio.ended(id, session, wait)
    return _file(request, id, RESULT, "application/json")


@router.get("/analyses/{id}/view", tags=["analyses"])
def view(request: Request, id: str) -> FileResponse:
    """What the page draws: curves in a box of 1000 by 100, and times in seconds."""
    return _file(request, id, VIEW, "application/json")


@router.get("/analyses/{id}/media", tags=["analyses"])
def media(request: Request, id: str) -> FileResponse:
    """The recording, in ranges where they are asked for."""
    studio = studio_of(request)
    path = studio.media_of(studio.job(id, session_of(request), "analysis"))
    return FileResponse(path, media_type=exports.media_type(path))


@router.get("/analyses/{id}/exports/{format}", tags=["analyses"])
def export(request: Request, id: str, format: str) -> Response:
    """The result in one format, see /v1/formats; a zip where a format writes several files."""
    studio = studio_of(request)
    job = studio.job(id, session_of(request), "analysis")
    data, name, kind = _exported(studio, job, format)
    stem = Path(str(job.request["name"])).stem
    return _download(data, f"{stem}-{name}" if format in ("report", "json") else name, kind)


@router.get("/exports/{format}", tags=["analyses"])
def export_all(request: Request, format: str) -> Response:
    """All analyses of this session that are done: a table with the format "summary", else a zip with a folder each."""
    studio, session = studio_of(request), session_of(request)
    done = [job for job in studio.store.of_session(session, ("analysis",)) if job.state == "done"][::-1]
    if not done:
        raise NotFinished("no analysis of this session is done", hint="uploading recordings")
    if format == "summary":
        first = next(iter(studio.config.pipelines))
        results = ((job.request.get("pipeline") or first, _result(studio, job)) for job in done)
        return _download(exports.summary(results).encode(), "summary.csv", "text/csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, job in enumerate(done, 1):
            data, name, _ = _exported(studio, job, format)
            archive.writestr(f"{number:03}-{Path(str(job.request['name'])).stem}/{name}", data)
    return _download(packed.getvalue(), f"{format}.zip", "application/zip")


@router.post("/analyses/{id}/again", status_code=202, tags=["analyses"])
async def again(request: Request, id: str, asked: Annotated[Again, Body()]) -> JobAnswer:
    """The same recording through another pipeline, to compare the two."""
    studio, session = studio_of(request), session_of(request)
    job = studio.job(id, session, "analysis")
    path = studio.media_of(job)
    fields = {"name": job.request["name"], "pipeline": asked.pipeline, "settings": asked.settings, "of": id}
    return answer_of(await asyncio.to_thread(studio.submit, session, "analysis", fields, Media(path, path.name)))


@router.post("/analyses/{id}/replies", status_code=202, tags=["replies"])
async def reply(request: Request, id: str, asked: Annotated[ReplyRequest, Body()]) -> JobAnswer:
    """Answers a recording aloud; the speech carries a watermark and a signed manifest."""
    studio, session = studio_of(request), session_of(request)
    job = studio.job(id, session, "analysis")
    require_speech(studio, asked.text, asked.voice, asked.consent)
    path = studio.media_of(job)
    fields = asked.model_dump(exclude={"consent"}) | {
        "name": job.request["name"], "pipeline": job.request.get("pipeline"), "settings": job.request.get("settings"),
        "of": id,
    }  # fmt: skip
    return answer_of(await asyncio.to_thread(studio.submit, session, "reply", fields, Media(path, path.name)))


@router.get("/replies/{id}", tags=["replies"])
async def get_reply(request: Request, id: str, wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0) -> JobAnswer:
    """One answer aloud."""
    studio, session = studio_of(request), session_of(request)
    job = studio.job(id, session, "reply")
    return answer_of(await studio.ended(id, session, wait) if wait else job)


@router.get("/replies/{id}/audio", tags=["replies"])
def reply_audio(request: Request, id: str) -> FileResponse:
    """The speech, as a wave file."""
    studio = studio_of(request)
    folder = studio.folder_of_result(studio.job(id, session_of(request), "reply"))
    return FileResponse(folder / f"{SPOKEN}.wav", media_type="audio/wav")


@router.get("/analyses/{id}/events", tags=["analyses"], response_class=StreamingResponse)
@router.get("/replies/{id}/events", tags=["replies"], response_class=StreamingResponse)
async def events(request: Request, id: str, last_event_id: Annotated[str | None, Header()] = None) -> StreamingResponse:
    """What happens to a job, as server-sent events; the last one is `done`, `failed` or `removed`."""
    studio, session = studio_of(request), session_of(request)
    kind = "reply" if request.url.path.startswith("/v1/replies/") else "analysis"
    studio.job(id, session, kind)
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 16 else 0
    return StreamingResponse(_stream(studio, id, session, kind, after), media_type="text/event-stream")


async def _stream(studio: Studio, id: str, session: str, kind: str, after: int) -> AsyncIterator[str]:
    silent = 0.0
    while True:
        version = studio.store.version()
        try:
            ended = studio.job(id, session, kind).has_ended
        except NotFound:
            yield "event: removed\ndata: {}\n\n"
            return
        for event in studio.store.events(id, after):
            after, silent = event.number, 0.0
            yield f"id: {event.number}\nevent: {event.kind}\ndata: {json.dumps(dict(event.data))}\n\n"
        if ended:
            return
        await studio.change(version)
        silent += 1.0
        if silent > HEARTBEAT_SECONDS:  # a proxy may close what is silent
            silent = 0.0
            yield ": waiting\n\n"


def settings_of(text: str) -> dict[str, Any]:
    """The changes of a form field.

    Raises:
        BadRequest: it is no JSON object.
    """
    try:
        changes = json.loads(text or "{}")
    except (ValueError, RecursionError):
        changes = None
    if not isinstance(changes, dict):
        raise BadRequest(f"settings should be a JSON object; found {text[:80]!r}", hint='{"words": null}')
    return changes


def require_speech(studio: Studio, text: str, voice: str | None, consent: bool) -> None:
    """Refuses a text that is too long, and a lent voice without the statement that it may be used.

    Raises:
        BadRequest, Forbidden: see above. The voice's own record of consent is asked again when it speaks.
    """
    if len(text) > studio.config.limits.text_characters:
        most = studio.config.limits.text_characters
        raise BadRequest(f"the text has {len(text)} characters; up to {most} are spoken", hint="a shorter text")
    if voice is not None and voice in lent_voices() and not consent:
        raise Forbidden(f'"{voice}" is a voice that somebody lent', hint='"consent": true, where it was lent for this')


def lent_voices() -> set[str]:
    """The names of the voices that people lent on this machine."""
    from affekt_voices import VoiceStore

    return {record.voice for record in VoiceStore().records()}


def _result(studio: Studio, job: Job) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((studio.folder_of_result(job) / RESULT).read_text(encoding="utf-8"))
    return document


def _exported(studio: Studio, job: Job, format: str) -> tuple[bytes, str, str]:
    """(bytes, file name, media type) of a result in one format."""
    folder = studio.folder_of_result(job)
    if format == "report":
        return (folder / REPORT).read_bytes(), "report.html", "text/html"
    if format == "json":
        return (folder / RESULT).read_bytes(), "result.json", "application/json"
    return exports.export(_result(studio, job), studio.media_of(job), format)


def _download(data: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=kind, headers=headers)


def _file(request: Request, id: str, name: str, kind: str) -> FileResponse:
    studio = studio_of(request)
    job: Job = studio.job(id, session_of(request), "analysis")
    return FileResponse(studio.folder_of_result(job) / name, media_type=kind)
