"""What a format says it keeps is kept, whatever the timeline holds, and the report of losses is exact."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from affekt_exchange.losses import ASPECTS, compare
from affekt_exchange.registry import failures, formats
from affekt_exchange.timeline import Span, Timeline, Track
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FORMATS = sorted(formats())
QUICK = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = WORDS.filter(lambda text: Track(name=f"x{text}", kind="note").name.strip("x"))
MILLISECONDS = st.integers(0, 7_200_000)


@st.composite
def spans(draw):
    """Spans that overlap, touch, leave gaps or have no length."""
    start = draw(MILLISECONDS | st.integers(0, 20))
    end = start + draw(st.integers(0, 5) | st.integers(0, 100_000))
    scores = draw(st.dictionaries(WORDS, st.floats(-2, 2), max_size=3))
    evidence = draw(WORDS)
    return Span(start=start / 1000, end=end / 1000, label=draw(WORDS), scores=scores, evidence=evidence)


@st.composite
def timelines(draw):
    """Timelines with several annotators and people, empty tracks, and any text that a file can hold."""
    names = draw(st.lists(NAMES.map(lambda text: Track(name=text, kind="note").name), max_size=4, unique=True))
    tracks = [
        Track(
            name=name,
            kind=draw(st.sampled_from(["words", "speech", "emotion", "dimension", "clue", "event", "note"])),
            spans=tuple(draw(st.lists(spans(), max_size=4))),
            person=draw(WORDS),
            annotator=draw(WORDS),
            modality=draw(st.sampled_from(["", "face", "voice", "text"])),
            language=draw(st.sampled_from(["", "en", "zh"])),
            vocabulary=tuple(draw(st.lists(WORDS, max_size=3))),
        )
        for name in names
    ]
    provenance = draw(st.dictionaries(WORDS, WORDS, max_size=2))
    duration = draw(MILLISECONDS) / 1000
    return Timeline(media=draw(WORDS), duration=duration, tracks=tuple(tracks), provenance=provenance)


def there_and_back(name, timeline, folder):
    """The timeline as it comes back from a file of a format; one that holds media gets a file to hold."""
    info = formats()[name]
    if name == "audiofolder":
        media = Path(folder, "clip.wav")
        media.write_bytes(b"RIFF")
        timeline = replace(timeline, media=str(media))
    target = Path(folder, "out") if info.folder else Path(folder, "clip")
    form = info.load()
    return timeline, form.read(form.write(timeline, target)[0])


def test_every_format_of_the_distribution_loads():
    assert failures() == {}
    assert FORMATS == [
        "audiofolder", "croissant", "csv", "elan", "emotionml", "parquet", "rttm", "srt", "textgrid", "timeline", "vtt",
    ]  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@QUICK
@given(timeline=timelines())
def test_what_a_format_says_it_keeps_is_kept(name, timeline):
    with tempfile.TemporaryDirectory() as folder:
        before, after = there_and_back(name, timeline, folder)
    report, keeps = compare(before, after), formats()[name].keeps
    for aspect in keeps:
        loss = report.of(aspect)
        assert (loss.approximated, loss.lost) == (0, 0), (aspect, loss.example)
    if keeps == set(ASPECTS):
        assert replace(after, documents={}) == before


@QUICK
@given(timeline=timelines())
def test_a_report_counts_everything_that_the_timeline_holds(timeline):
    report = compare(timeline, Timeline(media="", duration=0))
    spans = [span for track in timeline.tracks for span in track.spans]
    assert report.of("spans").lost == report.of("times").lost == report.of("labels").lost == len(spans)
    assert report.of("scores").lost == sum(bool(span.scores) for span in spans)
    assert report.of("evidence").lost == sum(bool(span.evidence) for span in spans)
    assert report.of("tracks").lost == report.of("kinds").lost == len(timeline.tracks)
    assert report.of("annotators").lost == sum(bool(track.annotator) for track in timeline.tracks)
    assert report.of("provenance").lost == len(timeline.provenance)
    assert not any(loss.lost or loss.approximated for loss in compare(timeline, timeline).losses)


@pytest.mark.parametrize(
    ("name", "aspect", "kept", "approximated", "lost"),
    [
        ("elan", "times", 7, 1, 0),  # the laugh has no length
        ("elan", "scores", 3, 0, 0),
        ("textgrid", "spans", 8, 0, 0),
        ("textgrid", "tracks", 5, 0, 1),  # the one without spans
        ("textgrid", "scores", 0, 0, 3),
        ("srt", "times", 7, 1, 0),
        ("srt", "people", 0, 0, 2),
        ("emotionml", "spans", 5, 0, 3),
        ("emotionml", "evidence", 3, 0, 2),
        ("rttm", "spans", 2, 0, 6),
        ("rttm", "people", 2, 0, 0),
        ("rttm", "labels", 0, 2, 6),
    ],
)
def test_a_report_says_exactly_what_was_lost(name, aspect, kept, approximated, lost, interview, tmp_path):
    loss = compare(*there_and_back(name, interview, tmp_path)).of(aspect)
    assert (loss.kept, loss.approximated, loss.lost) == (kept, approximated, lost), loss.example


def test_a_span_that_a_file_has_twice_is_counted_once(interview):
    track = interview.tracks[3]
    doubled = replace(interview, tracks=(*interview.tracks[:3], replace(track, spans=track.spans * 2)))
    halved = compare(doubled, replace(interview, tracks=interview.tracks[:4]))
    assert (halved.of("spans").kept, halved.of("spans").lost) == (7, 2)
