"""What is measured on.

`suites` names data sets and their official measures, `cases` gives clips with what is true of them, `translation` turns
emotions into labels of a data set, `fold_models` and `training_overlap` say who has learnt from which clips.
"""
