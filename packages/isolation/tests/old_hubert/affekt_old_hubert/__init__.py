"""HuBERT on transformers 4."""
