"""Where the recordings are: one ships with the command line, the others are research data that may be absent."""

import os
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("AFFEKT_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the research data: AFFEKT_SHARED names no folder (looked at {folder.name})")
    return folder


@pytest.fixture(scope="session")
def statement() -> Path:
    """8.7 s: a man reads a statement at a lectern, another listens."""
    return Path(str(files("affekt_cli") / "sample" / "white_house_statement_2015.mp4"))


@pytest.fixture(scope="session")
def tears(shared: Path) -> Path:
    """19.7 s: a woman's face from tears to laughter; a silent track."""
    return shared / "samples" / "tears_to_laughter_pexels.mp4"


@pytest.fixture(scope="session")
def pipeline():
    """The default pipeline, loaded once for the whole session."""
    import affekt

    return affekt.load()
