"""Speech that says it is synthetic: an inaudible watermark, and files that are never written without it.

    from affekt_voices import detect, mark, write_speech
    write_speech(result, "reply.wav")     # marks, encodes, reads back, hears the mark, and only then has the file
    detect(audio).found

Importing this loads no network and no torch: that happens when the first sound is marked or heard.
"""

from affekt_voices.errors import SpeechFileError, WatermarkError
from affekt_voices.speech_file import write_speech
from affekt_voices.watermark import Heard, detect, mark

__all__ = ["Heard", "SpeechFileError", "WatermarkError", "detect", "mark", "write_speech"]
