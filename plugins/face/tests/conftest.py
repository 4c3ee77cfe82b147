"""Real clips and real weights; a test that needs what is absent says so and is skipped."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import affekt_media
import pytest
from affekt import Clip, WeightsError
from affekt_face.face_track import FaceTracker
from affekt_weights import fetch

SHARED = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).resolve().parents[4] / "shared"))

Load = Callable[[str], Clip]


@pytest.fixture(scope="session")
def fer2013() -> Path:
    folder = SHARED / "data" / "fer2013"
    if not folder.is_dir():
        pytest.skip(f"needs FER2013 in {folder}: set AFFEKT_SHARED to the folder that holds data/")
    return folder


@pytest.fixture(scope="session")
def load() -> Load:
    """Sample clips by name, decoded once."""
    folder = SHARED / "samples"
    if not folder.is_dir():
        pytest.skip(f"needs the sample clips in {folder}: set AFFEKT_SHARED to the folder that holds samples/")
    return cache(lambda name: affekt_media.load(folder / f"{name}.mp4"))


@pytest.fixture(scope="session")
def tracker() -> FaceTracker:
    try:
        fetch("face-landmarker")
    except WeightsError as error:
        pytest.skip(f"needs the weights of the face landmarker: {error}")
    return FaceTracker()


@pytest.fixture(scope="session")
def tracked(load: Load, tracker: FaceTracker) -> Load:
    """Sample clips by name with their face tracks, followed once."""
    return cache(lambda name: tracker.prepare([load(name)])[0])
