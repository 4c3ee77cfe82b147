"""Where the training of heads keeps what is slow to make or to fetch: statistics of voices, archives of lines."""

import os
from pathlib import Path


def default_cache() -> Path:
    """The folder; it need not exist yet."""
    home = os.environ.get("AFFEKT_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "affekt-training"
