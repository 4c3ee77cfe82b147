"""May a connection be opened? `AFFEKT_OFFLINE=1` says no, and `HF_HUB_OFFLINE=1` says no to the hub."""

import os
import sys

_NO = ("", "0", "false", "no", "off")


def is_offline() -> bool:
    """True when `AFFEKT_OFFLINE` forbids connections."""
    return os.environ.get("AFFEKT_OFFLINE", "").strip().lower() not in _NO


def is_hub_offline() -> bool:
    """True when connections to the Hugging Face hub are forbidden."""
    return is_offline() or os.environ.get("HF_HUB_OFFLINE", "").strip().lower() not in _NO


def silence_hub() -> None:
    """Hands `AFFEKT_OFFLINE` on to the hub's client, which transformers and others call by themselves.

    Even `local_files_only=True` lets it ask for its list of user agents; only its own switch stops that.
    """
    if is_offline():
        os.environ["HF_HUB_OFFLINE"] = "1"
        if constants := sys.modules.get("huggingface_hub.constants"):
            constants.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]
