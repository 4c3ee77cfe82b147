"""One stream a track: sends what belongs to a window, and says what was missing or damaged."""

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from affekt_media.decoder.captions import Cue
from affekt_media.decoder.container import Damage
from affekt_media.decoder.picture import PictureFacts
from affekt_media.decoder.sound import SILENCE, Block, Heard
from affekt_media.wire import FRAME_HEADER, Kind, send, send_json

_MISSED_GAP = 0.1
"""Seconds without sound, from which on a note says that silence stands in its place."""

TWO_PEOPLE = (
    "the two channels of the audio track differ, as of two people with a microphone each, and are judged as one mix: "
    "--channel each (in Python channel=0, then channel=1) judges them one by one"
)


class TrackStream:
    """What streams have in common: the next item, looked at before it is taken, and the tally of damage."""

    kind: str

    def __init__(self, items: Iterator[Any], track: dict[str, Any], damage: Damage) -> None:
        self._items = items
        self.track = track
        self.damage = damage
        self._next: Any = None
        self._started = False
        self.sent = 0
        """Items sent in this window."""
        self.total = 0
        """Items sent before."""

    def peek(self) -> Any:
        """The next item; None at the end. Nothing is decoded before the first look."""
        if not self._started:
            self._started, self._next = True, next(self._items, None)
        return self._next

    def advance(self) -> None:
        self._next = next(self._items, None)

    def next_time(self) -> float:
        """Seconds at which the next item belongs; infinite at the end."""
        item = self.peek()
        return math.inf if item is None else self.time_of(item)

    def time_of(self, item: Any) -> float:
        return float(item[0])

    def send(self, pipe: BinaryIO, start: float, end: float) -> None:
        """Send all items before `end`; times count from `start`."""
        self.total += self.sent
        self.sent = 0
        while self.next_time() < end:
            self.send_item(pipe, self.peek(), start, end)
            self.sent += 1
            self.advance()

    def send_item(self, pipe: BinaryIO, item: Any, start: float, end: float) -> None:
        raise NotImplementedError

    def why_missing(self, start: float, end: float, *, single_window: bool) -> str | None:
        """Why this window has nothing of this kind; None when it has."""
        if self.sent:
            return None
        if single_window or (not self.total and self.next_time() == math.inf):
            return f"nothing of the {self.kind} track could be decoded"
        return f"the {self.kind} track holds nothing from {start:g} s to {end:g} s"

    def remarks(self) -> list[str]:
        """About this window."""
        return []

    def end(self) -> float | None:
        """Seconds from the start of the file to the end of what was decoded; None where that says nothing."""
        return None

    def closing_remarks(self) -> list[str]:
        """About the whole track, once it is read."""
        remarks = []
        if self.damage.undecodable:
            remarks.append(
                f"{self.damage.undecodable} of {self.damage.packets} packets of the {self.kind} track "
                "are damaged and were left out"
            )
        if self.damage.unreadable:
            remarks.append(f"the file is damaged: reading its {self.kind} track failed {self.damage.unreadable} times")
        if self.damage.corrupt:
            remarks.append(f"{self.damage.corrupt} damaged pictures were left out")
        claim, end = self.track["duration"], self.end()
        if claim is not None and end is not None and (note := shortfall(claim, end, self.kind)):
            remarks.append(note)
        return remarks


