import json
import shutil
import signal
import struct
import sys
import time
import wave
from pathlib import Path

import pytest
from affekt import SpecError
from affekt_cli.settings import read_spec

from .conftest import write_tone

KEYS = {
    "source", "duration", "label", "abstained", "scores", "valence", "arousal", "text", "language", "rationale",
    "generated", "struck", "labels", "claims_from", "time", "languages", "translation", "events", "windows", "people",
    "words", "speaking", "clues", "timeline", "missing", "notes", "provenance", "disclaimer",
}  # fmt: skip


def test_the_answer_names_the_emotion_the_clues_and_that_it_may_be_wrong(affekt, tone):
    done = affekt("analyze", tone, "-p", "made-up")
    assert done.returncode == 0, done.stderr
    for expected in ("tone.wav", "happy 75%", "It <b>sounds</b> so.", "valence +0.50", "may be wrong"):
        assert expected in done.stdout, expected
    for expected in ("✓", "0.1–0.4 s", "a bright tone"):
        assert expected in done.stdout, expected
    assert "█" in done.stdout, "the course over time is a sparkline"


def test_json_is_one_document_and_nothing_else_is_on_stdout(process, tone):
    done = process("analyze", tone, "-p", "made-up", "--set", "reasoner=chatty", "--json")
    document = json.loads(done.stdout)
    assert set(document) == KEYS
    assert document["label"] == "happy"
    assert document["scores"] == {"happy": 0.75, "sad": 0.25}
    assert document["clues"] == [
        {"modality": "audio", "start": 0.1, "end": 0.4, "text": "a bright tone", "checked": True}
    ]
    assert "machine" in document["disclaimer"]
    assert "a library that talks" in done.stderr


def test_several_paths_give_json_lines_and_one_that_fails_does_not_stop_the_others(affekt, tone, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_text("no film")
    done = affekt("analyze", tone, bad, tmp_path / "lost.wav", tone, "-p", "made-up", "--json")
    assert done.returncode == 1
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["source"] for document in documents] == [
        str(tone),
        str(bad),
        str(tmp_path / "lost.wav"),
        str(tone),
    ]
    assert ["error" in document for document in documents] == [False, True, True, False]
    assert set(documents[1]["error"]) == {"kind", "message", "try"}
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Error: ") == 2


def test_set_changes_options_and_components(affekt, tone):
    done = affekt("analyze", tone, "-p", "made-up", "--set", "reasoner.happy=0.25", "--json")
    assert json.loads(done.stdout)["label"] == "sad"


@pytest.mark.parametrize("people", ["0", "some", "-1"])
def test_people_are_a_number_or_auto(affekt, tone, people):
    done = affekt("analyze", tone, "-p", "made-up", f"--people={people}")
    assert done.returncode == 2
    assert "neither a number" in done.stderr


def test_people_are_told_apart_in_a_slot_of_their_own_that_takes_options():
    spec = read_spec("default", ["people.at_most=4"], "auto")
    assert list(spec.prepare)[-1] == "people"
    assert spec.prepare["people"].model_dump(exclude_defaults=True) == {"use": "speaker-turns", "at_most": 4}
    assert spec.prepare["face"].options == {"everybody": True}, "voices are given their faces"
    assert read_spec("default", [], None).prepare["face"].options == {}
    assert read_spec("default", [], "3").prepare["people"].model_dump(exclude_defaults=True)["people"] == 3


def test_each_channel_is_judged_by_itself_or_one_alone(affekt, tmp_path):
    with wave.open(str(tmp_path / "call.wav"), "wb") as file:
        file.setparams((2, 2, 16000, 0, "NONE", ""))
        file.writeframes(struct.pack("<2h", 9000, -4000) * 16000)
    write_tone(tmp_path / "mono.wav")
    done = affekt(
        "analyze", "call.wav", "mono.wav", "-p", "made-up", "--channel", "each", "--json", "--html", "reports"
    )
    assert done.returncode == 0, done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["source"] for document in documents] == ["call.wav, channel 0", "call.wav, channel 1", "mono.wav"]
    assert documents[1]["notes"] == ["channel 1 of 2 was read, as asked"]
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {"call.html", "call-2.html", "mono.html"}
    assert "call.wav, channel 1" in affekt("analyze", "call.wav", "-p", "made-up", "--channel", 1).stdout
    assert "2 channels, 0 to 1" in affekt("analyze", "call.wav", "-p", "made-up", "--channel", 2).stderr
    assert affekt("analyze", "call.wav", "-p", "made-up", "--channel", "left").returncode == 2


def test_export_writes_the_answer_for_other_tools_and_says_what_was_kept(affekt, tone, tmp_path):
    done = affekt("analyze", tone, tone, "-p", "made-up", "--json", "--export", "elan,csv", "-o", "exported")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert "kept          spans, times, labels, scores" in done.stderr
    assert {path.name for path in (tmp_path / "exported").iterdir()} == {
        "tone.eaf", "tone.csv", "tone.csv-metadata.json", "tone-2.eaf", "tone-2.csv", "tone-2.csv-metadata.json",
    }  # fmt: skip
    assert "a bright tone" in (tmp_path / "exported/tone.eaf").read_text(encoding="utf-8")


def test_an_export_that_cannot_be_written_keeps_the_answer(affekt, tone, tmp_path):
    (tmp_path / "taken").write_text("")
    done = affekt("analyze", tone, "-p", "made-up", "--json", "--export", "csv", "-o", "taken")
    assert done.returncode == 1
    assert json.loads(done.stdout)["label"] == "happy"
    assert "cannot write" in done.stderr


