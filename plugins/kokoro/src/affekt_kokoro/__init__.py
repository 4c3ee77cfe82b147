"""Kokoro-82M speaks in an emotion. Text flows `phonemes` → `network` (its inputs made by `splice`) → `level`.

`controls` holds what each emotion does to the voice; `speaker` joins the parts; `python -m affekt_kokoro.measure`
proves them on real speech.
"""
