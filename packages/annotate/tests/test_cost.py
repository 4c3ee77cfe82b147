"""What annotation costs, of time and memory."""

import json
import subprocess
import sys

import numpy as np
import pytest
from affekt import AffektError
from affekt_annotate.commands import app
from affekt_annotate.cost import of_annotation
from affekt_annotate.memory import PeakMemory
from typer.testing import CliRunner

HUNDRED_MB = 100_000_000


def test_memory_is_that_of_this_process_and_of_its_children():
    hold = "import sys; held = b'x' * 100_000_000; print(len(held), flush=True); sys.stdin.readline()"
    with PeakMemory() as before:
        pass
    with PeakMemory() as peak:
        own = np.ones(HUNDRED_MB, np.uint8)
        child = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        peak._look()
        child.communicate(b"\n")
    assert own.sum() == HUNDRED_MB
    assert peak.bytes > before.bytes + 1.9 * HUNDRED_MB


def test_the_command_prints_minutes_a_clip_and_memory(world):
    for number in range(3):
        world.add(f"clip{number}", seed=number)
    config = world.root / "annotate.yaml"
    config.write_text(f"pipeline: {world.pipeline}\n", encoding="utf-8")
    asked = ["cost", str(world.clips), "--clips", "3", "--config", str(config)]
    told = CliRunner().invoke(app, [*asked, "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    assert len(found["warm"]) == 2
    assert found["durations"] == pytest.approx([3.0, 3.0], abs=0.2)
    assert found["minutes_a_clip"] * 60 == pytest.approx(sum(found["warm"]) / 2)
    assert len(found["processor"]) == 2
    assert all(seconds > 0 for seconds in found["processor"])
    assert found["memory"] > HUNDRED_MB


def test_a_clip_that_fails_is_no_measurement(world):
    world.add("clip")
    (world.clips / "broken.mp4").write_bytes(b"no video at all")
    with pytest.raises(AffektError, match='"broken" cannot be annotated'):
        of_annotation(world.config(), world.samples())
    with pytest.raises(AffektError, match="two clips are the least"):
        of_annotation(world.config(), world.samples()[:1])
