"""Many recordings in one run: kept answers, order, what stops a run."""

import json
import os

import pytest
from affekt import PipelineSpec
from affekt_cli import many

ASKED = ("-p", "made-up", "--json")


def test_a_run_of_several_goes_on_from_its_folder(affekt, tone, tmp_path):
    other = tmp_path / "other.wav"
    other.write_bytes(tone.read_bytes())
    paths = [tone, tmp_path / "lost.wav", other]
    first = affekt("analyze", *paths, *ASKED)
    kept = tmp_path / "kept"
    again = affekt("analyze", *paths, *ASKED, "--resume", kept)
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout) == (1, first.stdout)
    lines = (kept / "answers.jsonl").read_text().splitlines()
    assert len(lines) == 2, "what could not be analysed is tried again"
    # A kill in the middle of the second line: the first is kept as it is, changed here to be seen.
    entry = json.loads(lines[0])
    entry["answer"]["analysis"]["rationale"] = "as it was kept"
    (kept / "answers.jsonl").write_text(json.dumps(entry) + "\n" + lines[1][:40])
    resumed = affekt("analyze", *paths, *ASKED, "--resume", kept)
    told = [json.loads(line) for line in resumed.stdout.splitlines()]
    assert [document.get("rationale") for document in told] == ["as it was kept", None, "It <b>sounds</b> so."]
    assert [json.loads(line)["key"] for line in _whole(kept)] == [json.loads(line)["key"] for line in lines]
    os.utime(tone, (1, 1))
    changed = affekt("analyze", *paths, *ASKED, "--resume", kept)
    assert json.loads(changed.stdout.splitlines()[0])["rationale"] == "It <b>sounds</b> so.", "the file is another one"
    other_pipeline = affekt("analyze", *paths, *ASKED, "--set", "reasoner.happy=0.9", "--resume", kept)
    assert json.loads(other_pipeline.stdout.splitlines()[2])["scores"]["happy"] == 0.9


def _whole(kept):
    lines = (kept / "answers.jsonl").read_text().splitlines()
    return [line for line in lines if line.endswith("}")]


def test_in_the_terminal_each_of_many_is_a_line_and_reports_are_written(affekt, tone, tmp_path):
    other = tmp_path / "other.wav"
    other.write_bytes(tone.read_bytes())
    done = affekt(
        "analyze", tone, other, "-p", "made-up", "--resume", tmp_path / "kept", "--html", tmp_path / "reports"
    )
    assert done.returncode == 0
    assert done.stdout.splitlines() == [f"{tone}: happy 75%", f"{other}: happy 75%"]
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["other.html", "tone.html"]


def test_answers_keep_the_order_of_the_paths_and_come_once(affekt, tone, monkeypatch):
    spec = PipelineSpec.read("made-up")
    sources = [(str(tone), None), ("b", None), ("c", None)]

    def backwards(spec, sources, left, *_):
        for number in [*reversed(left), left[-1]]:
            yield number, {"analysis": {"source": sources[number][0]}, "unwritten": []}

    monkeypatch.setattr(many, "_found", backwards)
    found = list(many.answers(spec, sources, many.Wanted()))
    assert [answer["analysis"]["source"] for _, answer in found] == [path for path, _ in sources]


def test_an_answer_is_told_before_the_next_is_there(affekt, tone, monkeypatch):
    def one_by_one(spec, sources, *_):
        yield 0, {"analysis": {"source": sources[0][0]}, "unwritten": []}
        pytest.fail("the second recording was waited for")

    monkeypatch.setattr(many, "_found", one_by_one)
    source, _ = next(many.answers(PipelineSpec.read("made-up"), [(str(tone), None), ("b", None)], many.Wanted()))
    assert source == (str(tone), None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--engine", "spark"), '"spark" is neither local nor ray'),
        (("-", "--engine", "ray"), "standard input cannot be read on other machines"),
    ],
)
def test_an_engine_that_cannot_do_it_is_refused(affekt, tone, arguments, said):
    done = affekt("analyze", tone, "-p", "made-up", *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_what_would_stop_every_recording_stops_the_run(affekt, tone):
    done = affekt("analyze", tone, tone, "-p", "faulty", "--engine", "ray")
    assert done.returncode == 2
    assert "hapy" in done.stderr
