"""Where a link into the repository leads on the site: to the page that is made from the file, else to GitHub."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath

from pages_from_code.workspace import ROOT, Workspace

REPOSITORY = "https://github.com/affekt-project/affekt"
_LINK = re.compile(
    rf"(?:(?<=\]\()|(?<=\]: )){REPOSITORY}(?:/(?:blob|tree)/main/([^)\s#]+))?(#[^)\s]*)?(?=\)|$)", re.MULTILINE
)
_RELATIVE = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def on_the_site(text: str, page: str) -> str:
    """A page's text with links into the repository turned into links between pages, where there is one."""

    def turned(link: re.Match[str]) -> str:
        target = "index.md" if link[1] is None else page_of(link[1])
        return link[0] if target is None else relative(target, page) + (link[2] or "")

    return _outside_code(text, lambda prose: _LINK.sub(turned, prose))


def absolute(text: str) -> str:
    """The text of a file in the root of the repository, with its relative links made absolute."""

    def made(link: re.Match[str]) -> str:
        kind = "tree" if (ROOT / link[1]).is_dir() else "blob"
        return f"{REPOSITORY}/{kind}/main/{link[1]}{link[2] or ''}"

    return _outside_code(text, lambda prose: _RELATIVE.sub(made, prose))


@cache
def page_of(path: str) -> str | None:
    """The page that a file or folder of the repository becomes; None where it has none."""
    path = path.rstrip("/")
    if path.startswith("docs/"):
        return path.removeprefix("docs/") if path.endswith(".md") else None
    for member in Workspace.read(ROOT).members:
        if path in (member.path, f"{member.path}/README.md"):
            return f"distributions/{member.name}.md"
        if path == f"{member.path}/CHANGELOG.md":
            return f"changelog.md#{member.name}"
    return None


def relative(target: str, page: str) -> str:
    """A link from one page to another."""
    depth = len(PurePosixPath(page).parent.parts)
    return "../" * depth + target


def without_comments(text: str) -> str:
    """The text without its comments, which are for tests and tools."""
    return _outside_code(text, lambda prose: _COMMENT.sub("", prose))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if index % 2 else change(part) for index, part in enumerate(_FENCE.split(text)))
