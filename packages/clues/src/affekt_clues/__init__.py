"""What face and voice do that speaks for an emotion, in words, and whether such words are borne out by the evidence.

`face` and `voice` find reasons in action units and prosody; `check.is_in` looks any clue up, whoever wrote it.
`claims` reads what a text claims and what the evidence says of it; `clauses` strikes what is contradicted, no more.
"""
