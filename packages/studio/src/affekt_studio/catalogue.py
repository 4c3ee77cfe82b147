"""What is offered, and whether the studio is well: pipelines, components, formats, limits, health and metrics."""

from typing import Any

from fastapi import APIRouter, Request, Response

from affekt_studio import examples, exports, pipelines, reviews
from affekt_studio.models import Health
from affekt_studio.studio import studio_of

router = APIRouter()


@router.get("/v1/pipelines", tags=["catalogue"])
def list_pipelines(request: Request) -> list[dict[str, Any]]:
    """The pipelines of this studio with their slots; the first is taken where none is named."""
    return pipelines.describe(studio_of(request).config)


@router.get("/v1/components", tags=["catalogue"])
def list_components() -> list[dict[str, Any]]:
    """Every installed component."""
    return pipelines.components()


@router.get("/v1/formats", tags=["catalogue"])
def list_formats() -> list[dict[str, str]]:
    """The formats of /v1/analyses/{id}/exports/{format}."""
    return exports.describe()


@router.get("/v1/limits", tags=["catalogue"])
def list_limits(request: Request) -> dict[str, float]:
    """What a request may cost, and how long results are kept."""
    return dict(vars(studio_of(request).config.limits))


@router.get("/v1/examples", tags=["catalogue"])
def list_examples(request: Request) -> list[dict[str, str]]:
    """Recordings that were analysed before, with their reports."""
    return examples.describe(studio_of(request).config.examples)


@router.get("/v1/reviews", tags=["catalogue"])
def list_reviews(request: Request) -> list[dict[str, str]]:
    """The folders of annotations whose review page is served here."""
    return reviews.describe(studio_of(request).config.reviews)


@router.get("/healthz", tags=["health"])
def health() -> Health:
    """Answers while the server runs."""
    return Health(status="ok")


@router.get("/readyz", tags=["health"], responses={503: {"model": Health}})
def ready(request: Request, response: Response) -> Health:
    """Status 200 once a worker has loaded a pipeline, 503 before."""
    if studio_of(request).pool.ready:
        return Health(status="ok")
    response.status_code = 503
    return Health(status="starting")


@router.get("/metrics", tags=["health"])
def metrics(request: Request) -> Response:
    """Counts and times for Prometheus."""
    studio = studio_of(request)
    counts = {str(state): count for state, count in studio.store.counts().items()}
    text = studio.metrics.text(counts, studio.pool.ready, studio.pool.restarts)
    return Response(text, media_type="text/plain; version=0.0.4")
