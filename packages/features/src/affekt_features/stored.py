"""Features that stay in the store until somebody looks at them, so that a data set need not fit into memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from affekt import Features

from affekt_features.entry import Header
from affekt_features.errors import StoreError
from affekt_features.store import FeatureStore


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredFeatures:
    """One entry of a store: what its header says is here, its values are read on use."""

    store: FeatureStore
    key: str
    header: Header

    @property
    def values(self) -> np.ndarray[Any, Any]:
        """Rows over time [row, column] in the type they are stored in; memory-mapped, read-only, and not kept.

        Raises:
            StoreError: the entry is gone, or no longer what was written.
        """
        return self.store.values(self.key)

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.header.shape[1]

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of the columns, where they mean something."""
        return self.header.names

    def load(self) -> Features:
        """All of it in memory, in single precision.

        Raises:
            StoreError: the entry is gone, or no longer what was written.
        """
        features = self.store.get(self.key)
        if not isinstance(features, Features):
            raise StoreError(
                f'the entry {self.key} of "{self.store.url}" is gone or corrupt', hint="`affekt extract` again"
            )
        return features
