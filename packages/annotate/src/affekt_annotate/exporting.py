"""Everything that a run writes, in one folder that `affekt datasets check merr` and `affekt train` read as MERR.

MERR_coarse_grained.json  .txt     exactly the fields of MERR's files, and the lists that upstream's loader reads
MERR_fine_grained.json    .txt
transcription_en_all.csv           name, sentence
video/                             links to the media, or copies where the disk has no links
annotations.jsonl                  every clip with all its evidence, kept or not
annotations.parquet                the kept items, for Hugging Face datasets
dropped.jsonl                      what was left out, or marked, and why
media.csv                          licence and consent of each item's media
"""

import csv
import io
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from affekt_clues.facs import PHRASES
from affekt_datasets import Dataset, Sample
from affekt_datasets.tables import write_parquet
from affekt_datasets.vocabulary import vocabularies

from affekt_annotate.annotation import Annotation
from affekt_annotate.cache import to_json, write_whole

COARSE = (
    "AU_list",
    "audio_prior_list",
    "caption",
    "peak_AU_list",
    "peak_index",
    "pseu_emotion",
    "text",
    "visual_prior_list",
)
FINE = (
    "AU_list",
    "audio_prior_list",
    "peak_AU_list",
    "peak_index",
    "pseu_emotion",
    "smp_reason_caption",
    "text",
    "visual_prior_list",
)
"""The fields of MERR's two files. In the released fine file `audio_prior_list` is one string."""
NO_PICTURE = "the recording has no picture, and MERR's items have a peak frame"


def export(
    annotations: Sequence[Annotation], samples: Mapping[str, Sample], errors: Mapping[str, str], out: Path
) -> int:
    """Writes all files and returns how many items MERR's files hold; each file appears whole or not at all.

    Args:
        samples: name → where its media are.
        errors: name → why a clip has no annotation.
    """
    kept = [one for one in annotations if one.kept]
    items = [one for one in kept if why_no_item(one) == ""]
    write_whole(out / "annotations.jsonl", _lines(one.model_dump(mode="json") for one in annotations))
    write_whole(out / "MERR_coarse_grained.json", to_json({one.name: coarse_item(one) for one in items}))
    write_whole(out / "MERR_fine_grained.json", to_json({one.name: fine_item(one) for one in items}))
    listed = "".join(f"{one.name} {one.frames} {one.emotion}\n" for one in items)
    for grain in ("coarse", "fine"):
        write_whole(out / f"MERR_{grain}_grained.txt", listed)
    write_whole(
        out / "transcription_en_all.csv", _table(("name", "sentence"), ((one.name, english(one)) for one in items))
    )
    rows = ((one.name, one.source, one.licence, one.consent) for one in kept)
    write_whole(out / "media.csv", _table(("name", "source", "licence", "consent"), rows))
    write_whole(out / "dropped.jsonl", _lines(_left_out(annotations, errors)))
    media = _media(items, samples, out)
    table = Dataset(
        name="annotations",
        root=Path(),
        vocabulary=vocabularies()["merr"],
        samples=tuple(_sample(one, media.get(one.name)) for one in items),
    )
    if items:
        write_parquet(table, out / "annotations.parquet")
    else:
        (out / "annotations.parquet").unlink(missing_ok=True)
    return len(items)


def why_no_item(one: Annotation) -> str:
    """Why an annotation cannot be an item of MERR's files; "" where it can."""
    return NO_PICTURE if one.frames is None or peak(one) is None else ""


def peak(one: Annotation) -> int | None:
    """The exported peak frame: of the rule that is configured first, else of any that found one."""
    return next((found.frame for found in reversed(one.face.peaks) if found.frame is not None), None)


def coarse_item(one: Annotation) -> dict[str, Any]:
    """The entry of the coarse file."""
    return {field: _fields(one)[field] for field in COARSE}


def fine_item(one: Annotation) -> dict[str, Any]:
    """The entry of the fine file; its text was written without the label."""
    return {field: _fields(one)[field] for field in FINE}


def english(one: Annotation) -> str:
    """What is said, in English where it was translated."""
    return one.words.translation or one.words.text


def _fields(one: Annotation) -> dict[str, Any]:
    at = next((found for found in one.face.peaks if found.frame == peak(one)), None)
    units = sorted(at.units) if at is not None else []
    return {
        "AU_list": list(one.face.units),
        "audio_prior_list": one.tone.text,
        "caption": one.coarse,
        "peak_AU_list": units,
        "peak_index": str(peak(one)),
        "pseu_emotion": one.emotion,
        "smp_reason_caption": one.blind.text,
        "text": english(one),
        "visual_prior_list": [PHRASES[unit] for unit in units if unit in PHRASES],
    }


def _sample(one: Annotation, media: Path | None) -> Sample:
    notes = fine_item(one) | {
        "caption": one.coarse,
        "label_aware": one.aware.text,
        "licence": one.licence,
        "consent": one.consent,
        "evidence": one.model_dump(mode="json", include={"findings", "blind", "face", "recognised"}),
    }
    return Sample(
        id=one.name,
        media=media,
        label=one.emotion,
        text=one.words.text or None,
        language=one.words.language,
        speaker=one.speaker,
        notes=notes,
    )


def _left_out(annotations: Sequence[Annotation], errors: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for name, error in sorted(errors.items()):
        yield {"name": name, "filter": "error", "reason": error, "drops": True}
    for one in annotations:
        for item in one.filters:
            yield {"name": one.name, **item.model_dump(mode="json")}
        if one.kept and (reason := why_no_item(one)):
            yield {"name": one.name, "filter": "no_item", "reason": reason, "drops": True}


def _media(items: Sequence[Annotation], samples: Mapping[str, Sample], out: Path) -> dict[str, Path]:
    """Name → path below the folder; links that nobody wants any more are removed."""
    folder, found = out / "video", {}
    folder.mkdir(parents=True, exist_ok=True)
    for one in items:
        source = samples[one.name].media
        if source is None:
            continue
        target = folder / f"{one.name}{source.suffix}"
        found[one.name] = target.relative_to(out)
        if target.is_symlink() or target.exists():
            if target.resolve() == source.resolve():
                continue
            target.unlink()
        _link(source.resolve(), target)
    wanted = {(out / path) for path in found.values()}
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and path not in wanted:
            path.unlink()
    return found


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # Windows without the right to make links
        try:
            os.link(source, target)
        except OSError:
            shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(to_json(row, indent=None) for row in rows)


def _table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return stream.getvalue()
