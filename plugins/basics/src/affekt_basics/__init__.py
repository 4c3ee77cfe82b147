"""Components in plain NumPy: baselines, and examples to learn from."""
