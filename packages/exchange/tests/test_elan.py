"""ELAN's format: the schema, what a person changed, and what no track holds."""

import hashlib
import subprocess
import sys
import tarfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from affekt import DataError
from affekt_exchange.differences import differences
from affekt_exchange.formats.elan import Elan
from affekt_exchange.timeline import Span, Timeline, Track
from lxml import etree

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas/eaf-3.0.xsd"))
REQUIREMENT = "pympi-ling==1.71 --hash=sha256:d4e2481285bace4d1a8d90ad59abfe4bf289e529ce086551a975c3ce26e0b9d4\n"
OFFICIAL_SCHEMA = "59e76f90d5840813314b1e635480d044287b811ebd63a40e25cb4e73c6ad72bb"


def written(timeline, folder, name="interview"):
    return Elan().write(timeline, folder / name)[0]


def tiers(root):
    return {tier.get("TIER_ID"): tier for tier in root.iterfind("TIER")}


def labelled(root, tier, label):
    """The annotation of a tier that has this label."""
    return next(
        one for one in tiers(root)[tier].iterfind("ANNOTATION/*") if one.findtext("ANNOTATION_VALUE") == label
    )  # fmt: skip


def test_a_file_follows_the_schema_and_the_rules_of_elan(interview, tmp_path):
    path = written(interview, tmp_path)
    SCHEMA.assertValid(etree.parse(path))
    root = ElementTree.parse(path).getroot()
    values = [int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")]
    assert values == sorted(values)
    for tier in root.iterfind("TIER"):
        ids = [(one.get("TIME_SLOT_REF1"), one.get("TIME_SLOT_REF2")) for one in tier.iter("ALIGNABLE_ANNOTATION")]
        at = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
        times = sorted((at[start], at[end]) for start, end in ids)
        assert all(start < end for start, end in times)
        assert all(end <= after for (_, end), (after, _) in pairwise(times))
    assert " />" not in path.read_text(encoding="utf-8")  # readers of other tools stumble over the blank


def test_elan_offers_the_labels_and_names_annotators_and_people(interview, tmp_path):
    root = ElementTree.parse(written(interview, tmp_path)).getroot()
    known = tiers(root)
    assert {known["Ann"].get("PARTICIPANT"), known["emotion by Cleo"].get("ANNOTATOR")} == {"Ann", "Cleo"}
    kind = next(
        one for one in root.iterfind("LINGUISTIC_TYPE")
        if one.get("LINGUISTIC_TYPE_ID") == known["emotion"].get("LINGUISTIC_TYPE_REF")
    )  # fmt: skip
    vocabulary = next(
        one for one in root.iterfind("CONTROLLED_VOCABULARY")
        if one.get("CV_ID") == kind.get("CONTROLLED_VOCABULARY_REF")
    )  # fmt: skip
    entries = {entry.get("CVE_ID"): entry.findtext("CVE_VALUE") for entry in vocabulary.iterfind("CV_ENTRY_ML")}
    assert list(entries.values()) == ["happy", "sad"]
    assert entries[labelled(root, "emotion", "sad").get("CVE_REF")] == "sad"


def test_what_a_person_changed_in_elan_comes_back_as_differences(interview, tmp_path):
    path = written(interview, tmp_path)
    tree = ElementTree.parse(path)
    root = tree.getroot()
    slots = {slot.get("TIME_SLOT_ID"): slot for slot in root.iter("TIME_SLOT")}
    labelled(root, "emotion", "sad").find("ANNOTATION_VALUE").text = "bored"
    slots[labelled(root, "Ann", "Good evening.").get("TIME_SLOT_REF2")].set("TIME_VALUE", "2750")
    laugh = tiers(root)["peak"]
    laugh.remove(laugh.find("ANNOTATION"))
    order = root.find("TIME_ORDER")
    for name, value in (("ts9001", "4100"), ("ts9002", "4900")):
        ElementTree.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=name, TIME_VALUE=value)
    holder = ElementTree.SubElement(tiers(root)["to do"], "ANNOTATION")
    added = ElementTree.SubElement(
        holder, "ALIGNABLE_ANNOTATION", ANNOTATION_ID="a9001", TIME_SLOT_REF1="ts9001", TIME_SLOT_REF2="ts9002"
    )
    ElementTree.SubElement(added, "ANNOTATION_VALUE").text = "ask Ben"
    tree.write(path, encoding="UTF-8", xml_declaration=True)

    before = Elan().read(written(interview, tmp_path, "untouched"))
    assert differences(before, before) == []
    changes = differences(before, Elan().read(path))
    assert [(change.changes, change.track) for change in changes] == [
        (("retimed",), "Ann"), (("removed",), "peak"), (("relabelled",), "emotion"), (("added",), "to do"),
    ]  # fmt: skip
    assert str(changes[0]) == "retimed in Ann, 0.000 to 2.750 s (was 0.000 to 2.500 s)"
    assert (changes[2].before.label, changes[2].after.label, changes[2].after.evidence) == ("sad", "bored", "moment-2")
    assert changes[3].after == Span(start=4.1, end=4.9, label="ask Ben")


