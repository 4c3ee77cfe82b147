"""The reasoner `heads`: calibrated heads for voice, face and words, fused, with reasons that were checked."""
