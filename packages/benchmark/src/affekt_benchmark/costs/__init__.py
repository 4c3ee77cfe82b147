"""Time and memory.

`cost` measures an analysis, `starting` a command, `extraction`, `store` and `wheel` what they are named for,
and `scoring` a language model's labels on what `scoring_stage` builds; `limits` holds all that must stay within one.
"""
