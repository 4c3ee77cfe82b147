"""Training and measuring the heads of affekt-heads: `affekt heads train`, `affekt heads evaluate`.

Read on in the order of the data: `corpora`, `meld_emorynlp`, `fer2013` and `asterisk_prompts` (what is learnt from),
`distortion` and `voice_statistics` (recordings as numbers), `train_voice` and `train_words` (the heads), `scored` and
`evaluation` (measures), `relative_to_neutral` (decision 0081), `sample_sets` (the same material for Emotion-LLaMA's
stages). `loudness` fits the probe that affekt-heads ships. All but `scored` needs `pip install affekt-training[heads]`.
"""
