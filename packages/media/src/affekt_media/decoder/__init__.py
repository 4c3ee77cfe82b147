"""The child process: `python -m affekt_media.decoder` reads a request, decodes one file and writes messages.

It imports PyAV, for a file that can be opened also NumPy and soxr, and nothing of affekt's core, so that it starts
in a fraction of a second. Read `session` and `sending` for the order of things, `confinement` for what holds the
process back, and `sound`, `picture` and `captions` for the three kinds of tracks.
"""
