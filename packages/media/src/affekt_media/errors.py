"""Why a file did not become a clip.

    affekt.MediaError
    ├── MediaNotFound (FileNotFoundError)   there is no such file
    ├── UnreadableMedia (ValueError)        no media: empty, a directory, a device, a text file, another format
    │   └── TruncatedMedia                  cut off so early that nothing could be decoded
    ├── MediaTooLong (ValueError)           longer than `Limits.max_seconds`
    ├── MediaTooBig (ValueError)            more pixels, tracks or bytes than the limits allow
    ├── TrackNotFound (LookupError)         the file has no track of this number
    ├── DecodingTimedOut (TimeoutError)     the decoder took too long and was killed
    └── DecoderCrashed                      the decoder died; the message names the signal

A file that is only partly damaged gives a clip whose `notes` say what was lost.
"""

from affekt.errors import MediaError


class MediaNotFound(MediaError, FileNotFoundError):
    """There is no such file."""


class UnreadableMedia(MediaError, ValueError):
    """What is there is no media file that can be read."""


class TruncatedMedia(UnreadableMedia):
    """The file is cut off so early, or damaged so badly, that nothing could be decoded."""


class MediaTooLong(MediaError, ValueError):
    """The file lasts longer than `Limits.max_seconds`."""


class MediaTooBig(MediaError, ValueError):
    """The file asks for more pixels, tracks or bytes than the limits allow."""


class TrackNotFound(MediaError, LookupError):
    """The file has no track of this number, or it is of another kind."""


class DecodingTimedOut(MediaError, TimeoutError):
    """The decoder took longer than `Limits.seconds_to_decode` and was killed."""


class DecoderCrashed(MediaError):
    """The decoding process died. The caller is unharmed."""


BY_KIND: dict[str, type[MediaError]] = {
    "unreadable": UnreadableMedia,
    "truncated": TruncatedMedia,
    "too_long": MediaTooLong,
    "too_big": MediaTooBig,
    "no_track": TrackNotFound,
}
"""What the child calls an error → its class."""
