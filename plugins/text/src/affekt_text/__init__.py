"""Reads the transcript: sentence vectors of MiniLM with the time of every sentence."""
