"""Measurements that a reader can repeat.

Read on in `material` (what is measured on), `runs` (a pipeline asked about every case), `results` and `origin` (what is
kept, and where it comes from), `comparisons` (several systems), `reports` and `paper` (what a person sees).
`arguments`, `corpora` and `speech` are studies of their own, `costs` measures time and memory, `lmms_eval` writes tasks
for another runner, and `commands` is the command line.
"""
