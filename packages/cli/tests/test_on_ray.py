"""`affekt analyze --engine ray` on a local cluster."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.mark.slow
def test_ray_gives_the_same_bytes_in_the_same_order(process, tone, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_text("no film")
    paths = [tone, bad, "tone.wav"]
    asked = ("-p", "made-up", "--json")
    local = process("analyze", *paths, *asked)
    with TemporaryDirectory(prefix="ray") as folder:  # a short path: sockets lie in it
        (Path(folder) / "ray").mkdir()
        for where in (folder, f"{folder}/ray"):  # what a cluster leaves that was killed
            Path(where, "ray_current_cluster").write_text("127.0.0.1:1")
        ray = process(
            "analyze", *paths, *asked, "--engine", "ray", "--workers", "2", "--resume", tmp_path / "kept",
            RAY_TMPDIR=folder,
        )  # fmt: skip
    assert local.returncode == 1
    assert (ray.returncode, ray.stdout) == (local.returncode, local.stdout), ray.stderr
    assert "bad.mp4" in ray.stderr
    assert len((tmp_path / "kept" / "answers.jsonl").read_text().splitlines()) == 2
