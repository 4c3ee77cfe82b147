"""A timeline from what an analysis says: the JSON of `affekt analyze --json`, or the `Analysis` itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from affekt import DataError
from affekt_recordings import Analysis

from affekt_exchange.timeline import Kind, Span, Timeline, Track, free_name

LONGEST = 74
"""Characters of a phrase: two lines of a caption."""
PAUSE = 0.8
"""Seconds of silence after which a phrase begins anew."""


def from_analysis(felt: Analysis) -> Timeline:
    """The timeline of an analysis."""
    return from_result(felt.to_dict())


def from_result(result: Mapping[str, Any]) -> Timeline:
    """The timeline of a result's JSON; a track without spans is left out.

    Raises:
        DataError: the document is no result of `affekt analyze --json`.
    """
    if "error" in result:
        raise DataError(
            f'"{result.get("source")}" was not analysed: {result["error"].get("message")}',
            hint="the document of a recording that was",
        )
    try:
        tracks = _named_apart(track for track in _tracks(result) if track.spans)
        return Timeline(
            media=result["source"],
            duration=result["duration"],
            tracks=tracks,
            provenance=dict(_provenance(result["provenance"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"a result should have source, duration, windows, timeline and provenance; found {error!r}",
            hint="what `affekt analyze CLIP --json` prints",
        ) from error


def _named_apart(tracks: Iterable[Track]) -> tuple[Track, ...]:
    """The tracks, with a number where a person is called as another track is."""
    named: list[Track] = []
    for track in tracks:
        named.append(replace(track, name=free_name(track.name, (other.name for other in named))))
    return tuple(named)


def _tracks(result: Mapping[str, Any]) -> Iterator[Track]:
    duration, windows = result["duration"], result["windows"]
    judge, ear = _component(result, "reasoner"), _component(result, "transcript")
    phrases = list(_phrases(result.get("words", ())))
    phrases = phrases or [
        _span(window, window["text"], f"window-{n}") for n, window in enumerate(windows, 1) if window["text"]
    ]
    language = result.get("language") or ""
    yield Track(name="words", kind="words", spans=tuple(phrases), annotator=ear, modality="text", language=language)
    claimed = [
        _span(window, window["label"], f"window-{n}", window["scores"])
        for n, window in enumerate(windows, 1)
        if window["label"] is not None
    ]
    yield _emotions("emotion", claimed, judge)
    moments = [
        _span(moment, max(moment["scores"], key=moment["scores"].__getitem__), f"moment-{n}", moment["scores"])
        for n, moment in enumerate(result["timeline"], 1)
    ]
    yield _emotions("emotion over time", moments, judge)
    for name in ("valence", "arousal"):
        if (value := result.get(name)) is not None:
            felt = Span(start=0, end=duration, label=f"{value:+.2f}", scores={name: value}, evidence=name)
            yield Track(name=name, kind="dimension", spans=(felt,), annotator=judge)
    yield from _clues(result["clues"], judge)
    events = [
        _span(event, event["name"], f"event-{n}", {event["name"]: event["probability"]})
        for n, event in enumerate(result.get("events", ()), 1)
    ]
    yield Track(name="sounds", kind="event", spans=tuple(events), annotator=_component(result, "events"))
    yield from _people(result, judge, ear)
    yield from _notes(result, duration, windows, judge)


def _phrases(words: Iterable[Sequence[Any]]) -> Iterator[Span]:
    """Words as phrases that end at pauses, as somebody reads them in a tier or as a caption."""
    phrase: list[Sequence[Any]] = []
    number = 1
    for word in words:
        text = " ".join(str(each) for _, _, each in [*phrase, word])
        if phrase and (word[0] - phrase[-1][1] > PAUSE or len(text) > LONGEST):
            yield _phrase(phrase, number)
            phrase, number = [], number + 1
        phrase.append(word)
    if phrase:
        yield _phrase(phrase, number)


def _phrase(words: Sequence[Sequence[Any]], number: int) -> Span:
    text = " ".join(str(word) for _, _, word in words)
    return Span(start=words[0][0], end=max(end for _, end, _ in words), label=text, evidence=f"phrase-{number}")


def _people(result: Mapping[str, Any], judge: str, ear: str) -> Iterator[Track]:
    """Of each person: what they say or when they speak, what is felt meanwhile, and their face.

    What a face expresses is one span, as it is the mean of all looks.

    Names of the people come first, as ELAN and Praat list tracks by them.
    """
    hearer, seer = _component(result, "people"), _component(result, "face")
    people = result.get("people", ())
    heard = [person for person in people if person["turns"]]
    for number, person in enumerate(heard, 1):
        name, key = person["name"], f"person-{number}"
        turns = [_turn(turn, person["words"], name, f"{key}-turn-{n}") for n, turn in enumerate(person["turns"], 1)]
        yield Track(
            name=name, kind="speech", spans=tuple(turns), person=name, annotator=hearer or ear, modality="voice"
        )
        moments = [
            _span(
                moment, max(moment["scores"], key=moment["scores"].__getitem__), f"{key}-moment-{n}", moment["scores"]
            )
            for n, moment in enumerate(person["timeline"], 1)
        ]
        yield replace(_emotions(f"emotion@{name}", moments, judge), person=name)
        for axis in ("valence", "arousal"):
            values = [
                _span(moment, f"{moment[axis]:+.2f}", f"{key}-{axis}-{n}", {axis: moment[axis]})
                for n, moment in enumerate(person["timeline"], 1)
                if axis in moment
            ]
            yield Track(name=f"{axis}@{name}", kind="dimension", spans=tuple(values), person=name, annotator=judge)
        in_view = [
            Span(start=start, end=end, label="in view", evidence=f"{key}-seen-{n}")
            for n, (start, end) in enumerate(person["seen"], 1)
        ]
        yield Track(name=f"face@{name}", kind="event", spans=tuple(in_view), person=name, modality="face")
        face = person["felt"].get("face", {"scores": {}})
        if in_view and face["scores"]:
            expression = Span(
                start=in_view[0].start, end=in_view[-1].end, label=face["label"], scores=face["scores"],
                evidence=f"{key}-expression",
            )  # fmt: skip
            yield replace(_emotions(f"expression@{name}", [expression], seer), person=name, modality="face")
    faces = [span for n, person in enumerate(people, 1) if not person["turns"] for span in _face(person, f"person-{n}")]
    yield Track(name="other faces", kind="event", spans=tuple(faces), annotator=seer, modality="face")


def _face(person: Mapping[str, Any], key: str) -> Iterator[Span]:
    """When the face of somebody who is never heard is in view; many of them are one track."""
    face = person["felt"].get("face", {})
    label = f"{person['name']}: {face['label']}" if face.get("label") else person["name"]
    for number, (start, end) in enumerate(person["seen"], 1):
        evidence = f"{key}-seen-{number}"
        yield Span(start=start, end=end, label=label, scores=face.get("scores", {}), evidence=evidence)


def _turn(turn: Sequence[float], words: Sequence[Sequence[Any]], name: str, evidence: str) -> Span:
    """A turn, labelled with the words whose middle it holds; with the person's name where none are known."""
    start, end = turn
    spoken = [str(text) for begin, finish, text in words if start <= (begin + finish) / 2 < end]
    return Span(start=start, end=end, label=" ".join(spoken) or name, evidence=evidence)


