"""Checks the built site: `python docs/check_site.py FOLDER`.

Every internal link and anchor resolves, no page loads anything from elsewhere, every picture has a description, and
every distribution has its page.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from pages_from_code.workspace import ROOT, Workspace

SITE = "https://affekt-project.github.io/affekt/"
LOADED = {"script", "img", "iframe", "audio", "video", "source", "embed"}
"""What loads its `src`."""
LINKED_ASSETS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
"""What `<link rel=…>` makes a browser fetch."""
REMOTE_IN_CSS = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)")


@dataclass
class Page(HTMLParser):
    """What one page links to, loads and can be linked at."""

    links: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    undescribed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and LINKED_ASSETS & set(values.get("rel", "").split()):
            self.assets.append(values["href"])
        elif tag in LOADED and values.get("src"):
            self.assets.append(values["src"])
        if tag == "img":
            self.assets += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]
            if not values.get("alt"):
                self.undescribed.append(values.get("src", ""))
        self.assets += REMOTE_IN_CSS.findall(values.get("style", ""))


def problems(site: Path) -> Iterator[str]:
    """Every problem of a built site in one line."""
    pages = {path.relative_to(site).as_posix(): _read(path) for path in sorted(site.rglob("*.html"))}
    for name, page in pages.items():
        address_of_page = urljoin(SITE, name.removesuffix("index.html"))
        if name != "404.html":  # it is served at any address, so its links begin at the root
            yield from (f"{name}: {problem}" for problem in _broken_links(page.links, address_of_page, site, pages))
        for asset in page.assets:
            address = urljoin(address_of_page, asset)
            if asset.startswith("data:"):
                continue
            if not address.startswith(SITE):
                yield f"{name}: loads {asset} from elsewhere"
            elif name != "404.html" and not (site / _path(address)).exists():
                yield f"{name}: loads {asset}, which does not exist"
        yield from (f"{name}: the picture {source} has no description" for source in page.undescribed)
    for path in sorted(site.rglob("*.css")):
        for address in REMOTE_IN_CSS.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site).as_posix()}: loads {address} from elsewhere"
    for member in Workspace.read(ROOT).members:
        if f"distributions/{member.name}/index.html" not in pages:
            yield f"{member.name} has no page"


def _broken_links(links: list[str], address_of_page: str, site: Path, pages: dict[str, Page]) -> Iterator[str]:
    for link in links:
        address = urljoin(address_of_page, link)
        if not address.startswith(SITE):
            if urlsplit(link).scheme == "" and not link.startswith("//"):
                yield f"{link} leads out of the site"
            continue
        target = _path(address)
        if not (site / target).is_file():
            yield f"{link} leads nowhere"
        elif (anchor := unquote(urlsplit(address).fragment)) and anchor not in pages[target].anchors:
            yield f"{link} names no place on the page"


def _path(address: str) -> str:
    """The file of the site that an address names."""
    path = unquote(urlsplit(address).path).removeprefix(urlsplit(SITE).path)
    return path + "index.html" if path == "" or path.endswith("/") else path


def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def main() -> None:
    """Prints every problem; exit code 1 where there is one."""
    site = Path(sys.argv[1])
    found = list(problems(site))
    print("\n".join(found) or f"{site}: every link resolves, nothing is loaded from elsewhere")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
