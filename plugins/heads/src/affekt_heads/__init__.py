"""The reasoner `heads`: calibrated heads for voice, face and words, fused, with reasons that were checked.

Read in the order of the data: `emotions` and `moments`; `voice` (with `statistics`, `speech` and `vocal`), `face` and
`words` have an opinion each, which is `opinion`; `fusion` joins them, `timeline`, `conclusion` and `rationale` say what
follows, and `reasoner` does all of it on what `hearing` gathers. `weights` and `head_card` are what was learnt.
"""
