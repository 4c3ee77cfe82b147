"""Writes real media files for the tests: any container, codec, rate, layout, number of tracks, times and subtitles."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.subtitles.subtitle import SubtitleSet

Cue = tuple[float, float, str]
_ASS_HEADER = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,16\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


@dataclass
class Picture:
    """A video track."""

    codec: str = "libx264"
    size: tuple[int, int] = (64, 48)
    times: Sequence[float] = tuple(k / 10 for k in range(20))
    """Seconds; frame k has brightness 10 k."""
    pixels: np.ndarray | None = None
    """The same for all frames, UInt8["height width 3"]."""
    default: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of the codec context."""


@dataclass
class Sound:
    """An audio track: one sine."""

    codec: str = "aac"
    rate: int = 48_000
    layout: str = "mono"
    seconds: float = 2.0
    hertz: float = 440.0
    gains: Sequence[float] | None = None
    """One a channel; 0.5 each when None."""
    samples: np.ndarray | None = None
    """Float32["channel time"] in place of the sine."""
    default: bool = True
    language: str | None = None
    title: str | None = None
    delay: float = 0.0
    """Seconds before its first sample."""


Write = Callable[..., Path]


@pytest.fixture(scope="session")
def write_media() -> Write:
    """`write_media(path, pictures=[{...}], sounds=[{...}], cues=[...])`, with the fields of `Picture` and `Sound`."""
    return _write


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample clips."""
    root = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("AFFEKT_SHARED", root.parent / "shared")) / "samples"
    if not folder.is_dir():
        pytest.skip(f"needs the sample clips in {folder}; set AFFEKT_SHARED to the folder that holds samples/")
    return folder


@pytest.fixture(scope="session")
def sentence(samples: Path) -> Path:
    """8.7 s of a man speaking, mp4 with its index at the end."""
    return samples / "white_house_statement_2015.mp4"


def sine(sound: Sound) -> np.ndarray:
    """Float32["channel time"]."""
    channels = av.AudioLayout(sound.layout).nb_channels
    wave = np.sin(2 * np.pi * sound.hertz * np.arange(round(sound.seconds * sound.rate)) / sound.rate)
    gains = sound.gains or [0.5] * channels
    return np.outer(gains, wave).astype(np.float32)


def _write(
    path: Path,
    *,
    pictures: Sequence[Mapping[str, Any]] = (),
    sounds: Sequence[Mapping[str, Any]] = (),
    cues: Sequence[Cue] = (),
    cue_codec: str = "subrip",
    format: str | None = None,
) -> Path:
    with av.open(str(path), "w", format=format) as output:
        writers = [_add_picture(output, Picture(**picture)) for picture in pictures]
        writers += [_add_sound(output, Sound(**sound)) for sound in sounds]
        if cues:
            writers.append(_add_cues(output, cues, cue_codec))
        for writer in writers:
            for packet in writer():
                output.mux(packet)
    return path


def _add_picture(output, picture: Picture):
    stream = output.add_stream(picture.codec, rate=1000 if picture.codec == "libx264" else 10)
    stream.width, stream.height = picture.size
    stream.pix_fmt = "yuvj420p" if picture.codec == "mjpeg" else "yuv420p"
    ticks = 1000 if picture.codec == "libx264" else 10
    stream.codec_context.time_base = Fraction(1, ticks)
    stream.disposition = av.stream.Disposition.default if picture.default else av.stream.Disposition(0)
    for name, value in picture.changes.items():
        setattr(stream.codec_context, name, value)
    width, height = picture.size

    def packets():
        for number, time in enumerate(picture.times):
            flat = np.full((height, width, 3), min(10 * number, 255), np.uint8)
            frame = av.VideoFrame.from_ndarray(flat if picture.pixels is None else picture.pixels, format="rgb24")
            frame.pts, frame.time_base = round(time * ticks), Fraction(1, ticks)
            yield from stream.encode(frame)
        yield from stream.encode(None)

    return packets


def _add_sound(output, sound: Sound):
    stream = output.add_stream(sound.codec, rate=sound.rate, layout=sound.layout)
    stream.disposition = av.stream.Disposition.default if sound.default else av.stream.Disposition(0)
    if sound.language:
        stream.metadata["language"] = sound.language
    if sound.title:
        stream.metadata["title"] = sound.title
    data = sine(sound) if sound.samples is None else sound.samples
    wanted = stream.codec_context.format or av.AudioFormat("s16")
    resampler = av.AudioResampler(format=wanted, layout=sound.layout, rate=sound.rate)

    def packets():
        frame = av.AudioFrame.from_ndarray(data.T.reshape(1, -1).copy(), format="flt", layout=sound.layout)
        frame.sample_rate, frame.time_base = sound.rate, Fraction(1, sound.rate)
        fifo = av.AudioFifo()
        for converted in resampler.resample(frame):
            fifo.write(converted)
        size = stream.codec_context.frame_size or 1024
        place = round(sound.delay * sound.rate)
        while (chunk := fifo.read(size, partial=True)) is not None:
            chunk.pts, place = place, place + chunk.samples
            yield from stream.encode(chunk)
        yield from stream.encode(None)

    return packets


def _add_cues(output, cues: Sequence[Cue], codec: str):
    stream = output.add_stream(codec)
    stream.codec_context.subtitle_header = _ASS_HEADER.encode()
    stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)

    def packets():
        for start, end, text in cues:
            ticks, lasting = round(start * 1000), round((end - start) * 1000)
            line = SubtitleSet.create(b"0,0,Default,,0,0,0,," + text.encode(), 0, lasting, ticks * 1000)
            packet = stream.codec_context.encode_subtitle(line)
            packet.pts = packet.dts = ticks
            packet.duration, packet.stream, packet.time_base = lasting, stream, Fraction(1, 1000)
            yield packet

    return packets
