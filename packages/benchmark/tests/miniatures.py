"""Every suite's data set in its official layout, a few tones large."""

import csv
import io
import wave
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

LOUDNESS = {"neutral": 0.012, "sad": 0.045, "happy": 0.14, "angry": 0.45}
"""Emotion → amplitude at which `level_rule` hears it."""
CYCLE = tuple(LOUDNESS)


def tone(level: float, number: int = 0, seconds: float = 0.3) -> bytes:
    """A WAV file; another number is another pitch, so that no two files are the same."""
    file, time = io.BytesIO(), np.arange(int(16_000 * seconds))
    with wave.open(file, "wb") as written:
        written.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
        written.writeframes((level * 32_000 * np.sin(time * (0.05 + 0.001 * number))).astype("<i2").tobytes())
    return file.getvalue()


def put(path: Path, content: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def table(path: Path, heading: str, rows: Iterable[Iterable[object]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([heading.split(","), *rows])
    put(path, file.getvalue())


def tones(folder: Path, names: Mapping[str, str], suffix: str = ".wav") -> None:
    """Clip's name → its emotion, one of `LOUDNESS`."""
    for number, (name, emotion) in enumerate(names.items()):
        put(folder / f"{name}{suffix}", tone(LOUDNESS[emotion], number))


def named(prefix: str, count: int = 4) -> dict[str, str]:
    return {f"{prefix}{number:08d}": CYCLE[number % len(CYCLE)] for number in range(1, count + 1)}


def ravdess(root: Path) -> None:
    codes = {"neutral": "01", "happy": "03", "sad": "04", "angry": "05"}
    for actor in (1, 2):
        names = {f"03-01-{codes[emotion]}-01-01-01-{actor:02d}": emotion for emotion in CYCLE}
        tones(root / f"Actor_{actor:02d}", names)


def emodb(root: Path) -> None:
    codes = {"neutral": "N", "happy": "F", "sad": "T", "angry": "W"}
    tones(root / "wav", {f"{speaker}a01{codes[emotion]}a": emotion for speaker in ("03", "08") for emotion in CYCLE})


def fer2013(root: Path) -> None:
    names = np.array(["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])
    images = np.zeros((4, 48, 48), dtype=np.uint8)
    for split in ("train", "public_test"):
        put(root / f"{split}.npz", _npz(images=images, labels=np.array([0, 3, 4, 5], np.uint8), names=names))


def mer2023(root: Path) -> None:
    for number, split in enumerate(("train", "test1", "test2", "test3"), 1):
        names = named(f"sample_{number}")
        tones(root / split, names, ".avi")
        rows = [(name, emotion, 0.5) for name, emotion in names.items()]
        if split == "test3":
            table(root / f"{split}-label.csv", "name,discrete", [row[:2] for row in rows])
            put(root / split / "sample_unlabelled.avi", tone(0.1))
        else:
            table(root / f"{split}-label.csv", "name,discrete,valence", rows)
    table(root / "transcription_en_all.csv", "name,sentence", [("sample_100000001", "Oh dear")])


def mer2024(root: Path) -> None:
    labelled, semi, noise = named("sample_"), named("samplenew_1"), named("samplenew_2")
    tones(root / "video-labeled", labelled, ".mp4")
    tones(root / "video-unlabeled-with-test2noise", {**semi, **noise}, ".mp4")
    table(root / "label-disdim.csv", "name,discrete,valence", [(*one, 1.5) for one in labelled.items()])
    table(root / "reference-semi.csv", "name,discrete", semi.items())
    table(root / "reference-noise.csv", "name,discrete", noise.items())
    table(
        root / "check-openset.csv", "name,openset", [(name, f"['{word}', 'tense']") for name, word in labelled.items()]
    )
    table(root / "label-transcription.csv", "name,chinese,english", [("sample_00000001", "哎呀", "Oh dear")])


def dfew(root: Path, clips_a_fold: int = 2) -> None:
    codes = {"happy": 1, "sad": 2, "neutral": 3, "angry": 4}
    names = {str(number): CYCLE[number % 4] for number in range(1, 5 * clips_a_fold + 1)}
    tones(root / "Clip/original", names, ".mp4")
    for fold in range(1, 6):
        tested = [name for name in names if int(name) % 5 + 1 == fold]
        for side, held in (("train", [name for name in names if name not in tested]), ("test", tested)):
            rows = [(name, codes[names[name]]) for name in held]
            table(root / f"EmoLabel_DataSplit/{side}(single-labeled)/set_{fold}.csv", "video_name,label", rows)


def iemocap(root: Path) -> None:
    codes = {"neutral": "neu", "happy": "exc", "sad": "sad", "angry": "ang"}
    for session in range(1, 6):
        dialogue, lines = f"Ses0{session}F_impro01", ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
        names = {f"{dialogue}_{'FM'[number % 2]}{number:03d}": emotion for number, emotion in enumerate(CYCLE)}
        lines += [f"[6.0 - 8.0]\t{name}\t{codes[emotion]}\t[2.5, 2.5, 2.5]" for name, emotion in names.items()]
        lines.append(f"[9.0 - 10.0]\t{dialogue}_F099\tfru\t[2.5, 2.5, 2.5]")
        folder = root / f"Session{session}"
        tones(folder / f"sentences/wav/{dialogue}", {**names, f"{dialogue}_F099": "angry"})
        put(folder / f"dialog/EmoEvaluation/{dialogue}.txt", "\n".join(lines) + "\n")
        put(folder / f"dialog/transcriptions/{dialogue}.txt", f"{dialogue}_F000 [006.0-008.0]: Excuse me.\n")


def emer(root: Path) -> None:
    names = named("sample_")
    tones(root / "video", names, ".mp4")
    reasons = [
        (name, "他说话", f"In the video, the voice is loud, so he feels {word}.") for name, word in names.items()
    ]
    table(root / "final-EMER-reason.csv", "name,chinese,english", reasons)
    opened = [(name, f"['{word}', 'tense']") for name, word in names.items()]
    table(root / "final-openset-english.csv", "name,openset", opened)


def mer_unibench(root: Path) -> None:
    order = {"happy": 0, "sad": 1, "neutral": 2, "angry": 3}
    mer = {"neutral": 0, "angry": 1, "happy": 2, "sad": 3}
    friends = {"angry": 0, "happy": 1, "sad": 2, "neutral": 3}
    sessions = {f"Ses0{session}F_impro01_{'FM'[number % 2]}{number:03d}": emotion
                for session in (1, 5) for number, emotion in enumerate(CYCLE)}  # fmt: skip
    _packed(root / "iemocap-process", "label_4way.npz", "subvideo-tgt", sessions, ("whole",), {}, order)
    _packed(root / "meld-process", "label.npz", "subvideo", _numbered("dia0_utt"), ("train", "val"), {"test"}, friends)
    for folder, video in (
        ("cmumosi-process", "subvideo"), ("cmumosei-process", "subvideo_new"), ("sims-process", "video"),
        ("simsv2-process", "video_new"),
    ):  # fmt: skip
        _packed(root / folder, "label.npz", video, _numbered("a_"), ("train", "val"), {"test"}, None)
    packed = (("mer2023-dataset-process", ("train", "test2", "test3")), ("mer2024-dataset-process", ("train",)))
    for folder, empty in packed:
        _packed(root / folder, "label-6way.npz", "video", _numbered("sample_"), empty, {"test1"}, mer)
    plus = _numbered("sample_")
    tones(root / "ovmerdplus-process/video", plus, ".mp4")
    opened = [(name, f"['{word}', 'tense']") for name, word in plus.items()]
    table(root / "ovmerdplus-process/ovlabel.csv", "name,openset", opened)
    table(root / "ovmerdplus-process/subtitle_eng.csv", "name,sentence", [("sample_1", "We won!")])


def _numbered(prefix: str) -> dict[str, str]:
    return {f"{prefix}{number}": emotion for number, emotion in enumerate(CYCLE)}


def _packed(
    root: Path, file: str, video: str, names: Mapping[str, str], others: Iterable[str], full: Iterable[str],
    order: Mapping[str, int] | None,
) -> None:  # fmt: skip
    """As MER-UniBench saves labels: arrays of dictionaries, of which the others are empty but for IEMOCAP's one."""
    valence = {"neutral": 0.0, "sad": -1.0, "happy": 2.0, "angry": -2.0}
    labels = {name: {"val": valence[emotion]} if order is None else {"emo": order[emotion], "val": -10}
              for name, emotion in names.items()}  # fmt: skip
    held: dict[str, Any] = {name: {} for name in others} | dict.fromkeys(full, labels)
    if not list(full):
        held = dict.fromkeys(others, labels)
    put(root / file, _npz(**{f"{name}_corpus": np.array(told, dtype=object) for name, told in held.items()}))
    tones(root / video, names, ".mp4")
    table(root / "transcription-engchi-polish.csv", "name,chinese,english", [(next(iter(names)), "你好", "Hello")])


def _npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


WRITERS: Mapping[str, Callable[[Path], None]] = {
    "ravdess": ravdess, "emodb": emodb, "fer2013": fer2013, "mer2023": mer2023, "mer2024": mer2024, "dfew": dfew,
    "iemocap": iemocap, "emer": emer, "mer-unibench": mer_unibench,
}  # fmt: skip
"""Data set → what writes its miniature."""
CLIPS: Mapping[str, int] = {
    "ravdess": 8, "emodb": 8, "fer2013": 4, "mer2023": 4, "mer2023-multi": 4, "mer2023-noise": 4, "mer2024-semi": 4,
    "mer2024-noise": 4, "mer2024-ov": 4, "dfew": 10, "iemocap": 20, "emer": 4,
}  # fmt: skip
"""Suite → clips of its test set in the miniature."""
