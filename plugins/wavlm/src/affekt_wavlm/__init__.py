"""WavLM (Chen et al., 2022): the encoder `wavlm` hears the voice, through s3prl."""
