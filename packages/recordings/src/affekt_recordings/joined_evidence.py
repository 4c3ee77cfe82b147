"""What is known of a whole recording that was cut into windows, and what is missing in which of them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar, get_args

import numpy as np
from affekt import Appearance, Clip, Evidence, Features, Modality, SoundEvent, Translation, Word

from affekt_recordings.clock import clock
from affekt_recordings.windows import UNKEPT, Part

MOST_REASONS = 2
"""Reasons why one thing is missing that are told; a long recording may have hundreds."""

_ITS_TIME = re.compile(r" from \d+(?:\.\d+)? s to \d+(?:\.\d+)? s\b")
"""The window's own time in a reason; it is told once, for all windows of this reason."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

MODALITIES: tuple[Modality, ...] = get_args(Modality)

Timed = TypeVar("Timed", Word, SoundEvent, Appearance)


def join_evidence(source: str, parts: Sequence[Part]) -> Evidence:
    """The evidence of all windows on the recording's clock: words, sound events, notes and measurements."""
    clips = [part.evidence.clip for part in parts]
    slots = dict.fromkeys(slot for part in parts for slot in part.evidence.features)
    features = {slot: joined for slot in slots if (joined := _join_features(slot, parts)) is not None}
    absent = {slot: why for slot, why in where_missing(parts).items() if slot not in features}
    unkept = {slot: UNKEPT for part in parts for slot in part.unkept}
    return Evidence(
        clip=Clip(
            id=source,
            text=joined_text(clips),
            words=_moved(clips, lambda clip: clip.words),
            language=only(languages(parts)),
            translation=_join_translations(clips),
            events=_moved(clips, lambda clip: clip.events),
            appearances=_moved(clips, lambda clip: clip.appearances),
            length=parts[-1].seconds[1],
            missing={kind: absent[kind] for kind in MODALITIES if kind in absent},
            notes=tuple(dict.fromkeys(note for clip in clips for note in clip.notes)),
        ),
        features=features,
        missing={slot: why for slot, why in absent.items() if slot not in MODALITIES} | unkept,
    )


def languages(parts: Iterable[Part]) -> tuple[str, ...]:
    """What is spoken, in order of appearance."""
    return tuple(dict.fromkeys(language for part in parts if (language := part.evidence.clip.language)))


def joined_text(clips: Iterable[Clip]) -> str | None:
    """What is said in all of them."""
    return " ".join(clip.text for clip in clips if clip.text) or None


def where_missing(parts: Sequence[Part]) -> dict[str, str]:
    """Slot or modality → why it is absent, and from when to when where some windows have it."""
    tables = [part.missing for part in parts]
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: _reason([table.get(key) for table in tables], parts) for key in keys}


def _reason(reasons: Sequence[str | None], parts: Sequence[Part]) -> str:
    """The reasons with their times; those that differ in numbers alone are one."""
    plain = [None if why is None else _ITS_TIME.sub("", why) for why in reasons]
    if None not in plain and len(set(plain)) == 1:
        return str(plain[0])
    kinds: dict[str, list[str]] = {}
    spans: dict[str, list[tuple[float, float]]] = {}
    windows = zip(plain, (None if why is None else _NUMBER.sub("#", why) for why in plain), parts, strict=True)
    for kind, run in groupby(windows, key=lambda each: each[1]):
        same = list(run)
        if kind is not None:
            kinds.setdefault(kind, []).extend(str(why) for why, _, _ in same)
            spans.setdefault(kind, []).append((same[0][2].seconds[0], same[-1][2].seconds[1]))
    longest = sorted(spans, key=lambda kind: -sum(end - start for start, end in spans[kind]))
    listed = [f"{_alike(kinds[kind])} ({_when(spans[kind])})" for kind in longest[:MOST_REASONS]]
    if len(longest) > MOST_REASONS:
        listed.append(f"{len(longest) - MOST_REASONS} more reasons elsewhere")
    return "; ".join(listed)


def _alike(reasons: Sequence[str]) -> str:
    """One of them; where their numbers differ, it says so."""
    return reasons[0] if len(set(reasons)) == 1 else f"{reasons[0]}, and alike"


def _when(spans: Sequence[tuple[float, float]]) -> str:
    times = [f"from {clock(start)} to {clock(end)}" for start, end in spans[:3]]
    return ", ".join([*times, f"and {len(spans) - 3} more times"] if len(spans) > 3 else times)


def _join_features(slot: str, parts: Sequence[Part]) -> Features | None:
    """The rows of all windows, where their columns mean the same; None where they do not."""
    windows = [
        (part.evidence.features[slot], part.evidence.clip.start) for part in parts if slot in part.evidence.features
    ]
    first = windows[0][0]
    if any(each.names != first.names for each, _ in windows):
        return None
    return Features(
        values=np.concatenate([each.values for each, _ in windows]),
        spans=np.concatenate([each.clock() + start for each, start in windows]),
        names=first.names,
        source=first.source,
    )


def _join_translations(clips: Sequence[Clip]) -> Translation | None:
    """All that is said, the translated parts in their translation; None where nothing is translated."""
    translations = [clip.translation for clip in clips if clip.translation is not None]
    if not translations:
        return None
    first = translations[0]
    read = [clip.in_language((first.language,)) for clip in clips]
    return replace(
        first,
        original=", ".join(dict.fromkeys(each.original for each in translations)),
        text=str(joined_text(read)),
        words=_moved(read, lambda clip: clip.words),
    )


def _moved(clips: Iterable[Clip], get: Callable[[Clip], Sequence[Timed]]) -> tuple[Timed, ...]:
    return tuple(
        replace(each, start=each.start + clip.start, end=each.end + clip.start) for clip in clips for each in get(clip)
    )


def only(values: Sequence[str]) -> str | None:
    """The single value; None where there are none or several."""
    return values[0] if len(values) == 1 else None
