"""Reasons: what moved in the face, how the voice changed, which words were said. One file a modality, and the check."""
