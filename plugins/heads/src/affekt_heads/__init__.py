"""The default reasoner: calibrated heads for voice, face and words, fused, with reasons that were checked."""
