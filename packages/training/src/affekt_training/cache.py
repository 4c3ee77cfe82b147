"""Where training keeps what is slow to make or to fetch: features, and archives of data sets."""

import os
from pathlib import Path


def default_cache() -> Path:
    """The folder of features and fetched archives; it need not exist yet."""
    home = os.environ.get("AFFEKT_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "affekt-training"