def _clues(clues: Sequence[Mapping[str, Any]], judge: str) -> Iterator[Track]:
    """A track a modality, and another for what was not found in the evidence."""
    groups: dict[tuple[str, bool], list[Span]] = {}
    for number, clue in enumerate(clues, 1):
        groups.setdefault((clue["modality"], clue["checked"]), []).append(_span(clue, clue["text"], f"clue-{number}"))
    for (modality, checked), spans in groups.items():
        name = f"clues of the {modality}" + ("" if checked else ", unchecked")
        yield Track(name=name, kind="clue", spans=tuple(spans), annotator=judge, modality=modality)


def _notes(
    result: Mapping[str, Any], duration: float, windows: Sequence[Mapping[str, Any]], judge: str
) -> Iterator[Track]:
    recording: dict[str, Any] = {"start": 0.0, "end": duration}
    rationale = [_span(recording, result["rationale"], "rationale")] if result["rationale"] else []
    yield Track(name="rationale", kind="note", spans=tuple(rationale), annotator=judge)
    unclaimed = [
        _span(window, window["abstained"], f"window-{n}") for n, window in enumerate(windows, 1) if window["abstained"]
    ]
    yield Track(name="unclaimed", kind="note", spans=tuple(unclaimed), annotator=judge)
    missing = [
        _span(window, _reasons(window["missing"]), f"window-{n}")
        for n, window in enumerate(windows, 1)
        if window["missing"]
    ]
    yield Track(name="missing", kind="note", spans=tuple(missing))


def _reasons(missing: Mapping[str, str]) -> str:
    """All that is missing of a window in one line; what lacks for the same reason stands together."""
    slots: dict[str, list[str]] = {}
    for slot, why in missing.items():
        slots.setdefault(why, []).append(slot)
    return "; ".join(f"{', '.join(own)}: {why}" for why, own in slots.items())


def _emotions(name: str, spans: Sequence[Span], judge: str) -> Track:
    kind: Kind = "emotion"
    vocabulary = tuple(dict.fromkeys(emotion for span in spans for emotion in span.scores))
    return Track(name=name, kind=kind, spans=tuple(spans), annotator=judge, vocabulary=vocabulary)


def _span(times: Mapping[str, Any], label: str, evidence: str, scores: Mapping[str, float] | None = None) -> Span:
    return Span(start=times["start"], end=times["end"], label=label, scores=scores or {}, evidence=evidence)


def _component(result: Mapping[str, Any], slot: str) -> str:
    return str(result["provenance"].get(slot, {}).get("name", ""))


def _provenance(slots: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Slot → a line that names the component, its distribution with the version, and its weights with their licence."""
    for slot, entry in slots.items():
        if not isinstance(entry, Mapping):
            yield slot, str(entry)
            continue
        component = f"{entry.get('name', '?')} ({entry.get('distribution', '?')} {entry.get('version', '?')})"
        weights = [
            f"{weight['name']} ({weight.get('licence') or 'licence unknown'})" for weight in entry.get("weights") or ()
        ]
        yield slot, component + (f", weights {', '.join(weights)}" if weights else "")
