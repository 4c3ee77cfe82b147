"""What can go wrong on the way to weights.

WeightsError                      in core: `except WeightsError` catches all of these
├── NotInManifest (LookupError)   no installed plugin announces weights of this name
├── BadManifest (ValueError)      an entry contradicts itself
├── WrongHash                     what arrived, or what is here, is not what the entry promises
├── Offline                       the weights are not in the cache and no connection may be opened
├── SourceFailed                  no source could deliver; the message gives the reason of each
├── Bundled                       the weights come with an installed distribution and go with it
└── UnsafeWeights                 a file could run code when it is loaded
"""

from affekt.errors import WeightsError


class NotInManifest(WeightsError, LookupError):
    """No installed plugin announces weights of this name."""


class BadManifest(WeightsError, ValueError):
    """An entry contradicts itself: a file without a source, a path that leaves its folder."""


class WrongHash(WeightsError):
    """What arrived, or what is here, is not what the entry promises. In the cache, the bad file is gone."""


class Offline(WeightsError):
    """The weights are not in the cache, and `AFFEKT_OFFLINE` forbids to fetch them."""


class SourceFailed(WeightsError):
    """No source could deliver the weights."""


class Bundled(WeightsError):
    """The weights come with an installed distribution: they are removed by uninstalling it."""


class UnsafeWeights(WeightsError):
    """The file could run code when it is loaded."""
