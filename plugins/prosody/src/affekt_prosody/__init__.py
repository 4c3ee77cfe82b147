"""Pitch, energy, rate, pauses and voice quality over time. `plugin` announces, `encoder` encodes, `tracks` computes."""
