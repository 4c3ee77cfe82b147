"""The last seconds of a stream as a clip: sound and pictures in, and nothing older is kept."""

import io
from collections import deque

import numpy as np
from affekt import AudioSignal, Clip, DataError, Modality, VideoFrames
from PIL import Image, UnidentifiedImageError

RATE = 16_000
MOST_PIXELS = 1920 * 1080
SIDE = 640
MOST_FRAMES_A_SECOND = 10


class LiveWindow:
    """A rolling window of a live stream. Its clock is the sound's where there is sound, else that of the pictures."""

    def __init__(self, seconds: float = 4.0) -> None:
        self.seconds = seconds
        self._pieces: deque[np.ndarray] = deque()
        self._pictures: deque[tuple[float, np.ndarray]] = deque()
        self._kept = 0
        self._samples = 0
        self.pictures_seen = 0
        """Pictures that have come."""

    @property
    def heard(self) -> float:
        """Seconds of sound that have come."""
        return self._samples / RATE

    def add_sound(self, data: bytes) -> None:
        """Adds 16 kHz mono PCM, 16 bits, little-endian.

        Raises:
            DataError: the bytes are no whole samples, or more than the window holds at once.
        """
        if not data or len(data) % 2 or len(data) > 2 * RATE * self.seconds:
            raise DataError(
                f"a piece of sound should be whole 16-bit samples, up to {self.seconds:g} s; found {len(data)} bytes",
                hint="100 ms at a time: 3200 bytes",
            )
        samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768
        self._pieces.append(samples)
        self._kept += len(samples)
        self._samples += len(samples)
        while self._kept - len(self._pieces[0]) >= self.seconds * RATE:
            self._kept -= len(self._pieces.popleft())

    def add_picture(self, data: bytes, time: float) -> None:
        """Adds a JPEG that was taken at a time, in seconds of the stream; pictures that come too fast are let go.

        Raises:
            DataError: it is no JPEG, or too large.
        """
        if self._pictures and time - self._pictures[-1][0] < 0.9 / MOST_FRAMES_A_SECOND:
            return
        try:
            picture = Image.open(io.BytesIO(data), formats=("JPEG",))
            if picture.width * picture.height > MOST_PIXELS:
                raise DataError(f"a picture has {picture.width} by {picture.height} pixels", hint="640 by 480")
            picture.draft("RGB", (SIDE, SIDE))
            picture.thumbnail((SIDE, SIDE))
            frame = np.asarray(picture.convert("RGB"))
        except (UnidentifiedImageError, OSError, ValueError) as error:
            raise DataError("a picture should be a JPEG", hint="canvas.toBlob(…, 'image/jpeg')") from error
        if self._pictures and self._pictures[-1][1].shape != frame.shape:
            self._pictures.clear()  # the camera was turned
        self._pictures.append((time, frame))
        self.pictures_seen += 1
        while self._pictures[0][0] < time - self.seconds:
            self._pictures.popleft()

    def clip(self) -> Clip | None:
        """What was heard and seen in the last seconds; None before anything came."""
        if not self._pieces and not self._pictures:
            return None
        audio = video = None
        missing: dict[Modality, str] = {}
        end = self.heard if self._pieces else self._pictures[-1][0]
        start = max(0.0, end - (self._kept / RATE if self._pieces else self.seconds))
        if self._pieces:
            audio = AudioSignal(samples=np.concatenate(list(self._pieces)), sample_rate=RATE)
        else:
            missing["audio"] = "the stream has no sound"
        shown = [(time, frame) for time, frame in self._pictures if time >= start]
        if shown:
            times = np.array([time - start for time, _ in shown])
            fps = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 1.0
            video = VideoFrames(frames=np.stack([frame for _, frame in shown]), fps=float(fps), times=times)
        else:
            missing["video"] = "the stream has no pictures"
        return Clip(id="live", audio=audio, video=video, start=start, missing=missing)
