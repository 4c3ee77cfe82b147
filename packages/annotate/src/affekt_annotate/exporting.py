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
    kept = [annotation for annotation in annotations if annotation.kept]
    items = [annotation for annotation in kept if why_no_item(annotation) == ""]
    write_whole(out / "annotations.jsonl", _lines(annotation.model_dump(mode="json") for annotation in annotations))
    write_whole(
        out / "MERR_coarse_grained.json", to_json({annotation.name: coarse_item(annotation) for annotation in items})
    )
    write_whole(
        out / "MERR_fine_grained.json", to_json({annotation.name: fine_item(annotation) for annotation in items})
    )
    listed = "".join(f"{annotation.name} {annotation.frames} {annotation.emotion}\n" for annotation in items)
    for grain in ("coarse", "fine"):
        write_whole(out / f"MERR_{grain}_grained.txt", listed)
    write_whole(
        out / "transcription_en_all.csv",
        _table(("name", "sentence"), ((annotation.name, english(annotation)) for annotation in items)),
    )
    rows = ((annotation.name, annotation.source, annotation.licence, annotation.consent) for annotation in kept)
    write_whole(out / "media.csv", _table(("name", "source", "licence", "consent"), rows))
    write_whole(out / "dropped.jsonl", _lines(_left_out(annotations, errors)))
    media = _media(items, samples, out)
    table = Dataset(
        name="annotations",
        root=Path(),
        vocabulary=vocabularies()["merr"],
        samples=tuple(_sample(annotation, media.get(annotation.name)) for annotation in items),
    )
    if items:
        write_parquet(table, out / "annotations.parquet")
    else:
        (out / "annotations.parquet").unlink(missing_ok=True)
    return len(items)


def why_no_item(annotation: Annotation) -> str:
    """Why an annotation cannot be an item of MERR's files; "" where it can."""
    return NO_PICTURE if annotation.frames is None or peak(annotation) is None else ""


def peak(annotation: Annotation) -> int | None:
    """The exported peak frame: of the rule that is configured first, else of any that found one."""
    return next((rule_peak.frame for rule_peak in reversed(annotation.face.peaks) if rule_peak.frame is not None), None)


def coarse_item(annotation: Annotation) -> dict[str, Any]:
    """The entry of the coarse file."""
    return {field: _fields(annotation)[field] for field in COARSE}


def fine_item(annotation: Annotation) -> dict[str, Any]:
    """The entry of the fine file; its text was written without the label."""
    return {field: _fields(annotation)[field] for field in FINE}


def english(annotation: Annotation) -> str:
    """What is said, in English where it was translated."""
    return annotation.words.translation or annotation.words.text


def _fields(annotation: Annotation) -> dict[str, Any]:
    at = next((rule_peak for rule_peak in annotation.face.peaks if rule_peak.frame == peak(annotation)), None)
    units = sorted(at.units) if at is not None else []
    return {
        "AU_list": list(annotation.face.units),
        "audio_prior_list": annotation.tone.text,
        "caption": annotation.coarse,
        "peak_AU_list": units,
        "peak_index": str(peak(annotation)),
        "pseu_emotion": annotation.emotion,
        "smp_reason_caption": annotation.blind.text,
        "text": english(annotation),
        "visual_prior_list": [PHRASES[unit] for unit in units if unit in PHRASES],
    }


def _sample(annotation: Annotation, media: Path | None) -> Sample:
    notes = fine_item(annotation) | {
        "caption": annotation.coarse,
        "label_aware": annotation.aware.text,
        "licence": annotation.licence,
        "consent": annotation.consent,
        "evidence": annotation.model_dump(mode="json", include={"findings", "blind", "face", "recognised"}),
    }
    return Sample(
        id=annotation.name,
        media=media,
        label=annotation.emotion,
        text=annotation.words.text or None,
        language=annotation.words.language,
        speaker=annotation.speaker,
        notes=notes,
    )


def _left_out(annotations: Sequence[Annotation], errors: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for name, error in sorted(errors.items()):
        yield {"name": name, "filter": "error", "reason": error, "drops": True}
    for annotation in annotations:
        for item in annotation.filters:
            yield {"name": annotation.name, **item.model_dump(mode="json")}
        if annotation.kept and (reason := why_no_item(annotation)):
            yield {"name": annotation.name, "filter": "no_item", "reason": reason, "drops": True}


def _media(items: Sequence[Annotation], samples: Mapping[str, Sample], out: Path) -> dict[str, Path]:
    """Name → path below the folder; links that nobody wants any more are removed."""
    folder, linked = out / "video", {}
    folder.mkdir(parents=True, exist_ok=True)
    for annotation in items:
        source = samples[annotation.name].media
        if source is None:
            continue
        target = folder / f"{annotation.name}{source.suffix}"
        linked[annotation.name] = target.relative_to(out)
        if target.is_symlink() or target.exists():
            if target.resolve() == source.resolve():
                continue
            target.unlink()
        _link(source.resolve(), target)
    wanted = {(out / path) for path in linked.values()}
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and path not in wanted:
            path.unlink()
    return linked


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
