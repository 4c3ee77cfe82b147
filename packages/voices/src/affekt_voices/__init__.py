"""Voices: lent with consent and kept sealed; and speech that says it is synthetic.

    from affekt_voices import VoiceStore, detect, mark, verify, write_speech
    write_speech(result, "reply.wav")      # marks, encodes, signs, reads back, checks both; only then has the file
    verify("reply.wav").sentence           # what a third party can tell
    VoiceStore().use("anna", "replies")    # the voice, if its consent allows this now

Importing this loads no network and no torch: that happens when the first sound is marked or heard.
Enrolment (`enrolment.enrol`) and the speaker encoder (`speaker_identity`) are modules of their own.
"""

from affekt_voices.errors import (
    ConsentError,
    EnrolmentError,
    ManifestError,
    SpeechFileError,
    StoreError,
    WatermarkError,
)
from affekt_voices.records import ConsentRecord
from affekt_voices.speech_file import require_format, write_speech
from affekt_voices.store import Voice, VoiceStore
from affekt_voices.verification import Verdict, verify
from affekt_voices.watermark import Heard, detect, mark

__all__ = [
    "ConsentError",
    "ConsentRecord",
    "EnrolmentError",
    "Heard",
    "ManifestError",
    "SpeechFileError",
    "StoreError",
    "Verdict",
    "Voice",
    "VoiceStore",
    "WatermarkError",
    "detect",
    "mark",
    "require_format",
    "verify",
    "write_speech",
]
