"""What is kept of an analysis."""

import json
import wave

import affekt
from affekt_studio.results import display_name, without_paths, write_analysis


def test_a_recording_in_windows_is_kept_with_all_of_them(tmp_path, cheap):
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * 62))
    felt = affekt.load(cheap, speaker=None, prosody=None).analyze(tmp_path / "long.wav")
    write_analysis(felt, "long.wav", tmp_path / "kept")
    view = json.loads((tmp_path / "kept" / "view.json").read_text(encoding="utf-8"))
    assert len(view["windows"]) == len(felt.parts) > 1
    assert view["windows"][-1]["end"] == 62.0
    assert str(tmp_path) not in (tmp_path / "kept" / "result.json").read_text(encoding="utf-8")


def test_absolute_paths_are_cut_to_their_last_name():
    told = {"model": "/home/ada/models/x", "folder": "C:\\Users\\ada\\y", "name": "a/b", "list": ["/z/q"], "n": 1}
    assert without_paths(told) == {"model": "x", "folder": "y", "name": "a/b", "list": ["q"], "n": 1}


def test_a_name_is_one_line_without_folders():
    assert display_name("../../etc/pass\nwd") == "passwd"
    assert display_name("C:\\x\\a.mp4") == "a.mp4"
    assert len(display_name("a" * 500)) == 120
