"""The child process: `python -m affekt_media.decoder` reads a request, decodes one file and writes messages.

It imports NumPy, PyAV and soxr and nothing of affekt's core, so that it starts in a third of a second. Read
`session` for the order of things, `confinement` for what holds the process back, and `sound`, `picture` and
`captions` for the three kinds of tracks.
"""
