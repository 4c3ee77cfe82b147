"""Training reads features when a batch needs them: memory does not grow with the store."""

import json
import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="the entries have holes, which NTFS would fill")
def test_training_keeps_no_more_of_a_store_than_a_batch(llama, tmp_path):
    # 600 clips are 1.7 GB in the store's type and 3.5 GB in single precision.
    command = [sys.executable, "-m", "affekt_training.memory", "--clips", "600", "--steps", "40"]
    done = subprocess.run(
        [*command, "--language-model", str(llama), "--folder", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["clips"], found["steps"]) == (600, 40)
    assert found["stored"] > 1.7e9
    assert found["resident"] - found["imported"] < 3e8
