"""Clips that went wrong, to be heard and seen: the most confident errors first, with what each system made of them."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile  # type: ignore[import-untyped]
from affekt import AffektError, Clip
from affekt_datasets import Sample
from PIL import Image

from affekt_benchmark.results import Result

SECONDS = 20.0
"""Seconds of sound that is kept of a clip."""


@dataclass(frozen=True, kw_only=True)
class ErrorCase:
    """One clip, and what every system answered."""

    id: str
    true: str
    group: str
    text: str
    sound: str
    """A data URL; nothing when there is none."""
    picture: str
    why_silent: str
    """Why there is neither."""
    answers: Sequence[Mapping[str, Any]]
    """The rows of `Result.clips`, one a system."""


def error_cases(results: Sequence[Result], most: int) -> list[ErrorCase]:
    """The clips that a system got wrong, with sound and picture, in the order of `wrong_rows`."""
    return [_case(some) for some in wrong_rows(results)[:most]]


def wrong_rows(results: Sequence[Result]) -> list[list[Mapping[str, Any]]]:
    """The rows of each clip that a system got wrong, one a system: most confident first.

    Of several systems those clips come first where they differ.
    """
    tables = [{row["id"]: row for row in result.clips} for result in results]
    shared = [name for name in tables[0] if all(name in table for table in tables)]
    rows = [[table[name] for table in tables] for name in shared]
    wrong = [some for some in rows if any(row["answer"] != row["true_label"] for row in some if row["answer"])]

    def order(some: Sequence[Mapping[str, Any]]) -> tuple[bool, float]:
        same = len({row["answer"] for row in some}) == 1 and len(some) > 1
        return same, -max((row["confidence"] or 0) for row in some if row["answer"] != row["true_label"])

    return sorted(wrong, key=order)


def _case(rows: Sequence[Mapping[str, Any]]) -> ErrorCase:
    first = rows[0]
    clip, why = _clip(first)
    return ErrorCase(
        id=first["id"], true=first["true_label"] or ", ".join(first["true_labels"]), group=first["group"],
        text=next((row["text"] for row in rows if row["text"]), ""), sound=_sound(clip), picture=_picture(clip),
        why_silent=why, answers=rows,
    )  # fmt: skip


def _clip(row: Mapping[str, Any]) -> tuple[Clip | None, str]:
    if not row["media"]:
        return None, "there is no recording"
    path = Path(row["media"])
    if not path.exists():
        return None, f"{path.name} is no longer there"
    try:
        return Sample(id=row["id"], media=path, row=row["row"]).clip(), ""
    except AffektError as error:
        return None, error.message


def _sound(clip: Clip | None) -> str:
    if clip is None or clip.audio is None:
        return ""
    kept, file = clip.audio.samples[: int(SECONDS * clip.audio.sample_rate)], io.BytesIO()
    soundfile.write(file, kept, clip.audio.sample_rate, format="FLAC", subtype="PCM_16")
    return "data:audio/flac;base64," + base64.b64encode(file.getvalue()).decode()


def _picture(clip: Clip | None) -> str:
    if clip is None or clip.video is None or not len(clip.video.frames):
        return ""
    frame, file = clip.video.frames[len(clip.video.frames) // 2], io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(frame))
    image.thumbnail((240, 240))
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