class SoundStream(TrackStream):
    """Samples, with silence where a gap must keep them in step with the pictures."""

    kind = "audio"

    def __init__(self, blocks: Iterator[Block], track: dict[str, Any], heard: Heard, rate: int) -> None:
        super().__init__(blocks, track, heard.damage)
        self.heard = heard
        self.rate = rate
        self._peak = 0.0
        self._cancelled = 0.0
        self._gaps: list[tuple[float, float]] = []
        self._repaired = 0

    def time_of(self, item: Block) -> float:
        return item.position / self.rate

    def send(self, pipe: BinaryIO, start: float, end: float) -> None:
        self.total += self.sent
        self.sent, self._peak, self._cancelled, self._gaps = 0, 0.0, 0.0, []
        first, stop = round(start * self.rate), round(end * self.rate)
        cursor = first
        while (block := self.peek()) is not None and block.position < stop:
            position, samples, cancelled = block
            if position > cursor:
                self._fill(pipe, cursor, position)
            now, later = samples[: stop - position], samples[stop - position :]
            send(pipe, Kind.SOUND, np.ascontiguousarray(now))
            self._peak = max(self._peak, float(np.abs(now).max()))
            self._cancelled = max(self._cancelled, cancelled)
            cursor = position + len(now)
            self.sent += 1
            if len(later):
                self._next = Block(stop, later, cancelled)
            else:
                self.advance()

    def _fill(self, pipe: BinaryIO, cursor: int, position: int) -> None:
        send(pipe, Kind.SOUND, np.zeros(position - cursor, np.float32))
        if position - cursor > _MISSED_GAP * self.rate:
            self._gaps.append((cursor / self.rate, position / self.rate))

    def why_missing(self, start: float, end: float, *, single_window: bool) -> str | None:
        reason = super().why_missing(start, end, single_window=single_window)
        if reason or self._peak >= SILENCE:
            return reason
        where = "" if single_window else f" from {start:g} s to {end:g} s"
        if self._cancelled:
            return (
                f"the channels of the audio track cancel each other out{where} (peak of the mix {_dbfs(self._peak)}, "
                f"of a channel {_dbfs(self._cancelled)}); channel=0 reads one alone"
            )
        return f"the audio track is silent{where} (peak {_dbfs(self._peak)})"

    def remarks(self) -> list[str]:
        remarks = []
        if self._gaps:
            begin, end = self._gaps[0]
            several = f", and in {len(self._gaps) - 1} more places" if len(self._gaps) > 1 else ""
            remarks.append(f"no sound was recorded from {begin:.2f} s to {end:.2f} s{several}: silence stands there")
        if repaired := self.heard.repaired - self._repaired:
            remarks.append(f"{repaired} samples of the audio track were no numbers (NaN or infinite) and became zero")
            self._repaired = self.heard.repaired
        if self._peak > 4:
            remarks.append(f"the sound reaches {self._peak:,.0f} times full scale: its samples are scaled wrongly")
        if self.heard.channels.differ():
            remarks.append(TWO_PEOPLE)
        return remarks

    def end(self) -> float | None:
        return self.heard.end


class PictureStream(TrackStream):
    """Pictures, each with its time."""

    kind = "video"

    def __init__(
        self, pictures: Iterator[tuple[float, np.ndarray]], track: dict[str, Any], facts: PictureFacts
    ) -> None:
        super().__init__(pictures, track, facts.damage)
        self.facts = facts

    def send_item(self, pipe: BinaryIO, item: tuple[float, np.ndarray], start: float, end: float) -> None:
        time, picture = item
        height, width, _ = picture.shape
        send(pipe, Kind.FRAME, FRAME_HEADER.pack(time - start, height, width), picture)

    def remarks(self) -> list[str]:
        remarks = []
        if len(self.facts.sizes) > 1:
            sizes = ", ".join(f"{width}x{height}" for width, height in sorted(self.facts.sizes)[:4])
            remarks.append(f"the pictures change size ({sizes}): all were brought to that of the first")
        if self.facts.hdr:
            remarks.append("the pictures are HDR and were not tone-mapped: colours are paler than a player shows them")
        return remarks

    def end(self) -> float | None:
        return self.facts.end


class CaptionStream(TrackStream):
    """Cues, in the window where they begin."""

    kind = "subtitle"

    def send_item(self, pipe: BinaryIO, item: Cue, start: float, end: float) -> None:
        send_json(pipe, Kind.CUE, {"start": item.start - start, "end": min(item.end, end) - start, "text": item.text})

    def why_missing(self, start: float, end: float, *, single_window: bool) -> str | None:
        return None  # a stretch without a cue is a stretch without speech, not a fault


def shortfall(stated: float, decoded: float, what: str) -> str | None:
    """A note where a file holds clearly less than it states."""
    if decoded >= stated - max(0.5, 0.02 * stated):
        return None
    return (
        f"the file states {stated:.1f} s of {what}, of which {decoded:.1f} s could be decoded: "
        "it is cut off, damaged, or states its duration wrongly"
    )


def _dbfs(peak: float) -> str:
    return f"{20 * math.log10(peak):.0f} dBFS" if peak > 0 else "-inf dBFS"
