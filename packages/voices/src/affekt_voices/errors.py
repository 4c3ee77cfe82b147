"""What can go wrong when voices are kept, and speech is marked, signed and written.

AffektError
├── WatermarkError     the mark cannot be written, or cannot be heard afterwards; no file was written
├── SpeechFileError    the file cannot be written for another reason: its suffix, its folder, the disk
├── ManifestError      the file cannot be signed, or what was signed cannot be read back; no file was written
├── ConsentError       there is no valid consent for this use of a voice; nothing is spoken
├── EnrolmentError     these recordings cannot enrol a voice: too short, noisy, of several people, without consent
└── StoreError         the store of voices was changed by somebody else, or its key is not here
"""

from affekt.errors import AffektError


class WatermarkError(AffektError):
    """Speech does not carry the watermark that it must carry; nothing was written."""


class SpeechFileError(AffektError):
    """Speech cannot be written to this file; what was there before is untouched."""


class ManifestError(AffektError):
    """Speech does not carry the signed manifest that it must carry; nothing was written."""


class ConsentError(AffektError):
    """Nobody has agreed to this use of a voice, or no longer agrees; nothing is spoken."""


class EnrolmentError(AffektError):
    """These recordings do not enrol a voice; nothing was kept."""


class StoreError(AffektError):
    """The store of voices cannot be trusted or opened; nothing is spoken with it."""
