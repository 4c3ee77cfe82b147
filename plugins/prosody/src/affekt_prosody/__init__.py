"""How something is said: pitch, loudness, voice quality, rate and pauses. No weights; NumPy and SciPy."""
