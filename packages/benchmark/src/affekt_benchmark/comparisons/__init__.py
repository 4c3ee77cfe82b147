"""Several systems on the same clips.

`plan` says what is compared, `ablation` compares it, `retraining` trains variants anew, `probing` fits a simple
classifier to frozen features, and `holm` corrects p values.
"""
