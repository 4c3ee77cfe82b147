"""What the documentation says of the code, taken from the code: see `docs/build_pages.py`."""