def test_a_span_is_found_again_by_its_evidence_when_everything_else_changed(interview):
    track = interview.track("emotion")
    moved = replace(track.spans[1], start=9, end=9.5, label="angry", scores={})
    after = replace(interview, tracks=(replace(track, spans=(track.spans[0], moved, track.spans[2])),))
    only = replace(interview, tracks=(track,))
    assert [change.changes for change in differences(only, after)] == [("relabelled", "retimed", "rescored")]
    elsewhere = replace(
        only, tracks=(replace(track, spans=track.spans[:2]), Track(name="mine", kind="emotion", spans=track.spans[2:]))
    )
    assert [change.changes for change in differences(only, elsewhere)] == [("moved to another track",)]


@pytest.fixture
def foreign(tmp_path):
    """A file of another project, with what no track holds."""
    path = tmp_path / "field-work.eaf"
    path.write_text(
        """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="Dara" DATE="2024-05-01T10:00:00+02:00" FORMAT="3.0" VERSION="3.0">
    <LICENSE LICENSE_URL="https://creativecommons.org/licenses/by/4.0/">CC BY</LICENSE>
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <MEDIA_DESCRIPTOR MEDIA_URL="file:///field%20work.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="120"/>
        <LINKED_FILE_DESCRIPTOR LINK_URL="file:///gloves.csv" MIME_TYPE="unknown"/>
        <PROPERTY NAME="URN">urn:nl-mpi-tools-elan-eaf:1234</PROPERTY>
    </HEADER>
    <TIME_ORDER>
        <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>
        <TIME_SLOT TIME_SLOT_ID="ts2"/>
        <TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="2000"/>
        <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="3000"/>
    </TIME_ORDER>
    <!-- checked twice -->
    <TIER DEFAULT_LOCALE="en" LINGUISTIC_TYPE_REF="utterance" PARTICIPANT="K" TIER_ID="K-Spch">
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" EXT_REF="er1" SVG_REF="s1"
            TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3">
            <ANNOTATION_VALUE>so you go</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">
            <ANNOTATION_VALUE>left</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="words" PARENT_REF="K-Spch" TIER_ID="W-Spch">
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
            <ANNOTATION_VALUE>so</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a4" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
            <ANNOTATION_VALUE>you go</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="gloss" PARENT_REF="K-Spch" TIER_ID="W-Gloss">
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a5" ANNOTATION_REF="a1" CVE_REF="cve0">
            <ANNOTATION_VALUE>DIR</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a6" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="a5">
            <ANNOTATION_VALUE>GO</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
    </TIER>
    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="true" LINGUISTIC_TYPE_ID="utterance" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Time_Subdivision" LINGUISTIC_TYPE_ID="words" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Subdivision" LEXICON_REF="lex1"
        LINGUISTIC_TYPE_ID="gloss" TIME_ALIGNABLE="false"/>
    <LOCALE COUNTRY_CODE="EN" LANGUAGE_CODE="en"/>
    <CONSTRAINT DESCRIPTION="divides" STEREOTYPE="Time_Subdivision"/>
    <CONSTRAINT DESCRIPTION="divides" STEREOTYPE="Symbolic_Subdivision"/>
    <LEXICON_REF DATCAT_ID="" DATCAT_NAME="" LEXICON_ID="1" LEXICON_NAME="l"
        LEX_REF_ID="lex1" NAME="l" TYPE="t" URL="u"/>
    <REF_LINK_SET LINK_SET_ID="rls1"><CROSS_REF_LINK REF1="a1" REF2="a2" REF_LINK_ID="rl1"/></REF_LINK_SET>
    <EXTERNAL_REF EXT_REF_ID="er1" TYPE="iso12620" VALUE="http://www.isocat.org/datcat/DC-1"/>
</ANNOTATION_DOCUMENT>
""",
        encoding="utf-8",
    )
    SCHEMA.assertValid(etree.parse(path))
    return path


def elements(path):
    """Every element but affekt's own property, with its attributes and text."""
    own = ("affekt", "lastUsedAnnotationId")
    return [
        (element.tag, sorted((k, v) for k, v in element.attrib.items() if k != "DATE"), (element.text or "").strip())
        for element in etree.parse(path).iter()
        if element.get("NAME") not in own
    ]  # fmt: skip


