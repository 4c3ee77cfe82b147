"""Files that are broken or meant to harm: errors that say what is wrong, and nothing outside the folder."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from affekt import DataError
from affekt_exchange import files
from affekt_exchange.exporting import export, formats_named
from affekt_exchange.files import ExchangeError, safe_stem
from affekt_exchange.registry import format_of, formats
from affekt_exchange.timeline import Span, Track

BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
GRID = 'File type = "ooTextFile"\nObject class = "TextGrid"\n'
EAF = "<ANNOTATION_DOCUMENT><HEADER/><TIME_ORDER/>{}</ANNOTATION_DOCUMENT>"


def read(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return format_of(path).load().read(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.eaf", BOMB + "<ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>", "declares a document type"),
        ("a.emotionml", BOMB + "<emotionml>&b;</emotionml>", "declares a document type"),
        ("a.eaf", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><ANNOTATION_DOCUMENT/>', "declares a document type"),
        ("a.eaf", "<ANNOTATION_DOCUMENT>", "not well-formed XML"),
        ("a.eaf", b"\xff\xfe\x00", "not well-formed XML"),
        ("a.eaf", "<html/>", "no EAF: its root is html"),
        ("a.eaf", "<ANNOTATION_DOCUMENT/>", "no HEADER"),
        ("a.eaf", EAF.format("<x>" * 200 + "</x>" * 200), "nests 101 elements"),
        ("a.eaf", EAF.format('<TIER TIER_ID="a"/>' * 10_001), "10,001 TIER"),
        ("a.emotionml", "<emotionml/>", "no EmotionML"),
        ("a.TextGrid", "", "does not begin as a TextGrid"),
        ("a.TextGrid", GRID + "\n0\n1\n<exists>\n9\n", "TextGrid that praatio"),
        ("a.TextGrid", GRID + '"IntervalTier"\n' * 10_001, "10,001 tiers"),
        ("a.srt", "no times", "holds no subtitles"),
        ("a.vtt", "no header", "not WebVTT"),
        ("a.vtt", "WEBVTT\n\nNOTE affekt {\n\n00:00.000 --> 00:01.000\n{}\n", "no JSON"),
        ("a.rttm", "SPEAKER a 1 0", "should have 9 or 10 fields; found 4"),
        ("a.rttm", "SPEAKER a 1 nan 1 <NA> <NA> x <NA> <NA>", "onset should be a number; found 'nan'"),
        ("a.rttm", "SPEAKER a 1 0 1 <NA> <NA> x\nSPEAKER b 1 0 1 <NA> <NA> x", 'about "a" and "b"'),
        ("a.csv", "begin,end\n0,1\n", "no column start, label"),
        ("a.csv", "start,end,label\n0,inf,x\n", "end should be a number; found 'inf'"),
        ("a.csv", 'start,end,label\n0,1,"x\n', "line 1: unexpected end"),
        ("a.csv", 'start,end,label,scores\n0,1,x,"[1]"\n', "scores should be a JSON object"),
        ("a.csv", b"start,end,label\n0,1,\xff\n", "not text in UTF-8"),
        ("a.parquet", "no table", "is not Parquet"),
        ("a.timeline.json", "[" * 100_000, "not one JSON document"),
        ("a.timeline.json", "[]", "holds a list"),
        ("metadata.jsonl", "{}\n", "no line with a timeline"),
        ("croissant.json", "{}", "describes no timelines"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(name, content, reason, tmp_path):
    with pytest.raises(ExchangeError, match=reason) as raised:
        read(tmp_path / name, content)
    assert str(tmp_path / name) in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "start,end,label\n2,1,x\n", "end after that"),
        ("a.timeline.json", '{"source": "a.wav"}', "a result should have"),
        ("a.timeline.json", '{"source": "a.wav", "error": {"message": "no sound"}}', "was not analysed: no sound"),
        ("a.timeline.json", '{"affekt_timeline": 1, "media": "a", "duration": 1}', "a timeline should have"),
        ("a.docx", "", "no format has the suffix"),
    ],
)
def test_what_is_wrong_with_its_content_is_said(name, content, reason, tmp_path):
    with pytest.raises(DataError, match=reason) as raised:
        read(tmp_path / name, content)
    assert raised.value.hint


def test_a_million_tiers_are_counted_and_not_built(tmp_path):
    with pytest.raises(ExchangeError, match="1,000,000 TIER; at most 10,000"):
        read(tmp_path / "a.eaf", b"<ANNOTATION_DOCUMENT>" + b'<TIER TIER_ID="a"/>' * 1_000_000)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with pytest.raises(ExchangeError, match="has 11 bytes; at most 10 are read"):
        read(tmp_path / "a.csv", "x" * 11)


def test_references_in_circles_end(tmp_path):
    tier = (
        '<TIER TIER_ID="a" LINGUISTIC_TYPE_REF="x" PARENT_REF="a"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a1" '
        'ANNOTATION_REF="a1"><ANNOTATION_VALUE/></REF_ANNOTATION></ANNOTATION></TIER>'
    )
    timeline = read(tmp_path / "a.eaf", EAF.format(tier))
    assert timeline.track("a").spans == ()


def test_a_property_that_somebody_damaged_is_not_believed(tmp_path):
    for text in ("{", "[]", '{"media": 1, "duration": "x", "tracks": []}', '{"tracks": [1]}'):
        content = EAF.replace("<HEADER/>", f'<HEADER><PROPERTY NAME="affekt">{text}</PROPERTY></HEADER>')
        content = content.replace("{}</ANN", '<TIER TIER_ID="b" LINGUISTIC_TYPE_REF="x"/></ANN')
        assert read(tmp_path / "a.eaf", content).track("b")


@pytest.mark.parametrize("name", ["csv", "croissant"])
def test_no_cell_is_a_formula(name, interview, tmp_path):
    evil = ("=HYPERLINK(\"http://x\")", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", "'=1")  # fmt: skip
    track = Track(
        name="=cmd|' /C calc'!A0", kind="note", person="@x", annotator="-x",
        spans=tuple(Span(start=0, end=1, label=label, evidence=label, scores={label: -0.5}) for label in evil),
    )  # fmt: skip
    timeline = replace(interview, media="=a.wav", tracks=(track,))
    (exported,) = export(timeline, formats_named(name), tmp_path)
    (table,) = [path for path in exported.files if path.suffix == ".csv"]
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        for column, cell in row.items():
            assert column in ("start", "end", "score") or not cell.startswith(("=", "+", "-", "@", "\t", "＝"))
        assert float(row["score"]) == -0.5
    assert not any(loss.lost or loss.approximated for loss in exported.report.losses)


@pytest.mark.parametrize(
    ("media", "stem"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot"),
        ("/abs/olute.wav", "olute"),
        ("https://x.org/talk.mp4?token=../../a", "talk"),
        ("..", "recording"),
        ("", "recording"),
        ("a\x00b\n.wav", "a_b_"),
        ("CON.wav", "_CON"),
        (".hidden", "hidden"),
        ("x" * 300 + ".wav", "x" * 100),
    ],
)
def test_a_name_with_a_path_stays_in_its_folder(media, stem):
    assert safe_stem(media) == stem


def test_nothing_is_written_outside_the_folder(interview, tmp_path):
    out = tmp_path / "deep/out"
    everything = formats_named(",".join(name for name in formats() if name != "audiofolder"))
    for media in ("../../evil.wav", "/evil.wav", "..\\evil.wav"):
        names = {"..": ".."} | {track.name: f"../../{track.name}" for track in interview.tracks}
        tracks = tuple(replace(track, name=names[track.name]) for track in interview.tracks)
        export(replace(interview, media=media, tracks=tracks), everything, out)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_line_of_a_media_folder_cannot_name_a_file_elsewhere(interview, tmp_path):
    media = tmp_path / "interview.wav"
    media.write_bytes(b"RIFF")
    folder = tmp_path / "folder"
    folder.mkdir()
    line = {"file_name": "../stolen.wav", "source": str(media)}
    (folder / "metadata.jsonl").write_text(json.dumps(line) + "\n")
    export(replace(interview, media=str(media)), formats_named("audiofolder"), folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "interview.wav"]
    assert (folder / "interview.wav").read_bytes() == b"RIFF"


def test_a_recording_that_is_not_there_is_named(interview, tmp_path):
    with pytest.raises(ExchangeError, match=r'"interview.wav" is not there'):
        export(interview, formats_named("audiofolder"), tmp_path)


def test_a_folder_that_cannot_be_written_is_named(interview, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExchangeError, match="cannot write"):
        export(interview, formats_named("csv"), tmp_path / "file" / "x")


def test_control_characters_never_reach_a_file(interview, tmp_path):
    track = Track(name="a\x00b", kind="note", spans=(Span(start=0, end=1, label="bell\x07\ud800 ￿\r\nend"),))
    assert (track.name, track.spans[0].label) == ("ab", "bell \nend")
    assert Path(tmp_path).is_dir()
