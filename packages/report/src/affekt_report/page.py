"""The whole report: gathers what each module prepares, and fills the template."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from affekt_recordings import DISCLAIMER, Analysis
from affekt_recordings.clock import clock, moved, span
from affekt_recordings.windows import Part
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from affekt_report import face_units, people, pictures, sound, spoken, timeline
from affekt_report.palette import colours

MANY = 24
"""More clues than this are thin bars without numbers, and a table that scrolls."""
UNKEPT = (
    "The recording is long, so the sound and the pictures of its {count} windows were not kept: "
    "this report has no waveform and no faces."
)


def write(analysis: Analysis, path: str | Path) -> None:
    """Writes the report; the file appears whole or not at all."""
    page = render(analysis)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def render(analysis: Analysis) -> str:
    """The report as HTML."""
    return environment().get_template("report.html").render(page=page_data(analysis))


@cache
def environment() -> Environment:
    """Templates that escape everything and refuse unknown names."""
    templates = Environment(
        loader=PackageLoader("affekt_report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = resources.files("affekt_report").joinpath("templates/style.css").read_text(encoding="utf-8")
    templates.globals |= {"style": Markup(style), "clock": clock, "span": span}
    return templates


def page_data(felt: Analysis) -> dict[str, Any]:
    """Everything that the template shows."""
    prediction, clip, duration = felt.prediction, felt.evidence.clip, felt.duration
    ordered = sorted(felt.scores, key=lambda emotion: (emotion != "neutral", -felt.scores[emotion]))
    palette = colours(ordered)
    words = spoken.words(felt)
    notes = list(clip.notes)
    if clip.faces is not None and clip.faces.choice and clip.faces.choice not in notes:
        notes.append(clip.faces.choice)
    single_window = len(felt.parts) == 1
    return {
        "name": Path(felt.source).name,
        "felt": felt,
        "prediction": prediction,
        "duration": duration,
        "length": felt.length,
        "still": clip.is_still,
        "timed": felt.is_timed,
        "languages": felt.languages,
        "colours": palette,
        "ranking": sorted(felt.scores.items(), key=lambda item: -item[1]),
        "ticks": timeline.ticks(duration) if duration > 0 else [],
        "ribbons": timeline.ribbons(prediction.timeline, duration, palette),
        "moments": prediction.timeline if len(prediction.timeline) <= timeline.POINTS else (),
        "clues": list(enumerate(prediction.clues, 1)),
        "clue_lanes": timeline.rows_without_overlap(
            [(clue.start, max(clue.end, clue.start + duration / 40)) for clue in prediction.clues]
        ),
        "many_clues": len(prediction.clues) > MANY,
        "poster": pictures.poster(clip, strongest_time(felt)) if single_window else None,
        "strip": pictures.strip(clip, duration) if single_window else [],
        "strip_shows": "face" if clip.faces is not None and len(clip.faces.times) else "picture",
        "waveform": sound.waveform(clip.audio, duration) if single_window and clip.audio is not None else "",
        "pitch": sound.pitch(felt.evidence, duration),
        "units": face_units.unit_curves(felt.evidence, duration),
        "words": words if all(word.lane >= 0 for word in words) else [],
        "lines": spoken.lines(words),
        "wordless": spoken.wordless(felt),
        "translation": clip.translation,
        "events": clip.events,
        "people": people.rows(felt, palette),
        "speaking": people.speaking_time(felt),
        "missing": missing(felt),
        "notes": notes if single_window else [*notes, UNKEPT.format(count=len(felt.parts))],
        "windows": [] if single_window else windows(felt.parts),
        "provenance": felt.provenance,
        "disclaimer": DISCLAIMER,
    }


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table of windows."""

    start: float
    end: float
    what: str
    language: str
    why: str


def windows(parts: Sequence[Part]) -> list[Row]:
    """What is said of each window; windows in a row with nothing to judge, for the same reason, are one line."""
    rows: list[Row] = []
    for part in parts:
        (start, end), felt = part.seconds, part.prediction
        claim = "no claim" if felt.abstained else f"{felt.label} {felt.scores[felt.label] * 100:.0f} %"
        what = "nothing to judge" if part.is_empty else claim
        why = moved(felt.rationale, start)
        if rows and part.is_empty and (rows[-1].what, rows[-1].why) == (what, why):
            rows[-1] = replace(rows[-1], end=end)
        else:
            rows.append(Row(start=start, end=end, what=what, language=part.evidence.clip.language or "", why=why))
    return rows


def missing(felt: Analysis) -> list[tuple[str, str]]:
    """(what, why): what is absent for the same reason stands together."""
    grouped: dict[str, list[str]] = {}
    for what, why in felt.missing().items():
        grouped.setdefault(why, []).append(what.replace("_", " "))
    return [(", ".join(names), why) for why, names in grouped.items()]


def strongest_time(felt: Analysis) -> float:
    """The middle of the moment where the overall emotion is clearest."""
    moments = felt.prediction.timeline
    best = max(moments, key=lambda moment: moment.scores.get(felt.label, 0.0), default=None)
    return felt.duration / 2 if best is None else (best.start + best.end) / 2
