"""Features of a clip as a pandas table, with the times of every row.

python examples/features_to_pandas.py [clip.mp4 [prosody.csv]]
"""

import sys
from importlib.resources import files

from affekt import Missing, plugins
from affekt_media import load

path = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample/white_house_statement_2015.mp4")
(features,) = plugins().create("encoder", "prosody").encode([load(path, fps=1)])
if isinstance(features, Missing):
    sys.exit(f"{path} has no prosody: {features.reason}")

frame = features.to_frame()
print(features)
print(frame.describe().round(2).T[["mean", "std", "min", "max"]])
loudest = frame[frame.columns[0]].idxmax()
print(f"{frame.columns[0]} is highest from {loudest[0]:.2f} to {loudest[1]:.2f} s")
if len(sys.argv) > 2:
    frame.to_csv(sys.argv[2])
