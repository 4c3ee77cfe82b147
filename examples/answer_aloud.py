"""A voice that answers: what is felt in a recording decides how the answer sounds.

python examples/answer_aloud.py [clip.mp4 [reply.wav]]

The file is marked as made by a machine, inaudibly and in a signed manifest, or it is not written.
"""

import sys
from importlib.resources import files

import affekt
from affekt_voices import detect, write_speech

clip = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample/white_house_statement_2015.mp4")
out = sys.argv[2] if len(sys.argv) > 2 else "reply.wav"

unseen = dict.fromkeys(["face", "action_units", "expression", "transcript", "words"])  # by voice alone: quick
pipeline = affekt.load("heads", **unseen)
reply = affekt.respond(clip, text="I hear you.", intensity=0.7, pipeline=pipeline)
print("heard:", reply.felt)
print("answered:", reply.result.request.emotion)
print(f"{out}: the mark in it was read back with a score of {write_speech(reply.result, out).score:.2f}")
print("the sound before it was written is marked:", detect(reply.result.audio).found)
