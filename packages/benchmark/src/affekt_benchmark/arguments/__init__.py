"""`affekt bench arguments`: how models label the emotions of written arguments, beside how people do.

Read on in `corpus` (texts and what each person said), `systems` (what a model, a rule or a person answers), `learnt`
(a probe trained in folds, and answers at people's rates), `rates` (how often labels are given where nobody labelled),
`strict`, `soft` and `agreement` (measures), `tables` (T1 to
T9) and `study` (all of it together). The protocol is called
affekt-arguments-v1, and is not claimed to be anybody else's.
"""
