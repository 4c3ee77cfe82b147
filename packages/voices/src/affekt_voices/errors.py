"""What can go wrong when speech is marked and written.

AffektError
├── WatermarkError     the mark cannot be written, or cannot be heard afterwards; no file was written
└── SpeechFileError    the file cannot be written for another reason: its suffix, its folder, the disk
"""

from affekt.errors import AffektError


class WatermarkError(AffektError):
    """Speech does not carry the watermark that it must carry; nothing was written."""


class SpeechFileError(AffektError):
    """Speech cannot be written to this file; what was there before is untouched."""
