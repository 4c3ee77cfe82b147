"""Speech in a lent voice.

Kokoro in a voice that was fitted to the person: `voice_space` holds where voices are looked for, `hearing` what
candidates are judged by, `fitting` the search, `person` what is kept of it, `stock` how the 54 voices sound. Or another
speaker reads, and `conversion` rebuilds every moment of it from moments of the voice, with `world`. `speaker` is the
component, `measure` has an encoder judge that takes no part in fitting.
"""
