"""May a connection be opened? `AFFEKT_OFFLINE=1` says no, and `HF_HUB_OFFLINE=1` says no to the hub."""

import os

_NO = ("", "0", "false", "no", "off")


def is_offline() -> bool:
    """True when `AFFEKT_OFFLINE` forbids connections."""
    return os.environ.get("AFFEKT_OFFLINE", "").strip().lower() not in _NO


def is_hub_offline() -> bool:
    """True when connections to the Hugging Face hub are forbidden."""
    return is_offline() or os.environ.get("HF_HUB_OFFLINE", "").strip().lower() not in _NO
