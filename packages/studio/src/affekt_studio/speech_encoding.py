"""Speech in the formats of OpenAI's route. Wave, FLAC and MP3 carry a signed manifest; in all of them is a mark."""

import tempfile
from pathlib import Path
from typing import Any, Literal, get_args

import av
import numpy as np
import soundfile  # type: ignore[import-untyped]

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
FORMATS: tuple[Format, ...] = get_args(Format)
SIGNED = ("wav", "flac", "mp3")
"""The formats that a worker writes, with a manifest, through affekt-voices."""
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
PCM_RATE = 24_000
_CONTAINERS = {"opus": ("ogg", "libopus", 48_000), "aac": ("adts", "aac", 24_000)}


def encode(speech: Path, format: Format) -> bytes:
    """The bytes of a speech file that is marked already, in a format that holds no manifest.

    Args:
        speech: a wave file as affekt-voices wrote it.
    """
    samples, rate = soundfile.read(speech, dtype="float32")
    if format == "pcm":
        pieces = [frame.to_ndarray() for frame in _resampled(samples, rate, "s16", PCM_RATE)]
        return np.concatenate(pieces, axis=1).astype("<i2").tobytes()
    container_name, codec, coded_rate = _CONTAINERS[format]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "speech"
        with av.open(str(target), "w", format=container_name) as container:
            stream: Any = container.add_stream(codec, rate=coded_rate)
            stream.layout = "mono"
            for frame in _resampled(samples, rate, stream.format.name, coded_rate):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return target.read_bytes()


def _resampled(samples: np.ndarray, rate: int, format: str, wanted: int) -> list[av.AudioFrame]:
    resampler = av.AudioResampler(format=format, layout="mono", rate=wanted)
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = rate
    return [*resampler.resample(frame), *resampler.resample(None)]
