"""One answer out of a whole recording: its windows, its people, what is felt for how long, questions about it.

    analysis = affekt.load().analyze("lecture.mp4")
    for window in analysis.parts: ...
    for person in analysis.people: ...

`Pipeline.analyze` and `Pipeline.stream` lead here. Read in the order data flows: `sources` (what is a recording),
`windows` (what is said of one window), `stored` and `journal` (windows on disk), `clock`, `spans` and `shares` (time),
`plain` (JSON), `joining` and `joined_evidence` (one prediction and one evidence), `person` and `people` (who is in it),
`analysis` (the answer), `failures` (what stands in its place), `analyzing` and `streaming` (one recording and many),
`asking` (questions about an answer). What reads a recording is announced by others, such as affekt-media.
"""

from affekt_recordings.analysis import DISCLAIMER, Analysis
from affekt_recordings.analyzing import Interrupted
from affekt_recordings.failures import FailedAnalysis

__all__ = ["DISCLAIMER", "Analysis", "FailedAnalysis", "Interrupted"]
