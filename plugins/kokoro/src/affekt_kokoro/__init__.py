"""Kokoro-82M speaks in an emotion. Text → `markup` → `normalisation` → `phonemes` → `network` → `level`.

`normalisation` puts a text into words, with `cleaning`, `directions`, `addresses`, `capitals` and `numbers`;
`dictionary` knows English words, and `language` notices other languages. `voices` names the 54 voices, and `controls`
holds what each emotion does to a voice, as studies report it; `hints` adds what the style asks for; `speaker` joins the
parts. `measure` has Whisper listen to the voices and to the `table` of texts; `affekt bench speech` of affekt-benchmark
measures the emotions.
"""
