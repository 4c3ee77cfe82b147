"""One official layout a file. Each reads a folder into (samples, features) and notes in a report what is wrong."""
