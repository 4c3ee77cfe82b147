"""Reasons: which words were said, and which of all reasons are told. Face and voice are in affekt-clues."""
