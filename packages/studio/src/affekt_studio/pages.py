"""The page: plain HTML, script and style of our own; nothing is fetched from elsewhere."""

from importlib import resources

from fastapi import APIRouter, Response

from affekt_studio.errors import NotFound

router = APIRouter(include_in_schema=False)
KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@router.get("/")
def index() -> Response:
    """The page itself."""
    return asset("studio.html")


@router.get("/page/{name}")
def asset(name: str) -> Response:
    """A file of the page, by its name in the package."""
    folder = resources.files("affekt_studio") / "page"
    if name not in {path.name for path in folder.iterdir()}:
        raise NotFound(f'the page has no file "{name}"', hint="/")
    return Response((folder / name).read_bytes(), media_type=KINDS[name.rpartition(".")[2]])
