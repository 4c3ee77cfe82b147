import json


def test_a_reasoner_that_answers_is_asked_about_the_recording(affekt, tone, tmp_path):
    path = tmp_path / "curious.yaml"
    path.write_text("reasoner: curious\n")
    done = affekt("ask", tone, "Is it bright?", "-p", path, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["question"], answer["task"], answer["text"]) == ("Is it bright?", "reason", "Is it bright? Yes.")
    assert answer["clues"][0]["text"] == "a bright tone"
    done = affekt("ask", tone, "--task", "voice", "-p", path)
    assert done.stdout == "It tells of voice.\n"


def test_what_cannot_be_answered_is_refused_before_the_recording_is_read(affekt, tmp_path):
    path = tmp_path / "glad.yaml"
    path.write_text("reasoner: glad\n")
    done = affekt("ask", "nowhere.wav", "Why?", "-p", path)
    assert done.returncode == 1
    assert "the reasoner Glad answers no questions" in done.stderr
    done = affekt("ask", "nowhere.wav", "--task", "mood", "-p", path)
    assert 'there is no task "mood"' in done.stderr