def test_a_format_that_does_not_exist_is_refused_before_anything_is_analysed(affekt, tone):
    done = affekt("analyze", tone, "-p", "made-up", "--json", "--export", "eln")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'there is no format "eln"' in done.stderr
    done = affekt("analyze", tone, "-p", "made-up", "-o", "exported")
    assert done.returncode == 2
    assert "a folder needs formats" in done.stderr


def test_html_writes_the_report(affekt, tone, tmp_path):
    done = affekt("analyze", tone, "-p", "made-up", "--html", "deep/report.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "deep/report.html").read_text(encoding="utf-8")
    assert "a bright tone" in page
    assert "&lt;b&gt;sounds" in page
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep/report.html"]


def test_html_of_several_paths_is_a_folder_where_no_report_replaces_another(affekt, tone, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(tone, other / tone.name)
    done = affekt("analyze", tone, other / tone.name, "-p", "made-up", "--html", "reports")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["tone-2.html", "tone.html"]
    done = affekt("analyze", tone, other / tone.name, "-p", "made-up", "--html", "one.html")
    assert done.returncode == 2
    assert "name a folder" in done.stderr


def test_a_report_of_an_earlier_call_stays_beside_one_of_the_same_name(affekt, tone, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(tone, other / tone.name)
    for path, said in ((tone, "reports/tone.html"), (other / tone.name, "reports/tone-2.html")):
        done = affekt("analyze", path, "-p", "made-up", "--html", "reports")
        assert done.returncode == 0, done.stderr
        assert f"Report: {said}" in done.stderr
    pages = [(tmp_path / "reports" / name).read_text(encoding="utf-8") for name in ("tone.html", "tone-2.html")]
    assert all("a bright tone" in page for page in pages)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-p", "made-upp"], 2, 'Did you mean "made-up"?'),
        (["-p", "made-up", "--set", "reasoner=glda"], 2, 'Did you mean "glad"?'),
        (["-p", "made-up", "--set", "reasoner.hapy=1"], 2, 'Did you mean "happy"?'),
        (["-p", "made-up", "--set", "nonsense"], 2, "SLOT=COMPONENT"),
        (["-p", "made-up", "--set", "reasoner=[unfinished"], 2, "not YAML"),
        (["-p", "made-up", "--set", "reasoner=bugged"], 1, "a bug of its own"),
    ],
)
def test_mistakes_have_their_exit_code_and_say_what_to_do(affekt, tone, arguments, code, said):
    done = affekt("analyze", tone, *arguments)
    assert done.returncode == code
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["-p", "paper"], 'pip install "affekt[emotion-llama]"'),
        (["-p", "default"], "pip install affekt"),
        (["-p", "made-up", "--set", "reasoner=heads"], "pip install affekt-heads"),
    ],
)
def test_what_is_not_installed_is_told_with_one_command_that_mends_it(bare, tone, arguments, command):
    done = bare("analyze", tone, *arguments)
    assert done.returncode == 3
    assert done.stderr.endswith(f"Try: {command}\n")
    assert "Traceback" not in done.stderr


def test_a_speaker_that_is_not_installed_does_not_stop_an_analysis(bare, tone, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        'reasoner: glad\nspeaker: kokoro\nrequires: ["affekt-made-up>=0.3", "affekt-kokoro>=7"]\n'
    )
    done = bare("analyze", tone, "-p", "mine.yaml")
    assert done.returncode == 0, done.stderr


def test_debug_lets_the_error_through_with_its_traceback(affekt, tone):
    with pytest.raises(SpecError, match="made-upp"):
        affekt("--debug", "analyze", tone, "-p", "made-upp")


def test_a_report_that_cannot_be_written_is_an_error_that_names_it(affekt, tone, tmp_path):
    (tmp_path / "taken").write_text("a file where a folder should be")
    done = affekt("analyze", tone, "-p", "made-up", "--html", "taken/report.html")
    assert done.returncode == 1
    assert 'cannot write "taken/report.html"' in done.stderr
    assert "happy 75%" in done.stdout, "the answer was computed and is not dropped"
    done = affekt("analyze", tone, tone, "-p", "made-up", "--json", "--html", "taken/reports")
    assert done.returncode == 1
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == ["happy", "happy"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("arguments", [["analyze", "tone.wav", "-p", "made-up", "--json"], ["plugins"]])
def test_a_full_disk_under_standard_output_is_said_without_a_traceback(process, tone, tmp_path, arguments):
    with open("/dev/full", "w") as full:
        done = process(*arguments, *(["--html", "r.html"] if arguments[0] == "analyze" else ()), stdout=full)
    assert done.returncode == 1
    assert "cannot write the output: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert (tmp_path / "r.html").exists() == (arguments[0] == "analyze"), "what can be kept is kept"


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_on_a_long_file_keeps_what_is_finished(process, tmp_path):
    write_tone(tmp_path / "long.wav", seconds=70)
    running = process(
        "analyze", "long.wav", "-p", "made-up", "--set", "reasoner=late", "--json", "--html", "r.html", start=True
    )
    assert running.stderr.readline() == "the second window\n"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    document = json.loads(out)
    assert document["label"] == "happy"
    assert document["duration"] == 30.0
    assert "interrupted: nothing after 30 s was analysed" in document["notes"]
    assert "Interrupted; the answer is for the first 30 s of long.wav." in err
    assert "nothing after 30 s was analysed" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_ctrl_c_ends_with_130_and_leaves_nothing_half_written(process, tone, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    running = process("analyze", tone, "-p", "made-up", "--set", "reasoner=slow", "--html", "report.html", start=True)
    assert running.stdout.readline() == "reasoning\n"
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