def test_times_of_annotations_that_have_none_are_those_of_others(foreign):
    timeline = Elan().read(foreign)
    assert timeline.media == "/field work.wav"
    assert [(span.start, span.end, span.label) for span in timeline.track("W-Spch").spans] == [
        (1, 1.5, "so"), (1.5, 2, "you go"),
    ]  # fmt: skip
    assert [(span.start, span.end, span.label) for span in timeline.track("W-Gloss").spans] == [
        (1, 1.5, "DIR"), (1.5, 2, "GO"),
    ]  # fmt: skip


def test_an_unchanged_file_of_others_is_written_as_it_was(foreign, tmp_path):
    again = Elan().write(Elan().read(foreign), tmp_path / "again")[0]
    assert elements(again) == elements(foreign)
    SCHEMA.assertValid(etree.parse(again))


def test_changes_touch_only_what_they_change(foreign, tmp_path):
    timeline = Elan().read(foreign)
    spoken, words, glosses = timeline.tracks
    edited = replace(
        timeline,
        tracks=(
            replace(spoken, spans=(replace(spoken.spans[0], label="so you went"), replace(spoken.spans[1], end=2.5))),
            words,
            replace(glosses, spans=glosses.spans[:1]),
            Track(name="emotion", kind="emotion", spans=(Span(start=1, end=2, label="sad"),), vocabulary=("sad",)),
        ),
    )
    path = Elan().write(edited, tmp_path / "edited")[0]
    SCHEMA.assertValid(etree.parse(path))
    (change,) = differences(edited, Elan().read(path))  # the only gloss that is left has the whole time of its parent
    assert (change.changes, change.after) == (("retimed",), Span(start=1, end=2, label="DIR"))
    root = etree.parse(path).getroot()
    speech = labelled(root, "K-Spch", "so you went")
    assert (speech.get("EXT_REF"), speech.get("SVG_REF"), speech.get("ANNOTATION_ID")) == ("er1", "s1", "a1")
    assert root.find("REF_LINK_SET/CROSS_REF_LINK") is not None
    assert root.find("LEXICON_REF") is not None
    assert root.find("LICENSE").text == "CC BY"
    assert labelled(root, "W-Gloss", "DIR").get("CVE_REF") == "cve0"
    assert [slot.get("TIME_SLOT_ID") for slot in root.iter("TIME_SLOT") if slot.get("TIME_VALUE") is None] == ["ts2"]


def test_a_removed_track_takes_the_tiers_below_it(foreign, tmp_path):
    timeline = Elan().read(foreign)
    path = Elan().write(replace(timeline, tracks=()), tmp_path / "empty")[0]
    assert tiers(etree.parse(path).getroot()) == {}


def test_a_span_where_its_parent_has_none_is_refused(foreign, tmp_path):
    timeline = Elan().read(foreign)
    glosses = timeline.track("W-Gloss")
    wrong = replace(glosses, spans=(*glosses.spans, Span(start=5, end=6, label="STAY")))
    tracks = tuple(wrong if track is glosses else track for track in timeline.tracks)
    with pytest.raises(DataError, match='"W-Gloss" has the times of its parent "K-Spch"'):
        Elan().write(replace(timeline, tracks=tracks), tmp_path / "wrong")
    assert not (tmp_path / "wrong.eaf").exists()


def test_an_empty_tier_is_filled_and_one_without_times_of_its_own_is_not_given_any(interview, foreign, tmp_path):
    once = Elan().read(written(interview, tmp_path))
    filled = replace(once.track("to do"), spans=(Span(start=1, end=2, label="ask Ben"),))
    path = written(replace(once, tracks=(*once.tracks[:-1], filled)), tmp_path, "filled")
    root = etree.parse(path).getroot()
    assert len(tiers(root)["to do"]) == 1
    assert "to do 2" not in tiers(root)

    theirs = Elan().read(foreign)
    Elan().write(replace(theirs, tracks=(*theirs.tracks[:2], replace(theirs.tracks[2], spans=()))), tmp_path / "bare")
    bare = Elan().read(tmp_path / "bare.eaf")
    wrong = replace(bare.track("W-Gloss"), spans=(Span(start=5, end=6, label="STAY"),))
    with pytest.raises(DataError, match="has the times of its parent"):
        Elan().write(replace(bare, tracks=(*bare.tracks[:2], wrong)), tmp_path / "wrong")
    words = replace(bare.track("W-Spch"), spans=(Span(start=2.1, end=2.2, label="er"),))
    with pytest.raises(DataError, match="divides the annotations of another tier"):
        Elan().write(replace(bare, tracks=(bare.tracks[0], words, bare.tracks[2])), tmp_path / "wrong")


