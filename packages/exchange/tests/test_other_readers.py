"""The files through what others read them with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from affekt_exchange.exporting import export, formats_named
from affekt_exchange.formats.emotionml import EmotionMl
from affekt_exchange.registry import format_named, format_of
from affekt_exchange.results import from_result
from affekt_exchange.timeline import Span, Timeline, Track
from lxml import etree

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas/emotionml-1.0.xsd"))


def written(name, timeline, folder):
    return format_named(name).load().write(timeline, folder / "interview")[0]


def test_praatio_reads_the_textgrid(interview, tmp_path):
    from praatio import textgrid

    grid = textgrid.openTextgrid(str(written("textgrid", interview, tmp_path)), False, reportingMode="error")
    assert grid.tierNames == ("Ann", "Ben", "emotion", "emotion 2", "emotion by Cleo", "peak")
    assert tuple(grid.getTier("peak").entries[0]) == (1.25, "laugh")
    assert [tuple(entry) for entry in grid.getTier("emotion 2").entries] == [(2.0, 3.5, "happy")]
    assert grid.maxTimestamp == 5


def test_a_short_textgrid_in_utf16_is_read(tmp_path):
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "2", "<exists>", "1", '"IntervalTier"',
             '"Käthe"', "0", "2", "2", "0", "1.5", '"sagt ""nein"""', "1.5", "2", '""']  # fmt: skip
    path = tmp_path / "a.TextGrid"
    path.write_bytes("\n".join(lines).encode("utf-16"))
    (track,) = format_of(path).load().read(path).tracks
    assert (track.name, track.spans) == ("Käthe", (Span(start=0, end=1.5, label='sagt "nein"'),))


def test_players_read_the_captions_and_pages_the_metadata(interview, tmp_path):
    import webvtt

    metadata = written("vtt", interview, tmp_path)
    captions = webvtt.read(str(tmp_path / "interview.vtt"))
    assert [(cue.voice, cue.text) for cue in captions if cue.voice] == [
        ("Ann", "Good evening."), ("Ben", "Good evening — “Grüß Gott”."),
    ]  # fmt: skip
    cues = [json.loads(cue.raw_text) for cue in webvtt.read(str(metadata))]
    assert [cue["label"] for cue in cues if cue["track"] == "emotion"] == ["happy", "sad", "happy"]


def test_captions_are_lines_to_read_along_and_not_all_that_was_measured(result, tmp_path):
    import webvtt

    text = result["text"].split()
    times = [(0.3 * at + (at > 9), 0.3 * at + 0.25 + (at > 9)) for at in range(len(text))]
    words = [[start, end, word] for (start, end), word in zip(times, text, strict=True)]
    written("vtt", from_result(result | {"words": words}), tmp_path)
    (path,) = [path for path in tmp_path.glob("*.vtt") if not path.name.endswith(".metadata.vtt")]
    cues = webvtt.read(str(path))
    said = [cue.text for cue in cues if not cue.text.startswith("[")]
    assert 1 < len(said) < 8, "a caption is a line and not a word"
    assert all(len(phrase) <= 74 for phrase in said)
    assert len(said[0].split()) == 10, "there is a pause"
    assert " ".join(said) == " ".join(text)
    assert not [cue.text for cue in cues if cue.text.startswith(("[rationale", "[valence", "[clues", "[emotion over"))]


def test_a_turn_without_words_is_an_ellipsis_and_a_face_in_view_no_caption(tmp_path):
    import webvtt

    turn, seen = Span(start=0, end=2, label="Ann"), Span(start=0, end=3, label="in view")
    talk = Timeline(media="a.mp4", duration=3, tracks=(
        Track(name="Ann", kind="speech", spans=(turn,), person="Ann"),
        Track(name="face@Ann", kind="event", spans=(seen,), person="Ann", modality="face"),
    ))  # fmt: skip
    written("vtt", talk, tmp_path)
    assert [(cue.voice, cue.text) for cue in webvtt.read(str(tmp_path / "interview.vtt"))] == [("Ann", "…")]


def test_another_parser_reads_the_subtitles(interview, tmp_path):
    import pysubs2

    cues = pysubs2.load(str(written("srt", interview, tmp_path)), encoding="utf-8")
    assert [(cue.start, cue.end, cue.plaintext) for cue in cues][-1] == (
        2100,
        4000,
        "[Ben] Good evening — “Grüß Gott”.",
    )


