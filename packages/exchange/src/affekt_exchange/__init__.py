"""Emotion timelines out to the tools that annotators use, and their edits back in.

Read in the order data flows: `timeline` (tracks of labelled spans), `results` (from what an analysis says), `registry`
and `announced` (the formats and what each keeps), `formats` (one a module), `files` and `rows` (shared by them),
`exporting` (out, with a report), `losses` (what was kept), `differences` (what somebody changed), `agreement` (two
annotators), `commands`.
"""
