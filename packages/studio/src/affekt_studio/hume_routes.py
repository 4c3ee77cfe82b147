"""Hume's v0 batch jobs: recordings in, one job for all of them, predictions out. Nothing is fetched from an address."""

import asyncio
import hashlib
import io
import json
import zipfile
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from affekt_studio import hume_predictions
from affekt_studio.errors import BadRequest, NotFinished, NotFound
from affekt_studio.jobs import Job, new_id
from affekt_studio.results import display_name
from affekt_studio.studio import Media, Studio, session_of, studio_of

router = APIRouter(prefix="/v0/batch/jobs", tags=["Hume-compatible"])
KIND = "hume"
PREDICTIONS = "predictions.json"
MOST_FILES = 100


@router.post("")
async def start(request: Request) -> dict[str, str]:
    """Queues recordings that are uploaded as the form fields `file`, with the job's configuration as `json`."""
    studio, session = studio_of(request), session_of(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadRequest("recordings are uploaded here, never fetched from addresses", hint="the form field file")
    async with request.form(max_files=MOST_FILES + 1) as form:
        asked = await _configuration(form.get("json"))
        files = [upload for upload in form.getlist("file") if isinstance(upload, UploadFile)]
        if not files:
            raise BadRequest("a job needs a file", hint="the form field file")
        batch = new_id()
        for index, file in enumerate(files):
            name = display_name(file.filename)
            digest = await asyncio.to_thread(_md5, file.file)
            fields = {
                "name": name, "pipeline": None, "batch": batch, "index": index, "models": models_of(asked),
                "asked": asked, "md5": digest, "content_type": file.content_type,
            }  # fmt: skip
            await asyncio.to_thread(studio.submit, session, KIND, fields, Media(file.file, name))
    return {"job_id": batch}


@router.get("")
def list_jobs(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    status: Annotated[list[str] | None, Query()] = None,
    direction: Literal["asc", "desc"] = "desc",
) -> list[dict[str, Any]]:
    """The jobs of this session."""
    batches: dict[str, list[Job]] = {}
    for job in studio_of(request).store.of_session(session_of(request), (KIND,)):
        if "batch" in job.request:  # those of a stream are none
            batches.setdefault(job.request["batch"], []).append(job)
    described = [_described(jobs) for jobs in batches.values()]
    described = [job for job in described if not status or job["state"]["status"] in status]
    return (described if direction == "desc" else described[::-1])[:limit]


@router.get("/{id}")
def details(request: Request, id: str) -> dict[str, Any]:
    """The details of one job."""
    return _described(_batch(studio_of(request), session_of(request), id))


@router.delete("/{id}", status_code=204)
def remove(request: Request, id: str) -> None:
    """Removes a job with its recordings and predictions; Hume has no such route."""
    studio = studio_of(request)
    for job in _batch(studio, session_of(request), id):
        studio.remove(job)


@router.get("/{id}/predictions")
def predictions(request: Request, id: str) -> list[dict[str, Any]]:
    """What each model finds, a source a recording."""
    studio = studio_of(request)
    return [_source(studio, job) for job in _ended(_batch(studio, session_of(request), id))]


@router.get("/{id}/artifacts")
def artifacts(request: Request, id: str) -> Response:
    """A zip: the predictions as JSON, and a folder a recording with a table a model."""
    studio = studio_of(request)
    sources = [_source(studio, job) for job in _ended(_batch(studio, session_of(request), id))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PREDICTIONS, json.dumps(sources, ensure_ascii=False))
        for number, source in enumerate(sources):
            for name, table in hume_predictions.tables(source) if "results" in source else ():
                archive.writestr(f"file-{number}-{source['source']['filename']}/csv/{name}", table)
    return Response(packed.getvalue(), media_type="application/zip")


async def _configuration(given: Any) -> dict[str, Any]:
    data = await given.read() if isinstance(given, UploadFile) else given
    try:
        asked = json.loads(data or "{}")
    except (ValueError, RecursionError):
        asked = None
    if asked is None and data in (b"null", "null"):
        asked = {}
    if not isinstance(asked, dict):
        raise BadRequest("the form field json should be a JSON object", hint='{"models": {"prosody": {}}}')
    for field in ("urls", "registry_files"):
        if asked.get(field):
            raise BadRequest(f"{field} is refused: nothing is fetched from an address", hint="uploading the recordings")
    for field in ("text", "callback_url"):
        if asked.get(field):
            raise BadRequest(f"{field} is not supported", hint=f"a job without {field}")
    models_of(asked)
    return asked


def models_of(asked: dict[str, Any]) -> list[str]:
    """The models that are asked for, as Hume reads it: an empty object means all of them."""
    wanted = asked.get("models") or {}
    if not isinstance(wanted, dict):
        raise BadRequest("models should be a JSON object", hint='{"prosody": {}}')
    named = [name for name, options in wanted.items() if options is not None]
    for name in named:
        if name not in hume_predictions.MODELS:
            offered = ", ".join(hume_predictions.MODELS)
            raise BadRequest(f'the model "{name}" is not measured here', hint=offered)
        granularity = (wanted[name] or {}).get("granularity", "utterance")
        if granularity != "utterance":
            raise BadRequest(f'{name}.granularity: "{granularity}" is not measured here', hint="utterance")
    return named or list(hume_predictions.MODELS)


def _batch(studio: Studio, session: str, id: str) -> list[Job]:
    jobs = [job for job in studio.store.of_session(session, (KIND,)) if job.request.get("batch") == id]
    if not jobs:
        raise NotFound(f'this session has no job "{id}"', hint="the list of jobs; results expire")
    return sorted(jobs, key=lambda job: int(job.request["index"]))


def _ended(jobs: list[Job]) -> list[Job]:
    if not all(job.has_ended for job in jobs):
        raise NotFinished("the job has not ended", hint="asking for its state until it is COMPLETED")
    return jobs


def _source(studio: Studio, job: Job) -> dict[str, Any]:
    if job.state == "failed":
        source = {"type": "file", "filename": job.request["name"], "content_type": None, "md5sum": job.request["md5"]}
        return {"source": source, "error": (job.outcome or {})["error"]["message"]}
    text = (studio.folder_of_result(job) / PREDICTIONS).read_text(encoding="utf-8")
    predictions: dict[str, Any] = json.loads(text)
    predictions["source"] |= {"md5sum": job.request["md5"], "content_type": job.request["content_type"]}
    return predictions


def _described(jobs: list[Job]) -> dict[str, Any]:
    state: dict[str, Any] = {"created_timestamp_ms": _ms(min(job.created for job in jobs))}
    started = [job.started for job in jobs if job.started is not None]
    if not started:
        state["status"] = "QUEUED"
    else:
        state |= {"status": "IN_PROGRESS", "started_timestamp_ms": _ms(min(started))}
    if all(job.has_ended for job in jobs):
        failed = [job for job in jobs if job.state == "failed"]
        state["ended_timestamp_ms"] = _ms(max(job.ended or 0.0 for job in jobs))
        if len(failed) == len(jobs):
            state |= {"status": "FAILED", "message": (failed[0].outcome or {})["error"]["message"]}
        else:
            number = sum(int((job.outcome or {}).get("predictions", 0)) for job in jobs)
            state |= {"status": "COMPLETED", "num_predictions": number, "num_errors": len(failed)}
    files = [
        {"filename": job.request["name"], "content_type": job.request["content_type"], "md5sum": job.request["md5"]}
        for job in jobs
    ]
    asked: dict[str, Any] = {"models": {}, "urls": [], "text": [], "callback_url": None, "notify": False}
    asked |= dict(jobs[0].request["asked"])
    id = jobs[0].request["batch"]
    return {"type": "INFERENCE", "job_id": id, "user_id": "", "request": asked | {"files": files}, "state": state}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _md5(file: Any) -> str:
    digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    file.seek(0)
    return digest
