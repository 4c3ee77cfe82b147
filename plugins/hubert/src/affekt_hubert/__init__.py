"""HuBERT (Hsu et al., 2021): the encoder `hubert` hears the voice."""
