"""The encoding of a text file, which no text file states.

UTF-8 and the byte order marks of UTF-16 are certain: text in other encodings practically never fits them. Where neither
fits, chardet chooses among the code pages that spreadsheets write, and the report names the choice with words that
depend on it.
"""

import codecs
import re
from pathlib import Path

import chardet

from affekt_datasets.errors import DatasetError
from affekt_datasets.problems import Report

CODE_PAGES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac-roman", "gb18030", "big5hkscs", "cp932", "cp949"
)  # fmt: skip
"""The code pages of Western, Central and Eastern Europe, Greece, Turkey, old Macs, China, Taiwan, Japan and Korea."""
_LATIN = {"cp1252", "cp1250", "cp1254", "mac-roman"}
_AS_LIKELY = 0.6
"""A short table of labels holds too little to tell Latin code pages apart. The Western one is by far the most usual,
except where lines end as on old Macs."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .xls begin."""
_SHOWN = 3


def text_of(path: Path, report: Report, encoding: str | None = None) -> str:
    """The text of a file; notes the encoding in the report where it had to be guessed.

    Raises:
        DatasetError: the file is no text, or not in the encoding that was asked for.
    """
    data = path.read_bytes()
    if data.startswith(_WORKBOOKS):
        raise DatasetError(f'"{path}" is an Excel workbook', hint='saving it as "CSV UTF-8"')
    if encoding is not None:
        return _decoded(data, encoding, path)
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _decoded(data, marked, path)
    if b"\0" in data[:2]:  # UTF-16 without its mark: a table begins with a letter of its heading
        return _decoded(data, "utf-16-be" if data[:1] == b"\0" else "utf-16-le", path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        guess = _guess(data, path)
        text = _decoded(data, guess, path)
        report.add("assumed", f"the encoding {guess}, as in {_examples(text)}", path.name)
    return text


def _guess(data: bytes, path: Path) -> str:
    guesses = chardet.detect_all(data, include_encodings=CODE_PAGES, compat_names=False, ignore_threshold=True)
    confidence = {str(entry["encoding"]): entry["confidence"] for entry in guesses}
    likely = [name for name in confidence if name in CODE_PAGES and _fits(data, name)]
    if not likely:
        raise DatasetError(f'"{path}" is text in neither UTF-8 nor a usual code page', hint="saving it again as UTF-8")
    best = max(likely, key=lambda name: confidence[name])
    usual = "mac-roman" if b"\r" in data and b"\n" not in data else "cp1252"
    if best in _LATIN and usual in likely and confidence[usual] >= _AS_LIKELY * confidence[best]:
        return usual
    return best


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise DatasetError(f'"{path}" is not text in {encoding}: {error}', hint="saving it again as UTF-8") from error


def _examples(text: str) -> str:
    words = dict.fromkeys(word for word in re.findall(r"[^\s,;|\"]+", text) if not word.isascii())
    return ", ".join(f'"{word}"' for word in list(words)[:_SHOWN])
