"""The index of a store: which clip has which features, by the names that people and other programs use.

    index = FeatureIndex(FeatureStore("features"), "ravdess")
    index["03-01-05-01-01-01-01"]["hubert"].load().to_frame()

It is made of the listings that extractions write, and reads the header of an entry when its clip is asked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from affekt import Missing

from affekt_features.errors import StoreError
from affekt_features.listings import Listing, listings
from affekt_features.store import FeatureStore
from affekt_features.stored import StoredFeatures

Entry = StoredFeatures | Missing
"""Features that are read on use, or why the clip has none."""


class FeatureIndex(Mapping[str, Mapping[str, Entry]]):
    """Clip → slot → entry. A slot that was extracted by two recipes stands twice: `prosody-1f00ba44`."""

    def __init__(self, store: FeatureStore, dataset: str | None = None) -> None:
        """Reads the listings of a store.

        Args:
            dataset: only the clips of this data set.

        Raises:
            DataError: a listing is damaged.
            StoreError: two data sets have clips of one name with different features.
        """
        self.store = store
        self._keys: dict[str, dict[str, str]] = {}
        listed = list(listings(store, dataset))
        recipes = Counter(slot for _, slot in {(each.name, each.slot) for each in listed})
        for listing in listed:
            self._add(listing, listing.slot if recipes[listing.slot] == 1 else listing.name)

    def _add(self, listing: Listing, slot: str) -> None:
        for clip, key in listing.clips.items():
            if self._keys.setdefault(clip, {}).setdefault(slot, key) != key:
                raise StoreError(
                    f'"{self.store.url}" lists other features of a clip "{clip}" in another data set than '
                    f"{listing.dataset}",
                    hint=f'FeatureIndex(store, "{listing.dataset}")',
                )

    def keys_of(self, clip: str) -> Mapping[str, str]:
        """Slot → key of the clip's entry, without looking at the entries.

        Raises:
            KeyError: no listing has the clip.
        """
        return dict(self._keys[clip])

    def slots(self) -> tuple[str, ...]:
        """The slots in which any clip has an entry, in order of the alphabet."""
        return tuple(sorted({slot for keys in self._keys.values() for slot in keys}))

    def __getitem__(self, clip: str) -> Mapping[str, Entry]:
        """The entries of a clip.

        Raises:
            KeyError: no listing has the clip.
            StoreError: an entry is gone or corrupt.
        """
        return {slot: self._entry(clip, key) for slot, key in self._keys[clip].items()}

    def _entry(self, clip: str, key: str) -> Entry:
        header = self.store.header(key)
        if header is None:
            raise StoreError(
                f'the entry {key} of "{clip}" is gone from "{self.store.url}", or corrupt',
                hint="`affekt extract` again",
            )
        return header if isinstance(header, Missing) else StoredFeatures(store=self.store, key=key, header=header)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._keys))

    def __len__(self) -> int:
        return len(self._keys)
