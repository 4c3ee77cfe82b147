"""Evaluators of affekt: the scores of the field, with intervals by speaker or video.

`pairs` joins predictions with references, `sums` and `intervals` are what every measure shares, `comparison` tests two
systems on the same clips; then one evaluator a file. `turns`, `diarization` and
`emotion_diarization` measure recordings with several people.
"""
