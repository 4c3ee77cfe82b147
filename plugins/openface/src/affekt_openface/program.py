"""Runs OpenFace's program on the pictures of a clip."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from affekt import ComponentError, VideoFrames
from PIL import Image


def located(program: str) -> str | None:
    """Where the program is, or None."""
    return shutil.which(program)


@contextmanager
def extracted(program: str, video: VideoFrames, patience: float) -> Iterator[Path]:
    """The table that OpenFace makes of these pictures; it is gone afterwards. Its frames are numbered from 1.

    Raises:
        ComponentError: the program fails, takes longer than `patience` seconds, or writes no table.
    """
    with TemporaryDirectory(prefix="affekt-openface-") as name:
        folder = Path(name)
        (folder / "frames").mkdir()
        for number, frame in enumerate(video.frames, start=1):
            Image.fromarray(frame).save(folder / "frames" / f"{number:06d}.bmp")
        command = [program, "-fdir", str(folder / "frames"), "-out_dir", str(folder), "-of", "clip", "-aus"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=patience, check=False, cwd=folder
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ComponentError(
                f"OpenFace's {Path(program).name} did not finish: {error}", hint="a larger patience, or source: face"
            ) from error
        table = folder / "clip.csv"
        if done.returncode or not table.is_file():
            messages = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["nothing"]
            raise ComponentError(
                f"OpenFace's {Path(program).name} ended with {done.returncode} and said: {messages[0][:300]}",
                hint="run it by hand on a video, or source: face",
            )
        yield table
