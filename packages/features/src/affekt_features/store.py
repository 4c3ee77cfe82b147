"""The store: key → features, or why there are none.

<store>/features/ab/abcd….safetensors     entries, see `entry`
<store>/contents/ab/abcd…                 what a medium's modalities decode to, see `contents`
<store>/clips/SET/SLOT-….json             which clip of a data set has which entry, see `listings`
<store>/imports/NAME.json                 features that others computed, see `ready_made`
<store>/.partial/ .claims/                files being written, keys being computed; empty when nobody works
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from affekt import Features, Missing

from affekt_features.backends import Stamp, open_backend
from affekt_features.claims import Claims
from affekt_features.entry import (
    PART,
    Checksum,
    Header,
    Precision,
    length_of_header,
    pack,
    read_header,
    unpack,
    values_of,
)
from affekt_features.errors import Corrupt, StoreError

DEFAULT = "features"
"""The store of commands that name none: a folder below the one they are run in."""
logger = logging.getLogger("affekt_features")
TOLD = 5
"""Corrupt entries that are told one by one."""
_BEGINNING = 2048
"""Bytes that hold most headers."""

Computed = Mapping[str, Features | Missing]


class FeatureStore:
    """Features by key. Many may read and write at once, in any number of processes."""

    def __init__(self, url: str | Path, **options: Any) -> None:
        """Opens a store, and makes it where there is none.

        Args:
            url: a local folder, or a URL of fsspec such as "s3://bucket/features".
            options: of fsspec's file system: credentials, endpoints.

        Raises:
            StoreError: it cannot be opened or made.
        """
        self.backend = open_backend(url, **options)
        self.claims = Claims(self.backend)
        self.found_corrupt = 0
        """Entries that were there and not whole, since the store was opened here."""
        self._corrupt: set[str] = set()
        self._trusted: dict[str, Stamp] = {}
        self.written = 0
        """Bytes of entries, since the store was opened here."""

    @property
    def url(self) -> str:
        """Where it is."""
        return self.backend.url

    def get(self, key: str) -> Features | Missing | None:
        """What is stored under a key; None when nothing is, or when it is corrupt, which is counted.

        Every byte is verified when this process reads the file for the first time, and again once the file changes.
        """
        checksum = Checksum()
        file = self.backend.read(name_of(key), checksum.feed, self._trusted.get(key))
        if file is None:
            return None
        try:
            value = unpack(key, file.data, checksum if file.fed else None)
            if file.fed and file.stamp is not None:
                self._trusted[key] = file.stamp
            return value
        except Corrupt as error:
            if key not in self._corrupt:  # it is looked at several times until somebody has computed it again
                self._corrupt.add(key)
                self.found_corrupt += 1
                log = logger.warning if self.found_corrupt <= TOLD else logger.debug
                log("%s; it will be computed again", error.message)
                if self.found_corrupt == TOLD:
                    logger.warning("further ones in %s are counted and not told", self.url)
            return None

    def header(self, key: str) -> Header | Missing | None:
        """What an entry says before its values are read; None when there is none, or its beginning is corrupt."""
        data = self.backend.begin(name_of(key), _BEGINNING)
        if data is not None and len(data) >= 8 and length_of_header(data) > len(data) == _BEGINNING:
            data = self.backend.begin(name_of(key), length_of_header(data))
        if data is None or len(data) < 8:
            return None
        try:
            return read_header(key, data)
        except Corrupt:
            return None

    def values(self, key: str) -> np.ndarray[Any, Any]:
        """The values of an entry in the type they are stored in, memory-mapped where the store is a folder.

        Every byte is verified when this process looks at the entry for the first time, as by `get`. The memory is free
        again once the array is gone.

        Raises:
            StoreError: the entry is gone.
            Corrupt: it has changed since it was written.
        """
        file = self.backend.map(name_of(key))
        if file is None:
            raise StoreError(f'the entry {key} is gone from "{self.url}"', hint="`affekt extract` again")
        if file.stamp is None or self._trusted.get(key) != file.stamp:
            checksum = Checksum()
            for begin in range(0, len(file.data), PART):
                checksum.feed(file.data.data[begin : begin + PART])
            unpack(key, file.data, checksum)
            if file.stamp is not None:
                self._trusted[key] = file.stamp
        return values_of(key, file.data)

    def put(self, key: str, value: Features | Missing, precision: Precision = "float32") -> int:
        """Stores a value and returns its size in bytes; it appears whole or not at all.

        Raises:
            StoreFull: there is no room for it. All other entries are intact.
        """
        data = pack(key, value, precision)
        self.backend.write(name_of(key), data)
        self.written += len(data)
        self._corrupt.discard(key)
        return len(data)

    def through(
        self,
        keys: Sequence[str],
        compute: Callable[[Sequence[str]], Computed],
        precision: Precision = "float32",
    ) -> list[Features | Missing]:
        """What is stored under these keys; what is not is computed, by whoever claims it first, and stored.

        Args:
            compute: called with keys that nobody else is computing; returns the value of each.
            precision: what is computed is rounded to, before it is stored and returned.

        Raises:
            StoreFull: see `put`. Whatever `compute` raises goes through; the claims are dropped.
        """
        results: dict[str, Features | Missing] = {}

        def look(wanted: Sequence[str]) -> list[str]:
            results.update({key: value for key in wanted if (value := self.get(key)) is not None})
            return [key for key in wanted if key not in results]

        def make(wanted: Sequence[str]) -> None:
            if wanted := look(wanted):  # somebody may have finished it before the claim was won
                for key, value in compute(wanted).items():
                    self.put(key, value, precision)
                    results[key] = _as_stored(value, precision)

        if absent := look(list(dict.fromkeys(keys))):
            with self.claims.some(absent) as mine:
                make(mine)
            for key in absent:
                if key not in results:
                    with self.claims.one(key):
                        make([key])
        return [results[key] for key in keys]

    def keys(self) -> Iterator[str]:
        """The keys of every entry, in order."""
        for name in self.backend.names("features"):
            yield name.rpartition("/")[2].removesuffix(".safetensors")

    def verify(self, *, remove: bool = False) -> dict[str, Any]:
        """Reads every entry: how many are whole, and the keys of those that are not.

        Args:
            remove: the corrupt ones.
        """
        intact, corrupt = 0, []
        for key in self.keys():
            checksum = Checksum()
            file = self.backend.read(name_of(key), checksum.feed)
            try:
                if file is not None:
                    unpack(key, file.data, checksum)
                    intact += 1
            except Corrupt:
                corrupt.append(key)
                if remove:
                    self.backend.remove(name_of(key))
        return {"whole": intact, "corrupt": corrupt}

    def note(self, name: str, data: Any) -> None:
        """Stores plain data as JSON."""
        self.backend.write(name, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode())

    def noted(self, name: str) -> Any:
        """What `note` stored; None when there is nothing, or it is no JSON."""
        file = self.backend.read(name)
        try:
            return None if file is None else json.loads(bytes(file.data))
        except ValueError:
            return None


def _as_stored(value: Features | Missing, precision: Precision) -> Features | Missing:
    if precision == "float32" or isinstance(value, Missing):
        return value
    return replace(value, values=value.values.astype(precision).astype(np.float32))


def name_of(key: str) -> str:
    """The name of the file of a key; a folder never holds all entries."""
    return f"features/{key[:2]}/{key}.safetensors"
