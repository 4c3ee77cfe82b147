"""Texts that are analysed by themselves."""

import json

import pytest
from affekt import MediaError
from affekt_cli.main import app
from affekt_cli.written import LONGEST, is_written, text_clip
from typer.testing import CliRunner


def test_a_text_file_is_analysed_beside_recordings(affekt, tone, tmp_path):
    path = tmp_path / "argument.txt"
    path.write_text("They lied to all of us.\n")
    done = affekt("analyze", path, tone, "-p", "made-up", "--json")
    assert done.returncode == 0, done.stderr
    written, heard = map(json.loads, done.stdout.splitlines())
    assert (written["source"], written["text"], written["label"]) == (str(path), "They lied to all of us.", "happy")
    assert written["missing"]["audio"] == "a text has no sound"
    assert heard["source"] == str(tone)
    shown = affekt("analyze", path, "-p", "made-up", "--html", "page.html")
    assert shown.returncode == 0, shown.stderr
    assert "happy 75%" in shown.stdout
    assert "They lied" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("affekt")
def test_a_dash_reads_standard_input():
    done = CliRunner().invoke(app, ["analyze", "-", "-p", "made-up", "--json"], input="Was für ein Tag!".encode())
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["text"] == "Was für ein Tag!"
    empty = CliRunner().invoke(app, ["analyze", "-", "-p", "made-up"], input=b"")
    assert empty.exit_code == 1
    assert "standard input holds no words" in " ".join(empty.stderr.split())


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "holds no words"),
        (b" \n... \n", "holds no words"),
        (b"\x89PNG\r\n\x1a\n\x00", "not text in UTF-8: byte 0 is 0x89"),
        (b"RIFF\x00\x00WAVE", "binary data"),
        (b"word " * (LONGEST // 5 + 1), "longer than 1,000,000 bytes"),
    ],
)
def test_a_file_that_holds_no_text_is_refused_with_what_to_do(tmp_path, data, wrong):
    path = tmp_path / "odd.txt"
    path.write_bytes(data)
    with pytest.raises(MediaError, match=wrong) as refused:
        text_clip(str(path))
    assert refused.value.hint
    assert str(path) in str(refused.value)


def test_a_missing_text_is_named_and_the_others_go_on(affekt, tmp_path):
    there = tmp_path / "there.TXT"
    there.write_bytes("\ufeffGrüße".encode("utf-16-le"))
    done = affekt("analyze", tmp_path / "lost.txt", there, "-p", "made-up", "--json")
    assert done.returncode == 1
    lost, found = map(json.loads, done.stdout.splitlines())
    assert "No such file" in lost["error"]["message"]
    assert found["text"] == "Grüße"
    assert is_written(str(there))
    assert not is_written("film.mp4")
