"""Video language models as reasoner: a baseline that looks at frames and reads words, and hears nothing."""
