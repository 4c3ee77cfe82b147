"""Audio Flamingo 3 (Goel et al., 2025): an encoder hears the voice, a preparer describes its tone in words."""
