"""DFEW (Jiang et al. 2020): clips of films with one of seven emotions, in five official folds.

EmoLabel_DataSplit/train(single-labeled)/set_1.csv … set_5.csv    video_name, label (1 to 7)
EmoLabel_DataSplit/test(single-labeled)/set_1.csv … set_5.csv
Clip/original/1.mp4 …                                             also clip_224x224_avi/, clip_224x224/00001/*.jpg
"""

from collections import defaultdict
from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import rows
from affekt_datasets.media_folders import index, near
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

CLIPS = ("original", "clip_224x224_avi", "clip_224x224", "clip_224x224_16f")
"""Folders of clips in order of preference: sound is in the original clips only."""
FOLDS = range(1, 6)


def dfew(root: Path, report: Report, *, clips: str | None = None) -> list[Sample]:
    """Every clip once, with the fold that tests it.

    Args:
        clips: folder below `Clip` to take; the first there is of `CLIPS` when None.
    """
    split = near(root, "EmoLabel_DataSplit")
    if split is None:
        raise DatasetError(f'"{root}" has no folder EmoLabel_DataSplit', hint="DFEW's folder, part 2")
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    tested: dict[str, list[int]] = defaultdict(list)
    for fold in FOLDS:
        sides = {
            side: _fold(split / f"{side}(single-labeled)" / f"set_{fold}.csv", report) for side in ("train", "test")
        }
        for name in sides["train"].keys() & sides["test"].keys():
            report.add("overlap", name, f"fold {fold}, training and test")
        for side in sides.values():
            for name, (where, code) in side.items():
                labels[name].setdefault(code, where)
        for name in sides["test"]:
            tested[name].append(fold)
    return _samples(root, labels, tested, clips, report)


def _fold(path: Path, report: Report) -> dict[str, tuple[str, str]]:
    if not path.is_file():
        report.add("missing", path.name, path.parent)
        return {}
    labelled: dict[str, tuple[str, str]] = {}
    for where, row in rows(path, ("video_name", "label"), report):
        name = row["video_name"].strip().lstrip("0") or "0"
        if name in labelled:
            report.add("duplicate", name, f"{path.parent.name}/{where}")
        labelled[name] = (f"{path.parent.name}/{where}", row["label"].strip())
    return labelled


def _samples(
    root: Path, labels: dict[str, dict[str, str]], tested: dict[str, list[int]], clips: str | None, report: Report
) -> list[Sample]:
    words, samples = vocabulary("dfew"), []
    media = index(_clips(root, clips), report, pictures=True)
    media.paths = {name.lstrip("0") or "0": path for name, path in media.paths.items()}
    for name in sorted(labels, key=lambda name: (len(name), name)):
        codes = labels[name]
        code, where = next(iter(codes.items()))
        if len(codes) > 1:
            report.add("contradiction", f"{name} is labelled {' and '.join(codes)}", " and ".join(codes.values()))
        if len(tested[name]) != 1:
            report.add("contradiction", name, f"tested in {len(tested[name])} folds, not in one")
        if (label := words.codes.get(code)) is None:
            report.add("unknown label", f'"{code}"', where)
            continue
        clip, fold = media.take(name, report, where), next(iter(tested[name]), None)
        samples.append(Sample(id=name, media=clip, label=label, fold=fold))
    return samples


def _clips(root: Path, chosen: str | None) -> list[Path]:
    parent = near(root, "Clip")
    folders = [parent / name for name in ([chosen] if chosen else CLIPS) if parent and (parent / name).is_dir()]
    if chosen and not folders:
        raise DatasetError(f'"{root}" has no folder Clip/{chosen}', hint=f"one of {', '.join(CLIPS)}")
    return folders[:1]
