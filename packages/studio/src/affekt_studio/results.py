"""What is kept of an analysis: its JSON, the shapes that the page draws, a report, and what an answer aloud needs.

None of them holds a path.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from affekt_recordings import Analysis
from affekt_recordings.stored import from_file, to_bytes

RESULT, VIEW, REPORT, WINDOWS = "result.json", "view.json", "report.html", "windows.npz"
FACES = 8
"""No more faces without a voice than this are shown."""
SPOKEN = "speech"
"""The stem of what was spoken."""


def write_analysis(felt: Analysis, name: str, folder: Path) -> dict[str, Any]:
    """Writes the four files, and returns what a list of analyses shows of the answer.

    Args:
        name: of the recording, as the session gave it; it stands where the path stood.
    """
    import affekt_report  # here, because the server draws nothing and need not wait for it

    named = replace(felt, source=name)
    folder.mkdir(parents=True, exist_ok=True)
    answer = named.to_dict()
    answer["provenance"] = without_paths(answer["provenance"])
    named = replace(named, provenance=answer["provenance"])
    (folder / RESULT).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    (folder / VIEW).write_text(json.dumps(view_of(named), ensure_ascii=False), encoding="utf-8")
    affekt_report.write(named, folder / REPORT)
    write_windows(named, folder / WINDOWS)
    label = answer["label"]
    return {
        "label": label, "score": None if label is None else answer["scores"][label], "duration": answer["duration"],
        "abstained": answer["abstained"],
    }  # fmt: skip


def write_windows(felt: Analysis, path: Path) -> None:
    """Keeps the windows of an analysis, without their sound and pictures."""
    path.write_bytes(to_bytes(felt.parts))


def read_windows(path: Path, source: str) -> Analysis:
    """The analysis whose windows were kept: who answers it need not analyse again."""
    with path.open("rb") as file:
        return Analysis(source=source, parts=tuple(from_file(file)))


def view_of(felt: Analysis) -> dict[str, Any]:
    """What the page draws, as affekt-report prepares it: paths in a box of 1000 by 100, times in seconds."""
    from affekt_report.page import page_data

    page = page_data(felt)
    prediction, clip = felt.prediction, felt.evidence.clip
    return {
        "name": felt.source,
        "duration": felt.duration,
        "label": None if prediction.abstained else prediction.label,
        "abstained": prediction.abstained,
        "rationale": prediction.rationale,
        "generated": prediction.generated,
        "struck": list(prediction.struck),
        "valence": prediction.valence,
        "arousal": prediction.arousal,
        "ranking": page["ranking"],
        "colours": page["colours"],
        "ticks": [asdict(tick) for tick in page["ticks"]],
        "ribbons": [asdict(ribbon) for ribbon in page["ribbons"]],
        "waveform": page["waveform"],
        "pitch": page["pitch"] and asdict(page["pitch"]),
        "units": [asdict(unit) for unit in page["units"]],
        "clues": [asdict(clue) for clue in prediction.clues],
        "words": [{"text": word.text, "start": word.start, "end": word.end} for line in page["lines"] for word in line],
        "wordless": [{"start": start, "text": text} for start, text in page["wordless"]],
        "people": list(_people(felt, page["people"])),
        "translation": clip.translation and {"language": clip.translation.language, "text": clip.translation.text},
        "events": [asdict(event) for event in page["events"]],
        "missing": page["missing"],
        "notes": page["notes"],
        "windows": [{"start": part.seconds[0], "end": part.seconds[1], "label": part.claim} for part in felt.parts],
        "provenance": felt.provenance,
        "disclaimer": page["disclaimer"],
    }


def _people(felt: Analysis, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Who speaks: turns in the colour of what is felt meanwhile, when the face is in view, and what is said.

    Behind them come a few faces that no voice was given.
    """
    both = list(zip(felt.people, rows, strict=True))
    faces = [pair for pair in both if not pair[0].turns][:FACES]
    for person, row in [*(pair for pair in both if pair[0].turns), *faces]:
        yield {
            "name": person.name, "speaking": row.speaking, "share": row.share, "on_screen": row.on_screen,
            "turns": [asdict(bar) for bar in row.bars], "seen": [asdict(bar) for bar in row.seen],
            "felt": {source: judgement.to_dict() for source, judgement in person.felt.items()}, "text": person.text,
        }  # fmt: skip


def without_paths(value: Any) -> Any:
    """Plain data whose texts that are absolute paths are cut to the last name."""
    if isinstance(value, Mapping):
        return {key: without_paths(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_paths(item) for item in value]
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute():
                return kind(value).name
    return value


def display_name(name: str | None) -> str:
    """The name of an upload as it is shown and never opened: one line, no folders."""
    last = PureWindowsPath(name or "").name or "recording"
    return "".join(char for char in last if char.isprintable())[:120] or "recording"
