"""`affekt report --paper FOLDER`: results as LaTeX and Markdown tables and as vector graphics.

Read on in `tables` (measures with intervals and marks, F1 of each label, what is answered, errors, ablations),
`figures` (by matplotlib) and `writing` (both together). Every file carries run, commit, lock and seeds; see `origin`.
"""
