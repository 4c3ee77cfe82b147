"""A folder of clips becomes emotion descriptions in MERR's form, each sentence linked to what was measured.

python examples/annotate_clips.py [FOLDER [OUT]]
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

from affekt_annotate.config import AnnotateConfig
from affekt_annotate.running import annotate
from affekt_annotate.samples import samples_in

folder = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample")
out = Path(sys.argv[2] if len(sys.argv) > 2 else "annotated")

summary = annotate(AnnotateConfig(pipeline="heads"), samples_in(folder, None), out)
print(f"{summary.clips} clips, {summary.sentences} sentences, {sum(summary.cut.values())} of them cut")
for line in (out / "annotations.jsonl").read_text(encoding="utf-8").splitlines():
    annotation = json.loads(line)
    print(annotation["name"], "–", annotation["emotion"], "–", annotation["coarse"])
