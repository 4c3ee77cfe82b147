"""From a result to a timeline, and the commands as people run them."""

import json

import pytest
from affekt import ComponentNotFound, DataError
from affekt_exchange import registry
from affekt_exchange.agreement import agreement, tracks_to_compare
from affekt_exchange.commands import agreement as agreement_command
from affekt_exchange.commands import export, import_
from affekt_exchange.files import ExchangeError
from affekt_exchange.registry import FormatInfo, format_named, format_of
from affekt_exchange.results import from_result
from affekt_exchange.timeline import Span, Timeline, Track
from typer.testing import CliRunner


def test_a_result_becomes_tracks(analysed, result):
    assert [(track.name, track.kind, len(track.spans)) for track in analysed.tracks] == [
        ("words", "words", 1), ("emotion", "emotion", 1), ("emotion over time", "emotion", 9),
        ("valence", "dimension", 1), ("arousal", "dimension", 1), ("clues of the face", "clue", 1),
        ("clues of the text", "clue", 1), ("rationale", "note", 1),
    ]  # fmt: skip
    moments = analysed.track("emotion over time")
    assert moments.annotator == "emotion-llama"
    assert moments.vocabulary[:3] == ("neutral", "calm", "happy")
    assert dict(moments.spans[2].scores) == result["timeline"][2]["scores"]
    assert moments.spans[2].score == 0.4531
    assert analysed.track("words").annotator == "whisper"
    assert "weights emotion-llama-mini (CC-BY-NC-SA-4.0" in analysed.provenance["reasoner"]


PERSON = {
    "name": "words", "speaking": 2.0, "turns": [[0.5, 2.5], [4.0, 4.5]], "seen": [[0, 3]], "on_screen": 1.0,
    "text": "No, never.", "words": [[0.6, 0.9, "No,"], [1.0, 1.4, "never."]],
    "felt": {"face": {"label": "sad", "scores": {"sad": 0.8, "angry": 0.2}, "missing": None}},
    "timeline": [{"start": 0.5, "end": 2.5, "scores": {"angry": 0.7, "sad": 0.3}, "valence": -0.6, "arousal": 0.5}],
}  # fmt: skip


def test_each_person_has_tracks_also_one_who_is_called_as_a_track_is(result, tmp_path):
    """In ELAN a person's turns hold their words, and the emotion is a tier of the same person."""
    timeline = from_result(result | {"people": [PERSON, PERSON | {"name": "speaker 1", "words": []}]})
    assert [(span.start, span.label) for span in timeline.track("words 2").spans] == [
        (0.5, "No, never."),
        (4.0, "words"),
    ]
    assert timeline.track("emotion@words").person == "words"
    valence = timeline.track("valence@words").spans[0]
    assert (valence.label, valence.scores) == ("-0.60", {"valence": -0.6}), "who opens it in Praat sees the value"
    face = timeline.track("expression@words").spans[0]
    assert (face.start, face.end, face.label, face.score) == (0, 3, "sad", 0.8)
    assert timeline.track("face@speaker 1").spans[0].label == "in view"
    for name in ("elan", "csv", "vtt", "textgrid"):
        form = format_named(name).load()
        files = form.write(timeline, tmp_path / "talk")
        back = form.read(files[0])
        assert {"words 2", "emotion@speaker 1"} <= {track.name for track in back.tracks}, name
    assert {track.person for track in format_named("elan").load().read(tmp_path / "talk.eaf").tracks} >= {"speaker 1"}


def test_faces_without_a_voice_are_one_track(result):
    people = [PERSON | {"name": f"face {at}", "turns": [], "timeline": [], "words": []} for at in range(40)]
    timeline = from_result(result | {"people": people})
    assert [track.name for track in timeline.tracks if track.kind == "event"] == ["other faces"]
    faces = timeline.track("other faces").spans
    assert {span.label for span in faces} == {f"face {at}: sad" for at in range(40)}
    assert faces[3].scores["sad"] == 0.8


def test_what_is_not_claimed_and_what_is_missing_are_notes(result):
    window = result["windows"][0] | {"label": None, "abstained": "no emotion reaches 33%", "missing": {}}
    window["missing"] = {"face": "dark", "action_units": "dark", "words": "nobody speaks"}
    clue = result["clues"][0] | {"checked": False}
    timeline = from_result(result | {"windows": [window], "clues": [clue]})
    assert timeline.track("emotion") is None
    assert timeline.track("unclaimed").spans[0].label == "no emotion reaches 33%"
    assert timeline.track("missing").spans[0].label == "face, action_units: dark; words: nobody speaks", "one tier"
    assert timeline.track("clues of the face, unchecked")


def run(command, *words):
    outcome = CliRunner().invoke(command, [str(word) for word in words])
    if outcome.exception and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    return outcome


