"""MERR (Cheng et al. 2024): lists with labels, and JSON with clues and reasons, for clips of MER2023.

MERR_coarse_grained.txt  MERR_fine_grained.txt     name, frames, emotion, valence
MERR_coarse_grained.json MERR_fine_grained.json    name → caption or smp_reason_caption, text, AU_list, …
video/                                             the clips
"""

import json
from pathlib import Path
from typing import Any, Literal

from affekt_datasets.decoding import text_of
from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import lines, number, texts
from affekt_datasets.media_folders import index, near
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

FIELDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "caption": (str,),
    "smp_reason_caption": (str,),
    "AU_list": (list,),
    "visual_prior_list": (list,),
    "audio_prior_list": (str, list),
    "peak_index": (str, int),
    "peak_AU_list": (list,),
    "pseu_emotion": (str,),
}
"""Field of the JSON → what it may be."""
REASONS = {"coarse": "caption", "fine": "smp_reason_caption"}
"""Grain → the field that stage one or two of Emotion-LLaMA is trained to say."""


def merr(
    root: Path, report: Report, *, grain: Literal["coarse", "fine"] = "fine", annotations_only: bool = False
) -> list[Sample]:
    """Clips that stand in the list, with every field of their JSON entry in `notes`.

    Args:
        annotations_only: reads no clips, so that who has only the annotations can learn from their texts.
    """
    listed = near(root, f"MERR_{grain}_grained.txt")
    described = near(root, f"MERR_{grain}_grained.json")
    if listed is None and described is None:
        raise DatasetError(f'"{root}" has neither MERR_{grain}_grained.txt nor MERR_{grain}_grained.json')
    entries = _entries(described, grain, report) if described else {}
    media = index([folder for folder in [near(root, "video")] if folder is not None], report)
    text = texts(near(root, "transcription_en_all.csv"), ("sentence",), report)
    words, samples, listed_names = vocabulary("merr"), [], set()
    for where, name, emotion, valence in _listed(listed, entries, report):
        entry = entries.get(name, {})
        if described and not entry:
            report.add("missing", f"{name} in {described.name}", where)
        label = words.read(emotion)
        stated = entry.get("pseu_emotion")
        if label is None:
            report.add("unknown label", f'"{emotion}"', where)
            continue
        if stated is not None and words.read(stated) != label:
            report.add("contradiction", f'{name}: "{emotion}", but pseu_emotion is "{stated}"', where)
        listed_names.add(name)
        samples.append(
            Sample(
                id=name,
                media=None if annotations_only else media.take(name, report, where),
                label=label,
                valence=number(valence, report, where),
                text=entry.get("text") or text.get(name),
                language="en",
                notes={key: value for key, value in entry.items() if key != "text"},
            )
        )
    for name in entries.keys() - listed_names:
        report.add("stray", name, described or root)
    return samples


def _listed(path: Path | None, entries: dict[str, Any], report: Report) -> list[tuple[str, str, str, str]]:
    if path is None:
        return [(f"entry {name}", name, str(entry.get("pseu_emotion", "")), "") for name, entry in entries.items()]
    return [(w, f[0], f[2], f[3] if len(f) > 3 else "") for w, f in lines(path, 3, report)]


def _entries(path: Path, grain: Literal["coarse", "fine"], report: Report) -> dict[str, dict[str, Any]]:
    try:
        data = json.loads(text_of(path, report), object_pairs_hook=lambda pairs: _once(pairs, path, report))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f'"{path}" is no JSON: {error}') from error
    if not isinstance(data, dict):
        raise DatasetError(f'"{path}" should hold an object, name → entry; found {type(data).__name__}')
    return {name: entry for name, entry in data.items() if _sound(name, entry, path, grain, report)}


def _once(pairs: list[tuple[str, Any]], path: Path, report: Report) -> dict[str, Any]:
    """JSON would lose the first of two entries of the same name."""
    entries: dict[str, Any] = {}
    for name, value in pairs:
        if name in entries:
            report.add("duplicate", name, path.name)
        entries[name] = value
    return entries


def _sound(name: str, entry: Any, path: Path, grain: Literal["coarse", "fine"], report: Report) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get(REASONS[grain]), str):
        report.add("bad row", f'{name} has no "{REASONS[grain]}"', path.name)
        return False
    for field, kinds in FIELDS.items():
        if field in entry and not isinstance(entry[field], kinds):
            report.add("bad row", f"{name}: {field} is {type(entry[field]).__name__}", path.name)
            return False
    return True
