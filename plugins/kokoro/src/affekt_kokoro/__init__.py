"""Kokoro-82M speaks in an emotion. Text flows `markup` → `phonemes` → `network` (with inputs by `splice`) → `level`.

`controls` holds what each emotion does to the voice, as studies report it; `hints` adds what the style asks
for; `speaker` joins the parts. `affekt bench speech` of affekt-benchmark proves them on what is heard.
"""
