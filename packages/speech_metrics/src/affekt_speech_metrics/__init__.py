"""Measures of synthetic speech: is it what was to be said, by whom, in which emotion, and does it sound like speech?

`wording` words and characters · `likeness` the speaker · `quality` DNSMOS · `emotion` what a recogniser hears ·
`prosody` pitch, range, rate, level, pauses · `contours` pitch and energy against a reference · `intervals` bootstrap.
`affekt bench speech` of affekt-benchmark puts them together.
"""
