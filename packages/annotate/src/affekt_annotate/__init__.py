"""From raw clips to MERR-like emotion descriptions whose every sentence can be checked.

Read in the order data flows: `annotation` (what is said of a clip), `config` (one YAML), `samples` (the clips and their
labels), `measuring` (clip → evidence);
`action_unit_rule`, `face`, `tone` and `words` (the steps), `writing` (coarse and fine text), `checking` and `lint`
(every sentence against its clues), `filters`, `steps` and `cache` (what is computed anew, and why), `running`,
`exporting`; `label_agreement`, `agreement_with_merr`, `score_card` and `review` measure and correct.
"""