def test_a_result_goes_out_and_comes_back_with_a_persons_edit(result, tmp_path):
    (tmp_path / "result.json").write_text(json.dumps(result))
    out = run(export, tmp_path / "result.json", "--to", "elan,csv", "-o", tmp_path / "out").output
    assert "elan: " in out
    assert "kept          spans, times, labels, scores" in out
    path = tmp_path / "out/white_house_statement_2015.eaf"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<ANNOTATION_VALUE>neutral<", "<ANNOTATION_VALUE>calm<", 1), encoding="utf-8")
    changes = json.loads(run(import_, path, "--against", tmp_path / "result.json", "--json").output)
    assert [(change["changes"], change["after"]["label"]) for change in changes] == [(["relabelled"], "calm")]
    run(import_, path, "-o", tmp_path / "edited.json")
    again = run(export, tmp_path / "edited.json", "--to", "elan", "-o", tmp_path / "out").output
    assert "white_house_statement_2015-2.eaf" in again
    assert path.read_text(encoding="utf-8").count("neutral<") == text.count("neutral<") - 1
    assert (
        "1 differences" not in run(import_, path, "--against", tmp_path / "out/white_house_statement_2015-2.eaf").output
    )


def test_a_file_that_is_there_stays(analysed, result, tmp_path):
    (tmp_path / "result.json").write_text(json.dumps(result))
    for _ in range(2):
        run(export, tmp_path / "result.json", "--to", "srt", "-o", tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.srt")) == [
        "white_house_statement_2015-2.srt", "white_house_statement_2015.srt",
    ]  # fmt: skip


def test_the_formats_say_what_they_keep():
    listed = {one["name"]: one for one in json.loads(run(export, "--list", "--json").output)}
    assert "scores" in listed["elan"]["keeps"]
    assert "scores" not in listed["textgrid"]["keeps"]
    assert "times" in listed["elan"]["approximates"]
    assert "rttm: NIST RTTM" in run(export, "--list").output


def test_a_format_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(ComponentNotFound, match=r'no format "eln".*elan'):
        format_named("eln")


def test_the_longest_suffix_says_the_format(tmp_path):
    assert format_of(tmp_path / "A.EAF").name == "elan"
    assert format_of(tmp_path / "a.timeline.json").name == "timeline"


def test_two_formats_of_one_name_are_neither(monkeypatch):
    class Point:
        name, value, dist = "elan", "mine:ELAN", None

    points = [*registry.metadata.entry_points(group=registry.GROUP), Point()]
    monkeypatch.setattr(registry.metadata, "entry_points", lambda group: points)
    found, failed = registry._installed.__wrapped__()
    assert "elan" not in found
    assert "elan" in str(failed["elan"])
    assert "csv" in found


def test_a_format_whose_code_is_broken_says_so():
    broken = FormatInfo(name="x", target="no.such:Thing", summary="x", suffixes=(".x",), keeps=frozenset())
    with pytest.raises(registry.PluginFailed, match='the format "x" cannot be loaded'):
        broken.load()


def test_agreement_of_two_annotators_is_measured_by_time(interview):
    found = agreement(interview.track("emotion"), interview.track("emotion by Cleo"))
    # Cleo says happy all along; the machine says happy 1.5 s, sad 0.5 s, both at once 1 s, happy 0.5 s.
    assert (found.both, found.only_first, found.only_second) == (3.5, 0, 0)
    assert found.share == pytest.approx(2 / 3.5)
    assert found.confusions == (("happy + sad", "happy", 1.0), ("sad", "happy", 0.5))
    assert found.kappa == pytest.approx(0)


def test_agreement_is_that_of_the_definitions():
    def coded(*labels):
        spans = tuple(Span(start=place, end=place + 1, label=label) for place, label in enumerate(labels) if label)
        return Track(name="emotion", kind="emotion", spans=spans)

    found = agreement(coded("a", "a", "b", "b", "a", ""), coded("a", "b", "b", "B ", "a", "a"), frame=1)
    assert (found.share, found.only_second) == (0.8, 1)
    assert found.kappa == pytest.approx((0.8 - 0.48) / (1 - 0.48))
    # Krippendorff (2011): observed 2 of 10 disagreements, expected 2 · 5 · 5 / 9 of 10.
    assert found.alpha == pytest.approx(1 - 2 / (2 * 5 * 5 / 9))
    assert agreement(coded("a"), coded("a"), frame=1).kappa is None


def test_agreement_comes_straight_from_two_files(interview, tmp_path):
    elan = format_named("elan").load()
    cleo = interview.track("emotion by Cleo")
    second = Timeline(
        media="interview.wav", duration=5, tracks=(Track(name="emotion", kind="emotion", spans=cleo.spans),)
    )
    first, other = elan.write(interview, tmp_path / "first")[0], elan.write(second, tmp_path / "second")[0]
    assert "same label 0.571 of the time" in run(agreement_command, first, other).output
    within = run(agreement_command, first, first, "--track", "emotion", "--against", "emotion by Cleo", "--json").output
    assert json.loads(within)[0]["both"] == 3.5
    with pytest.raises(DataError, match="share no track"):
        tracks_to_compare(interview, Timeline(media="", duration=0))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ExchangeError, match="is no file"):
        run(import_, tmp_path / "absent.eaf")