def test_what_lies_below_an_annotation_moves_with_it(foreign, tmp_path):
    timeline = Elan().read(foreign)
    spoken = timeline.tracks[0]
    moved = replace(spoken, spans=(replace(spoken.spans[0], start=0.5), spoken.spans[1]))
    path = Elan().write(replace(timeline, tracks=(moved, *timeline.tracks[1:])), tmp_path / "moved")[0]
    SCHEMA.assertValid(etree.parse(path))
    words = Elan().read(path).track("W-Spch").spans
    assert [(span.start, span.end) for span in words] == [(0.5, 1.25), (1.25, 2)]


def test_other_labels_to_choose_from_reach_a_tier_that_is_there(interview, tmp_path):
    once = Elan().read(written(interview, tmp_path))
    wider = replace(once.track("emotion"), vocabulary=("happy", "sad", "bored"))
    tracks = tuple(wider if track.name == "emotion" else track for track in once.tracks)
    path = written(replace(once, tracks=tracks), tmp_path, "wider")
    SCHEMA.assertValid(etree.parse(path))
    assert Elan().read(path).track("emotion").vocabulary == ("happy", "sad", "bored")
    assert Elan().read(path).track("emotion by Cleo").vocabulary == ("happy", "sad")


def test_a_file_that_was_exported_imported_and_exported_again_stays_valid(interview, tmp_path):
    once = Elan().read(written(interview, tmp_path))
    track = once.track("emotion")
    overlapping = replace(track.spans[0], end=3.2)  # it now overlaps what follows in its tier
    tracks = tuple(
        replace(track, spans=(overlapping, *track.spans[1:])) if one is track else one for one in once.tracks
    )
    twice = written(replace(once, tracks=tracks), tmp_path, "twice")
    SCHEMA.assertValid(etree.parse(twice))
    changes = differences(once, Elan().read(twice))
    assert [(change.changes, change.after.evidence) for change in changes] == [(("retimed",), "moment-1")]


def test_tracks_named_like_our_attachments_stay_tracks(tmp_path):
    span = Span(start=0, end=1, label="x", scores={"x": 1.0}, evidence="e")
    names = ("scores@a", "a", "evidence@a")
    before = Timeline(
        media="", duration=1, tracks=tuple(Track(name=name, kind="note", spans=(span,)) for name in names)
    )  # fmt: skip
    after = Elan().read(written(before, tmp_path))
    assert differences(before, after) == []
    assert [track.name for track in after.tracks] == list(names)


@pytest.fixture(scope="session")
def official(tmp_path_factory):
    """A folder with the schema and the sample of ELAN's authors, which come with the sources of pympi-ling.

    They state no licence, so they are no part of this repository: pip fetches the sources, whose hash is pinned.
    """
    folder = tmp_path_factory.mktemp("pympi")
    (folder / "wanted.txt").write_text(REQUIREMENT, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--no-binary=:all:", "--no-build-isolation"]
    command += ["--require-hashes", "--no-input", "--dest", str(folder), "--requirement", str(folder / "wanted.txt")]
    done = subprocess.run(command, capture_output=True, text=True)
    archives = list(folder.glob("*.tar.gz"))
    if not archives:
        pytest.skip(f"needs the sources of pympi-ling: {(done.stderr or done.stdout).strip()[-200:]}")
    with tarfile.open(archives[0]) as archive:
        for member in archive.getmembers():
            if member.name.endswith(("/EAFv3.0.xsd", "/sample_3.0.eaf")):
                (folder / member.name.rsplit("/", 1)[1]).write_bytes(archive.extractfile(member).read())
    assert hashlib.sha256((folder / "EAFv3.0.xsd").read_bytes()).hexdigest() == OFFICIAL_SCHEMA
    return folder


@pytest.fixture(scope="session")
def schema(official):
    return etree.XMLSchema(etree.parse(official / "EAFv3.0.xsd"))


def test_files_are_valid_by_the_official_schema(schema, interview, analysed, tmp_path):
    for name, timeline in (("interview", interview), ("analysed", analysed)):
        path = Elan().write(timeline, tmp_path / name)[0]
        schema.assertValid(etree.parse(path))
    broken = etree.parse(path)
    broken.find("TIER").attrib.pop("LINGUISTIC_TYPE_REF")
    assert not schema.validate(broken)


def test_the_official_sample_is_written_as_it_was_and_edited_validly(schema, official, tmp_path):
    sample = official / "sample_3.0.eaf"
    timeline = Elan().read(sample)
    assert len(timeline.tracks) > 3
    again = Elan().write(timeline, tmp_path / "again")[0]
    schema.assertValid(etree.parse(again))
    assert elements(again) == elements(sample)
    first = timeline.tracks[0]
    spans = (replace(first.spans[0], label="something else"), *first.spans[1:])
    edited = Elan().write(replace(timeline, tracks=(replace(first, spans=spans), *timeline.tracks[1:])), tmp_path / "e")
    schema.assertValid(etree.parse(edited[0]))
    assert "something else" in edited[0].read_text(encoding="utf-8")
