"""A causal language model that scores emotion labels from the transcript and what was measured."""
