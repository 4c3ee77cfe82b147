"""How often the mark and the manifest are found after what happens to sound files, and how often without cause."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from affekt import AudioSignal, SpeechRequest, SpeechResult

from affekt_voices.errors import SpeechFileError, WatermarkError
from affekt_voices.manifest import read_manifest
from affekt_voices.speech_file import FORMATS, write_speech
from affekt_voices.treatments import SUFFIXES, TREATMENTS, read, treated
from affekt_voices.watermark import detect, mark


@dataclass(frozen=True, kw_only=True)
class DetectionCounts:
    """In how many of the clips mark and manifest were detected."""

    clips: int
    marked: int
    """The mark is certain in speech that was marked, as `affekt voices verify` sees it."""
    signed: int
    """The manifest is there and valid."""
    alarms: int | None
    """The mark seems certain in speech that was not marked; None where only marked speech comes that way."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was found, by what happened to the file."""

    found: dict[str, DetectionCounts]
    refused: int
    """Clips that could not carry the mark: nothing is written then, so there is nothing to find."""


def measured(sounds: Iterable[AudioSignal], on_progress: Callable[[], None] = lambda: None) -> Measured:
    """Writes each as synthetic speech, treats the file, and looks for mark and manifest; the same without the mark.

    Args:
        on_progress: called after each clip.

    Raises:
        ManifestError, SpeechFileError: a clip cannot be written; see `write_speech`.
    """
    names = [*(f"as written, {suffix}" for suffix in FORMATS), *TREATMENTS]
    rows: dict[str, list[tuple[bool, bool, bool | None]]] = {name: [] for name in names}
    refused = 0
    for sound in sounds:
        try:
            with TemporaryDirectory() as folder:
                treated = list(_of_clip(sound, Path(folder)))
        except WatermarkError:
            refused += 1
        else:
            for name, row in zip(names, treated, strict=True):
                rows[name].append(row)
        on_progress()
    return Measured(found={name: _counted(row) for name, row in rows.items() if row}, refused=refused)


def _of_clip(sound: AudioSignal, folder: Path) -> Iterable[tuple[bool, bool, bool | None]]:
    marked = mark(sound)
    result = SpeechResult(audio=marked, request=SpeechRequest(text="A recording."), provenance={"synthetic": True})
    for suffix in FORMATS:
        path = folder / f"written{suffix}"
        heard = write_speech(result, path)  # what it hears, it hears in the file
        yield heard.certain, _signed(path), None
    for name in TREATMENTS:
        path = treated(marked, name, folder)
        yield detect(read(path)).certain, _signed(path), detect(read(treated(sound, name, folder))).certain


def _signed(path: Path) -> bool:
    manifest = read_manifest(path)
    return manifest is not None and manifest.valid


def _counted(rows: Sequence[tuple[bool, bool, bool | None]]) -> DetectionCounts:
    alarms = [alarm for _, _, alarm in rows if alarm is not None]
    return DetectionCounts(
        clips=len(rows),
        marked=sum(row[0] for row in rows),
        signed=sum(row[1] for row in rows),
        alarms=sum(alarms) if alarms else None,
    )


def recordings(paths: Sequence[Path], most: int) -> list[Path]:
    """The files, and those in folders, spread evenly where there are more than `most`.

    Raises:
        SpeechFileError: there is none.
    """
    files = [
        file
        for path in paths
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if not path.is_dir() or file.suffix.lower() in SUFFIXES
    ]
    if not files:
        raise SpeechFileError(f'no recording in "{paths[0]}"', hint=f"a folder with {', '.join(SUFFIXES)}")
    count = min(most, len(files))
    return [files[index * len(files) // count] for index in range(count)]


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    share, weight = hits / total, 1 + z**2 / total
    middle = (share + z**2 / (2 * total)) / weight
    spread = z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / weight
    return max(0.0, middle - spread), min(1.0, middle + spread)
