"""openSMILE (Eyben et al., 2010): the encoder `opensmile` measures a voice. Not for commercial use."""
