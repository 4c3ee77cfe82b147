"""The converter of the original's checkpoints, as its documentation calls it."""

import subprocess
import sys

import torch


def test_the_converter_says_what_is_wrong_and_prints_no_traceback(tmp_path):
    wrong = tmp_path / "Emotion_LLaMA.pth"
    wrong.write_bytes(b"no checkpoint")
    other = tmp_path / "other.pth"
    torch.save({"model": {"name": "a text"}}, other)
    script = "import sys; from affekt_emotion_llama import upstream\nfor path in sys.argv[1:]:\n"
    script += "    sys.argv = ['upstream', path, 'OUT']\n"
    script += "    try:\n        upstream.main()\n    except SystemExit as ended:\n        print(ended.code)\n"
    done = subprocess.run([sys.executable, "-c", script, wrong, other], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f'Error: "{wrong}"')
    assert any(line.startswith(f'Error: "{other}" has no table of tensors') for line in lines)
    absent = subprocess.run(
        [sys.executable, "-m", "affekt_emotion_llama.upstream", "absent.pth", "OUT"],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert absent.returncode == 1
    assert "Traceback" not in absent.stderr
    assert absent.stderr.startswith('Error: "absent.pth"')
