"""Files of others, read within bounds; files of ours, written whole under a name that stays in its folder."""

import json
import os
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import defusedxml  # type: ignore[import-untyped]
from affekt import DataError
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

MOST_BYTES = 256 * 2**20
"""Far more than the annotations of a day; a file of media named by mistake is larger."""
MOST_TRACKS = 10_000
MOST_SPANS = 1_000_000

Element = ElementTree.Element


class ExchangeError(DataError):
    """A file of annotations is not what its format says, or holds more than is read."""


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        ExchangeError: it cannot be read, or is too large.
    """
    try:
        if not path.is_file():
            raise ExchangeError(f'"{path}" is no file', hint="the path of a file of annotations")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise ExchangeError(
                f'"{path}" has {size:,} bytes; at most {MOST_BYTES:,} are read', hint="a file of annotations, not media"
            )
        return path.read_bytes()
    except OSError as error:
        raise ExchangeError(f'"{path}" cannot be read: {error.strerror or error}', hint="its permissions") from error


def read_text(path: Path) -> str:
    """The content of a text file in UTF-8, or in UTF-16 where it says so by its first bytes."""
    data = read_bytes(path)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ExchangeError(
            f'"{path}" is not text in {encoding[:6].upper()}: byte {error.start}', hint="saving it as UTF-8"
        ) from error


def parse_xml(path: Path, *, counted: Mapping[str, int]) -> Element:
    """The root element; comments inside it are kept. A document type is refused, and so are entities with it.

    Args:
        counted: tag → how many of it are read; they are counted before the tree is built.

    Raises:
        ExchangeError: it is no XML, declares a document type, or holds too much.
    """
    data = read_bytes(path)
    for tag, most in counted.items():
        require_few(path, tag, len(re.findall(rb"<" + tag.encode() + rb"[\s/>]", data)), most)
    parser = DefusedXMLParser(target=ElementTree.TreeBuilder(insert_comments=True), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except defusedxml.DefusedXmlException as error:
        raise ExchangeError(
            f'"{path}" declares a document type or entities, which are not read', hint="the file without <!DOCTYPE …>"
        ) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ExchangeError(
            f'"{path}" is not well-formed XML: {error}', hint="opening it in the tool that wrote it"
        ) from error
    depth = _depth(root)
    if depth > 100:
        raise ExchangeError(f'"{path}" nests {depth} elements; at most 100 are read', hint="a file of annotations")
    return root


def require_few(path: Path, what: str, count: int, most: int) -> None:
    """Refuses a file that holds more than is read."""
    if count > most:
        raise ExchangeError(
            f'"{path}" holds {count:,} {what}; at most {most:,} are read', hint="splitting it into several files"
        )


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= 100:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def xml_bytes(root: Element) -> bytes:
    """The document with its declaration."""
    ElementTree.indent(root, space="    ")
    body = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + body.replace(" />", "/>") + "\n").encode()


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file that appears whole or not at all.

    Raises:
        ExchangeError: the file system refuses.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(data)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ExchangeError(
            f'cannot write "{path}": {error.strerror or error}', hint="another folder, or its permissions"
        ) from error


def safe_stem(media: str) -> str:
    """A file name without suffix for what belongs to a recording; it names no other folder on any system."""
    name = re.sub(r"[^\w .()+-]", "_", PurePosixPath(re.split(r"[?#]", media.replace("\\", "/"))[0]).name)
    stem = (name.rsplit(".", 1)[0] if "." in name.strip(".") else name).strip(" .")
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem)
    return f"_{stem}" if reserved else stem[:100].rstrip(" .") or "recording"


def free_path(folder: Path, stem: str, suffixes: tuple[str, ...]) -> Path:
    """`folder/stem`, with a number where a file of this name and one of the suffixes lies there; without a suffix."""
    for number in count(1):
        base = stem if number == 1 else f"{stem}-{number}"
        if not any((folder / f"{base}{suffix}").exists() for suffix in suffixes):
            return folder / base
    raise AssertionError


def number(value: Any, where: str) -> float:
    """A finite number from a file.

    Raises:
        ExchangeError: it is none.
    """
    try:
        finite = float(value)
        if finite - finite == 0:
            return finite
    except (TypeError, ValueError):
        pass
    raise ExchangeError(f"{where} should be a number; found {str(value)[:60]!r}", hint="seconds such as 1.25")


def json_of(path: Path, text: str) -> Any:
    """The document of one line.

    Raises:
        ExchangeError: it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f'"{path}" holds what is no JSON: {error}', hint="the file as it was exported") from error
