"""Damages media files in many ways and loads each: `python -m affekt_media.fuzz clip.mp4 song.flac --count 500`.

What must hold is that every file gives a clip or one of affekt's errors, within its time, and that nothing is left
behind. The same seed makes the same damage. Exit code 1 when something else happened. Ctrl-C ends it early.
"""

import argparse
import random
import resource
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from affekt.errors import MediaError

from affekt_media.errors import DecoderCrashed
from affekt_media.limits import Limits
from affekt_media.loading import load

Damage = Callable[[bytearray, random.Random], None]
_LIMITS = Limits(seconds_to_decode=20.0, memory_bytes=2 << 30)
_BOXES = (b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"stts", b"stsz", b"stco", b"avcC", b"esds", b"LIST", b"fmt ")


def cut(data: bytearray, chance: random.Random) -> None:
    """Keep the beginning."""
    del data[chance.randrange(1, len(data)) :]


def cut_early(data: bytearray, chance: random.Random) -> None:
    """Keep less than two thousand bytes."""
    del data[chance.randrange(1, min(2000, len(data))) :]


def flip_bits(data: bytearray, chance: random.Random) -> None:
    """Flips from one bit to one in a hundred bytes, anywhere."""
    for _ in range(max(1, round(len(data) * 10 ** chance.uniform(-6, -2)))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def flip_header_bits(data: bytearray, chance: random.Random) -> None:
    """A few bits among the first kilobytes."""
    for _ in range(chance.randrange(1, 16)):
        data[chance.randrange(min(4096, len(data)))] ^= 1 << chance.randrange(8)


def edit_box(data: bytearray, chance: random.Random) -> None:
    """Another length for one box, or another number within its first fields."""
    offsets = [offset for box in _BOXES if (offset := data.find(box)) >= 4] or [chance.randrange(4, len(data) - 16)]
    offset = chance.choice(offsets) + chance.choice([-4, 4, 8, 12])
    number = chance.choice([0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF, chance.getrandbits(32)])
    data[offset : offset + 4] = struct.pack(">I", number)


def repeat_part(data: bytearray, chance: random.Random) -> None:
    """Move a stretch of the file over another."""
    size = chance.randrange(1, max(2, len(data) // 4))
    source, target = chance.randrange(len(data) - size + 1), chance.randrange(len(data) - size + 1)
    data[target : target + size] = data[source : source + size]


DAMAGES: tuple[Damage, ...] = (cut, cut_early, flip_bits, flip_header_bits, edit_box, repeat_part)


def fuzz(seeds: Sequence[Path], *, count: int, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """Outcomes and how often each came; and what must not happen, one line each."""
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            origin, damage = chance.choice(seeds), DAMAGES[number % len(DAMAGES)]
            data = bytearray(origin.read_bytes())
            damage(data, chance)
            path = Path(folder) / f"damaged{origin.suffix}"
            path.write_bytes(data)
            begin = time.monotonic()
            try:
                outcome = _outcome(path)
            except KeyboardInterrupt:  # what was found so far is worth seeing
                break
            outcomes[outcome] += 1
            if time.monotonic() - begin > _LIMITS.seconds_to_decode + 5:
                outcome = "! slower than its limit"
            if outcome.startswith("!"):
                faults.append(f"number {number}, {damage.__name__} of {origin.name}: {outcome}")
    return outcomes, faults


def _outcome(path: Path) -> str:
    try:
        clip = load(path, limits=_LIMITS)
    except DecoderCrashed as error:
        return f"DecoderCrashed: {error.message.split('failed: ')[1][:60]}"
    except MediaError as error:
        return type(error).__name__ if error.hint else f"! {type(error).__name__} without a hint"
    except Exception as error:
        return f"! {type(error).__name__}: {error}"
    return "a clip with notes" if clip.notes else "a clip"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_media.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, help="sound files to damage; they are not changed")
    parser.add_argument("--count", type=int, default=500, help="how many damaged copies to load")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    options = parser.parse_args(arguments)
    begin = time.monotonic()
    outcomes, faults = fuzz(options.files, count=options.count, seed=options.seed)
    for outcome, number in outcomes.most_common():
        print(f"{number:6}  {outcome}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{outcomes.total()} files in {time.monotonic() - begin:.0f} s; largest process {peak:.0f} MiB")
    for fault in faults:
        print(f"FAULT  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
