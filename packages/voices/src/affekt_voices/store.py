"""Voices lent with consent, sealed on the disk: what is asked for is checked each time it is asked for.

    voices/ledger.jsonl                  what was done, see `ledger`
    voices/<record>/record.sealed        the consent record
    voices/<record>/embedding.sealed     of the voice, bound to the record by its hash
    voices/<record>/sound-0.sealed …     the recordings
    voices/<record>/derived-<hash>.sealed  what speakers computed from them, so that they need not again
    keys/user.key                        the user's key; everything hangs on it
    keys/<record>.key                    a key a record, sealed: without it the folder of the record is noise

Revoking and purging destroy the record's key first, so that no copy of its folder is of use afterwards.
"""

import io
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
from affekt import AudioSignal
from affekt.suggestions import did_you_mean
from filelock import FileLock
from jaxtyping import Float32

from affekt_voices.errors import ConsentError, StoreError
from affekt_voices.folders import keys_folder, shred, voices_folder, write_private
from affekt_voices.ledger import ENDS, Entry, Ledger
from affekt_voices.records import ConsentRecord, checked_name, require
from affekt_voices.sealing import key_in, seal, unseal

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A voice that may be used now, for what it was asked for."""

    record: ConsentRecord
    embedding: Float32[np.ndarray, "dim"]
    recordings: tuple[AudioSignal, ...]


class VoiceStore:
    """The voices of one user. Opening it deletes those whose time is over."""

    def __init__(
        self,
        voices: Path | None = None,
        keys: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._voices, self._keys, self._now = voices or voices_folder(), keys or keys_folder(), now
        if (self._keys / "user.key").is_file():
            with self._locked() as ledger:
                self._retire(ledger)

    def add(self, record: ConsentRecord, embedding: np.ndarray, recordings: Sequence[AudioSignal]) -> None:
        """Seals a voice and its record. Checking the recordings is `enrolment`'s work.

        Raises:
            ConsentError: the name is none, or taken.
            StoreError: the embedding is not the record's, or the store cannot be trusted.
        """
        checked_name(record.voice)
        _require_embedding(record, embedding)
        key_in(self._keys / "user.key", create=True)
        with self._locked() as ledger:
            if record.voice in [kept.voice for kept in self.records()]:
                raise ConsentError(
                    f'there is a voice "{record.voice}" already', hint="another name, or revoke it first"
                )
            ledger.add(self._entry("added", record.id))
            key = secrets.token_bytes(32)
            write_private(self._keys / f"{record.id}.key", seal(self._user_key(), key, record.id))
            self._write(record.id, "embedding", key, _packed({"embedding": embedding}))
            for number, sound in enumerate(recordings):
                parts = {"samples": sound.samples, "sample_rate": np.array(sound.sample_rate)}
                self._write(record.id, f"sound-{number}", key, _packed(parts))
            self._write(record.id, "record", key, record.model_dump_json().encode())

    def use(self, name: str, purpose: str) -> Voice:
        """The voice, for one use. The ledger keeps that it was asked for, and whether it was given.

        Raises:
            ConsentError: nobody lent such a voice, or not for this, or not now.
            StoreError: what is stored was changed, or the clock was set back.
        """
        checked_name(name)
        with self._locked() as ledger:
            ledger.require_clock(self._now())
            record = self._find(name)
            _require_standing(ledger, record)
            try:
                require(record, purpose, self._now())
            except ConsentError:
                ledger.add(self._entry("refused", record.id, purpose))
                raise
            voice = self._opened(record)
            ledger.add(self._entry("used", record.id, purpose))
            return voice

    def allows(self, record: str, purpose: str) -> None:
        """Checks once more, by the record's id, before something is written.

        Raises:
            ConsentError: the record does not allow it, or is not here.
            StoreError: what is stored was changed, or the clock was set back.
        """
        with self._locked() as ledger:
            ledger.require_clock(self._now())
            matching = [candidate for candidate in self.records() if candidate.id == record]
            if not matching:
                raise ConsentError(f'there is no consent record "{record[:32]}" here', hint="`affekt voices list`")
            _require_standing(ledger, matching[0])
            require(matching[0], purpose, self._now())

    def derived(self, record: ConsentRecord, what: str, compute: Callable[[], Arrays]) -> dict[str, np.ndarray]:
        """What a speaker computes from a voice, kept sealed with it and gone with it.

        Args:
            what: names the computation with everything that it depends on besides the voice.
        """
        name = _derived(what)
        with self._locked():
            key = self._record_key(record.id)
            if (self._voices / record.id / f"{name}.sealed").is_file():
                return _unpacked(self._read(record.id, name, key))
            arrays = dict(compute())
            self._write(record.id, name, key, _packed(arrays))
            return arrays

    def kept(self, record: ConsentRecord, what: str) -> dict[str, np.ndarray] | None:
        """What `keep` or `derived` has sealed under this name; None where there is nothing yet.

        Raises:
            ConsentError: the voice was taken back or ran out.
            StoreError: what is stored was changed.
        """
        with self._locked() as ledger:
            _require_standing(ledger, record)
            key = self._record_key(record.id)
            if not (self._voices / record.id / f"{_derived(what)}.sealed").is_file():
                return None
            return _unpacked(self._read(record.id, _derived(what), key))

    def keep(self, record: ConsentRecord, what: str, arrays: Arrays | None) -> None:
        """Keeps what takes minutes to compute, as `derived` does: others may use the store meanwhile.

        Args:
            arrays: in the place of what was kept under this name; None only deletes that.

        Raises:
            ConsentError: the voice was taken back or ran out meanwhile; nothing is kept.
            StoreError: the store cannot be trusted.
        """
        with self._locked() as ledger:
            _require_standing(ledger, record)
            path, key = self._voices / record.id / f"{_derived(what)}.sealed", self._record_key(record.id)
            if self._now() >= record.expires:
                raise ConsentError(f'consent for "{record.voice}" has ended', hint="ask the person again")
            if arrays is not None:
                self._write(record.id, _derived(what), key, _packed(arrays))
            elif path.is_file():
                shred(path)

    def records(self) -> list[ConsentRecord]:
        """Every record, by name.

        Raises:
            StoreError: a record was changed.
        """
        return sorted(map(self._record, self._ids()), key=lambda record: record.voice)

    def record(self, name: str) -> ConsentRecord:
        """The record of one voice, whatever it allows.

        Raises:
            ConsentError: there is no such voice.
        """
        checked_name(name)
        return self._find(name)

    def history(self) -> list[Entry]:
        """What was done, in order.

        Raises:
            StoreError: the ledger was changed.
        """
        return self._ledger().entries()

    def revoke(self, name: str, why: str = "") -> ConsentRecord:
        """Makes a voice unusable at once and deletes all of it but its lines in the ledger.

        Raises:
            ConsentError: there is no such voice.
        """
        return self._end(name, "revoked", why)

    def purge(self, name: str) -> ConsentRecord:
        """Deletes a voice. The ledger keeps that there was one: it never held more than the record's id.

        Raises:
            ConsentError: there is no such voice.
        """
        return self._end(name, "purged", "")

    def _end(self, name: str, event: str, detail: str) -> ConsentRecord:
        checked_name(name)
        with self._locked() as ledger:
            record = self._find(name)
            self._destroy(record.id)
            ledger.add(self._entry(event, record.id, detail))
            return record

    def _retire(self, ledger: Ledger) -> None:
        """Deletes voices whose time is over, copies of ended ones, and what an interrupted enrolment left."""
        for record in self._readable():
            if self._now() >= record.expires:
                self._destroy(record.id)
                ledger.add(self._entry("expired", record.id))
        ended: set[str] = set()
        with suppress(StoreError):  # a voice can be taken back all the same
            ended = {entry.record for entry in ledger.entries() if entry.event in ENDS}
        if self._voices.is_dir():
            for folder in self._voices.iterdir():
                kept = (folder / "record.sealed").is_file() and self._has_key(folder.name)
                if folder.is_dir() and (folder.name in ended or not kept):
                    self._destroy(folder.name)

    def _destroy(self, record: str) -> None:
        key = self._keys / f"{record}.key"
        if key.is_file():
            shred(key)
        folder = self._voices / record
        for path in folder.glob("*"):
            shred(path)
        shutil.rmtree(folder, ignore_errors=True)

    def _opened(self, record: ConsentRecord) -> Voice:
        key = self._record_key(record.id)
        embedding = _unpacked(self._read(record.id, "embedding", key))["embedding"]
        _require_embedding(record, embedding)
        sounds = []
        for path in sorted((self._voices / record.id).glob("sound-*.sealed")):
            parts = _unpacked(self._read(record.id, path.stem, key))
            sounds.append(AudioSignal(samples=parts["samples"], sample_rate=int(parts["sample_rate"])))
        return Voice(record=record, embedding=embedding, recordings=tuple(sounds))

    def _find(self, name: str) -> ConsentRecord:
        """By name; what is wrong with another's record is only told where there is none of this name."""
        readable = self._readable()
        for record in readable:
            if record.voice == name:
                return record
        self.records()
        raise ConsentError(
            f'nobody lent a voice "{name}" here, or it ran out or was taken back'
            f"{did_you_mean(name, [record.voice for record in readable])}",
            hint="`affekt voices add`, or `list`",
        )

    def _ids(self) -> list[str]:
        folders = sorted(path.parent.name for path in self._voices.glob("*/record.sealed"))
        return [name for name in folders if self._has_key(name)]

    def _readable(self) -> list[ConsentRecord]:
        records = []
        for name in self._ids():
            with suppress(StoreError):
                records.append(self._record(name))
        return records

    def _record(self, record: str) -> ConsentRecord:
        hint = f'delete "{self._voices / record}", and enrol the voice again'
        try:
            consent = ConsentRecord.model_validate_json(self._read(record, "record", self._record_key(record)))
        except (ValueError, StoreError) as error:
            why = error.message if isinstance(error, StoreError) else str(error)
            raise StoreError(f"a consent record cannot be read: {why}", hint=hint) from error
        if consent.id != record:
            raise StoreError(f'the record in "{record}" calls itself "{consent.id}"', hint=hint)
        return consent

    def _has_key(self, record: str) -> bool:
        return (self._keys / f"{record}.key").is_file()

    def _record_key(self, record: str) -> bytes:
        try:
            sealed = (self._keys / f"{record}.key").read_bytes()
        except FileNotFoundError as error:
            raise ConsentError(f'the key of the voice "{record}" is gone', hint="enrol the voice again") from error
        return unseal(self._user_key(), sealed, record)

    def _user_key(self) -> bytes:
        return key_in(self._keys / "user.key")

    def _read(self, record: str, name: str, key: bytes) -> bytes:
        path = self._voices / record / f"{name}.sealed"
        try:
            sealed = path.read_bytes()
        except OSError as error:
            raise StoreError(f'"{path.name}" of a voice cannot be read: {error}', hint="enrol it again") from error
        return unseal(key, sealed, f"{record}/{name}")

    def _write(self, record: str, name: str, key: bytes, content: bytes) -> None:
        write_private(self._voices / record / f"{name}.sealed", seal(key, content, f"{record}/{name}"))

    def _entry(self, event: str, record: str, detail: str = "") -> Entry:
        return Entry(time=self._now().astimezone(UTC).isoformat(), event=event, record=record, detail=detail)

    def _ledger(self) -> Ledger:
        return Ledger(self._voices / "ledger.jsonl", self._keys / "ledger.anchor", self._user_key())

    @contextmanager
    def _locked(self) -> Iterator[Ledger]:
        if not (self._keys / "user.key").is_file():
            raise ConsentError("no voice was ever lent here", hint="`affekt voices add`")
        with FileLock(self._keys / ".lock"):
            yield self._ledger()


def _derived(what: str) -> str:
    """Names the sealed file without saying what is in it."""
    return f"derived-{sha256(what.encode()).hexdigest()[:24]}"


def _require_standing(ledger: Ledger, record: ConsentRecord) -> None:
    """The ledger must know that a voice was lent, and of no end of that."""
    events = {entry.event for entry in ledger.entries() if entry.record == record.id}
    if ended := events.intersection(ENDS):
        raise ConsentError(f'"{record.voice}" was {min(ended)}, and put back from a copy', hint="enrol the voice again")
    if "added" not in events:
        raise StoreError(f'the ledger does not say that "{record.voice}" was lent', hint="enrol the voice again")


def embedding_hash(embedding: np.ndarray) -> str:
    """What binds a record to a voice: SHA-256 of the embedding's float32 bytes."""
    return sha256(np.ascontiguousarray(embedding, dtype="<f4").tobytes()).hexdigest()


def _require_embedding(record: ConsentRecord, embedding: np.ndarray) -> None:
    if embedding_hash(embedding) != record.embedding_sha256:
        raise StoreError(
            f'the embedding of "{record.voice}" is not the one its consent was given for', hint="enrol again"
        )


def _packed(arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]
    return buffer.getvalue()


def _unpacked(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
