"""What is felt in one clip, and why.

python examples/one_clip.py [clip.mp4]
"""

import sys
from importlib.resources import files

import affekt

clip = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample/white_house_statement_2015.mp4")
felt = affekt.load().analyze(clip)

print(felt)
print(felt.rationale)
for clue in felt.prediction.clues:
    print(f"{clue.start:5.1f}–{clue.end:5.1f} s  {clue.modality:5}  {clue.text}")
for slot, reason in felt.missing().items():
    print(f"missing: {slot}, because {reason}")
