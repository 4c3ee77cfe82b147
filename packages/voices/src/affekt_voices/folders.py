"""Where voices and keys lie: two folders, so that a copy of the first is worth nothing without the second.

<user data>/affekt/voices/        or $AFFEKT_VOICES/voices/      sealed files, one folder a record, and the ledger
<user config>/affekt/voices/      or $AFFEKT_VOICES/keys/        the user's key, a key a record, the ledger's anchor
"""

import os
from pathlib import Path

import platformdirs


def voices_folder() -> Path:
    """The folder of the sealed voices; it need not exist yet."""
    chosen = os.environ.get("AFFEKT_VOICES")
    return Path(chosen).expanduser() / "voices" if chosen else platformdirs.user_data_path("affekt") / "voices"


def keys_folder() -> Path:
    """The folder of the user's keys; it need not exist yet."""
    chosen = os.environ.get("AFFEKT_VOICES")
    return Path(chosen).expanduser() / "keys" if chosen else platformdirs.user_config_path("affekt") / "voices"


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def shred(path: Path) -> None:
    """Overwrites a file and removes it. On disks that write elsewhere, only the lost key protects what was there."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(os.urandom(size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
