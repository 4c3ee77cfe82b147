"""What encoders share, as plain functions and annotated option types. Importing this imports no framework.

`options` annotates the fields; `presets` fills them from a published recipe. Then, in the order data flows: `sound` and
`frames` (what of a clip is taken), `windows` (long sound), `batching` (equal lengths, halving on out-of-memory),
`hearing` (all of that around a network of sound), `devices` and `checkpoints` (the network), `layers` and `pooling`
(what is kept of its states). `audio_towers` is for audio language models, `torch_files` for single files of weights,
`adapters` for LoRA on top of them; `torch_builds` checks that torchvision and torchaudio fit torch.
"""
