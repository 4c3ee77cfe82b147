"""A folder of recordings becomes a table, one row each; what cannot be read has its error in the row.

python examples/folder_to_table.py FOLDER [table.csv [PIPELINE]]

Recordings are read one by one, so the memory that it takes does not grow with the folder.
"""

import csv
import sys
from importlib.resources import files
from pathlib import Path

import affekt

folder = Path(sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample"))
out = Path(sys.argv[2] if len(sys.argv) > 2 else "table.csv")
pipeline = affekt.load(sys.argv[3] if len(sys.argv) > 3 else "heads")
paths = (path for path in sorted(folder.iterdir()) if path.suffix in {".mp4", ".mov", ".mkv", ".wav", ".mp3", ".flac"})

with out.open("w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["file", "seconds", "label", "score", "text", "error"])
    for felt in pipeline.analyze(paths):
        name = Path(felt.source).name
        if isinstance(felt, affekt.FailedAnalysis):
            table.writerow([name, "", "", "", "", felt.error.message])
            continue
        label = "" if felt.prediction.abstained else felt.label
        table.writerow([name, f"{felt.duration:.2f}", label, f"{felt.scores[felt.label]:.3f}", felt.text, ""])
print(out.read_text(encoding="utf-8"))
