"""From what a model said to what a person reads.

`measurements` and `observed` put the evidence into words, `labels` are read out of a text, `explanation` looks up every
claim, `conclusion` and `rationale` say what is felt and why, `timeline` when; `asking` and `replying` answer, and
`injection` finds words that speak to the model.
"""
