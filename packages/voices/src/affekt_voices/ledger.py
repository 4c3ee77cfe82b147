"""What was done with voices, in the order it was done: a file that is only ever added to.

Each line carries a keyed hash of itself and of the line before it, so that a changed, removed or inserted line shows.
The anchor, kept beside the keys and not beside the ledger, says how far the ledger had come: an older copy put in its
place shows too, and so does a clock that was set back.
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from affekt_voices.errors import StoreError
from affekt_voices.folders import write_private

_START = "0" * 64
CLOCK_SLACK = timedelta(minutes=5)
"""Clocks are corrected by seconds all the time; by more, somebody has set one back."""

ENDS = ("revoked", "expired", "purged")
"""Events after which a record is of no use, whatever is put back on the disk."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event in the ledger."""

    time: str
    """ISO 8601, UTC."""
    event: str
    """added, used or refused; or one of `ENDS`."""
    record: str
    """Id of the consent record; no names, so that the ledger may outlive them."""
    detail: str = ""
    """What it was asked for, or why it was taken back."""


class Ledger:
    """Entries in `path`, bound to `anchor` by `key`."""

    def __init__(self, path: Path, anchor: Path, key: bytes) -> None:
        self.path, self.anchor, self._key = path, anchor, hmac.new(key, b"ledger", sha256).digest()

    def entries(self) -> list[Entry]:
        """All of them, checked.

        Raises:
            StoreError: the ledger was changed, shortened, or is an older one.
        """
        return [entry for entry, _ in self._checked()]

    def add(self, entry: Entry) -> None:
        """Appends one entry.

        Raises:
            StoreError: the ledger cannot be trusted, or the clock was set back.
        """
        checked = self._checked()
        self._require_clock(checked, entry.time)
        chain = self._hash(checked[-1][1] if checked else _START, entry)
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.open("a") as file:
            file.write(json.dumps({**asdict(entry), "chain": chain}) + "\n")
        self._anchor(len(checked) + 1, chain)

    def require_clock(self, now: datetime) -> None:
        """Checks that time has not gone back since the last entry.

        Raises:
            StoreError: it has, or the ledger cannot be trusted.
        """
        self._require_clock(self._checked(), now.astimezone(UTC).isoformat())

    def _require_clock(self, checked: list[tuple[Entry, str]], now: str) -> None:
        if checked and datetime.fromisoformat(now) < datetime.fromisoformat(checked[-1][0].time) - CLOCK_SLACK:
            raise StoreError(
                f"it is {now} by this machine's clock, but the last entry is from {checked[-1][0].time}",
                hint="set the clock right",
            )

    def _checked(self) -> list[tuple[Entry, str]]:
        entries, chain = [], _START
        for number, (entry, written) in enumerate(self._lines(), start=1):
            chain = self._hash(chain, entry)
            if not hmac.compare_digest(chain, written):
                raise StoreError(f"line {number} of the ledger was changed", hint=self._restore)
            entries.append((entry, chain))
        count, last = self._anchored()
        # A crash between the two writes leaves the ledger one line ahead of its anchor.
        if not count <= len(entries) <= count + 1 or (count and entries[count - 1][1] != last):
            raise StoreError(
                f"the ledger has {len(entries)} lines, its anchor says {count}: one of them is an older copy",
                hint=self._restore,
            )
        return entries

    @property
    def _restore(self) -> str:
        return (
            f'restore "{self.path}" and "{self.anchor}" from a backup; without one, delete the folders of both, '
            "and enrol the voices again"
        )

    def _lines(self) -> Iterator[tuple[Entry, str]]:
        if not self.path.is_file():
            return
        for number, line in enumerate(self.path.read_text().splitlines(), start=1):
            try:
                fields = json.loads(line)
                chain = fields.pop("chain")
                yield Entry(**fields), chain
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError(f"line {number} of the ledger is no entry", hint=self._restore) from error

    def _hash(self, before: str, entry: Entry) -> str:
        content = before + json.dumps(asdict(entry), sort_keys=True)
        return hmac.new(self._key, content.encode(), sha256).hexdigest()

    def _anchor(self, count: int, chain: str) -> None:
        write_private(self.anchor, json.dumps({"count": count, "chain": chain}).encode())

    def _anchored(self) -> tuple[int, str]:
        try:
            fields = json.loads(self.anchor.read_text())
            return int(fields["count"]), str(fields["chain"])
        except FileNotFoundError:
            return 0, _START
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f'"{self.anchor}" is no anchor of a ledger', hint=self._restore) from error
