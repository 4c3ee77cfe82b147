"""Features computed once: a store addressed by content, and extraction that can be interrupted at any moment.

    from affekt_features import FeatureStore, cached
    store = FeatureStore("features")
    pipeline = affekt.load(speech=...)                    # or, for one encoder:
    encoder = cached(encoder, store)                      # same results, computed once

Read in this order: `entry` (one file of the store), `places` (where files lie), `claims` (who computes what),
`store`, `stored` (features that stay there until used), `keys` and `weights` (what makes two results the same),
`cached`; then `job`, `work`, `here` and `on_ray` (extraction of a data set), `listings` and `index` (which clip has
which entry), `ready_made` (features that others computed) and `exporting`.
"""

from affekt_features.cached import CachedEncoder, cached, cached_pipeline
from affekt_features.errors import Corrupt, StoreError, StoreFull
from affekt_features.index import FeatureIndex
from affekt_features.store import FeatureStore
from affekt_features.stored import StoredFeatures

__all__ = [
    "CachedEncoder",
    "Corrupt",
    "FeatureIndex",
    "FeatureStore",
    "StoreError",
    "StoreFull",
    "StoredFeatures",
    "cached",
    "cached_pipeline",
]