def test_pyannote_reads_who_speaks_when(interview, tmp_path):
    from pyannote.database.util import load_rttm

    named = replace(interview, tracks=(replace(interview.tracks[0], person="Ann Lee"), *interview.tracks[1:]))
    turns = load_rttm(written("rttm", named, tmp_path))["interview.wav"]
    assert [(round(turn.start, 3), round(turn.end, 3), who) for turn, _, who in turns.itertracks(yield_label=True)] == [
        (0, 2.5, "Ann_Lee"), (2.1, 4, "Ben"),
    ]  # fmt: skip


def test_emotionml_follows_the_schema_and_names_its_vocabulary(interview, analysed, tmp_path):
    for timeline in (interview, analysed):
        root = etree.parse(written("emotionml", timeline, tmp_path)).getroot()
        SCHEMA.assertValid(root.getroottree())
        space = {"e": "http://www.w3.org/2009/10/emotionml"}
        for emotion in root.iterfind("e:emotion[@category-set]", space):
            vocabulary = root.find(f"e:vocabulary[@id='{emotion.get('category-set')[1:]}']", space)
            items = {item.get("name") for item in vocabulary.iterfind("e:item", space)}
            assert {category.get("name") for category in emotion.iterfind("e:category", space)} <= items
    assert "white_house_statement_2015.mp4#t=0.974,1.948" in {
        one.get("uri") for one in root.iterfind(".//e:reference", space)
    }
    valence = root.find(".//e:dimension[@name='valence']", space)
    assert float(valence.get("value")) == pytest.approx((1 - 0.003) / 2)


def test_emotionml_of_others_is_read(tmp_path):
    path = tmp_path / "others.emotionml"
    path.write_text(
        '<emotionml version="1.0" xmlns="http://www.w3.org/2009/10/emotionml" category-set="x#big6">'
        '<emotion><category name="sadness" value="0.3"/><category name="anger" value="0.6"/>'
        '<reference uri="talk.mp4#t=2.0,4.5"/></emotion>'
        '<emotion dimension-set="x#pad" time-ref-uri="talk.mp4" offset-to-start="500" duration="250">'
        '<dimension name="pleasure" value="0.9"/></emotion></emotionml>',
        encoding="utf-8",
    )
    timeline = EmotionMl().read(path)
    assert timeline.media == "talk.mp4"
    assert timeline.track("emotion").spans == (
        Span(start=2, end=4.5, label="anger", scores={"sadness": 0.3, "anger": 0.6}),
    )
    assert timeline.track("dimension").spans[0].end == 0.75


def test_labels_that_are_no_names_in_xml_come_back(tmp_path):
    felt = Span(start=0, end=1, label="very happy", scores={"very happy": 0.5, "very_happy": 0.25, "très <3": 0.25})
    before = Timeline(media="a.wav", duration=1, tracks=(Track(name="emotion", kind="emotion", spans=(felt,)),))
    path = written("emotionml", before, tmp_path)
    SCHEMA.assertValid(etree.parse(path))
    assert EmotionMl().read(path).track("emotion").spans == (felt,)


def test_datasets_reads_parquet_and_the_folder_of_media(interview, tmp_path, monkeypatch):
    import datasets

    # Without it, datasets takes paths as they are; with it, it needs FFmpeg's libraries before it reads any.
    monkeypatch.setattr(datasets.config, "TORCHCODEC_AVAILABLE", False)
    media, cache = tmp_path / "interview.mp4", str(tmp_path / "cache")
    media.write_bytes(b"a recording")
    there = replace(interview, media=str(media))
    parquet = datasets.Dataset.from_parquet(str(written("parquet", there, tmp_path)), cache_dir=cache)
    assert parquet["label"][:2] == ["Good evening.", "Good evening — “Grüß Gott”."]
    folder = tmp_path / "folder"
    for _ in range(2):  # the second export replaces the line of the first
        export(there, formats_named("audiofolder"), folder)
    loaded = datasets.load_dataset("videofolder", data_dir=str(folder), split="train", cache_dir=cache)
    row = loaded.cast_column("video", datasets.Video(decode=False))[0]
    assert (len(loaded), row["label"], Path(row["video"]["path"]).name) == (1, "happy", "interview.mp4")


def test_mlcroissant_reads_the_records_and_who_wrote_each_label(interview, analysed, tmp_path):
    import mlcroissant

    for timeline in (interview, analysed, interview):
        format_named("croissant").load().write(timeline, tmp_path)
    dataset = mlcroissant.Dataset(jsonld=tmp_path / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    assert "whisper (affekt-whisper 0.1.0), weights whisper-base (MIT)" in dataset.metadata.machine_annotation_tools
    (label,) = [field for field in dataset.metadata.record_sets[0].fields if field.name == "label"]
    assert label.annotations[0].name == "annotator"
    records = list(dataset.records("spans"))
    assert len(records) == 8 + 16
    assert records[-1]["spans/label"] == b"laugh"
