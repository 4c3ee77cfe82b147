"""Training Emotion-LLaMA: frozen encoders' features, projections and LoRA, in two stages from one YAML each.

Read on in the order of the data: `config` (the YAML), `features` (from the feature store, or `live`), `samples` (data
sets), `descriptions` (what stage 1 learns to say), `examples` and `order` (what a step sees), `joined` (fuser and
language model as one module), `probe` (a linear start for the projections), `stage` (one run), `estimate` and
`report` (before and after it).
"""
