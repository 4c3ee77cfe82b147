"""Encryption at rest: AES-256-GCM, which also tells when a sealed file was changed or stands in another's place."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from affekt_voices.errors import StoreError
from affekt_voices.folders import write_private

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = b"affekt1\n"


def seal(key: bytes, content: bytes, name: str) -> bytes:
    """The content, encrypted and bound to its place: "record/embedding"."""
    nonce = os.urandom(NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, content, name.encode())


def unseal(key: bytes, sealed: bytes, name: str) -> bytes:
    """The content again.

    Raises:
        StoreError: it was sealed with another key or for another place, or was changed since.
    """
    head = len(_VERSION)
    try:
        if not sealed.startswith(_VERSION):
            raise ValueError("it does not begin as a sealed file")
        return AESGCM(key).decrypt(sealed[head : head + NONCE_BYTES], sealed[head + NONCE_BYTES :], name.encode())
    except (InvalidTag, ValueError) as error:
        raise StoreError(
            f'the sealed "{name}" was changed, moved, or belongs to another key', hint="enrol the voice again"
        ) from error


def key_in(path: Path, *, create: bool = False) -> bytes:
    """The key in a file, made at random where there is none and `create` is True.

    Raises:
        StoreError: there is no key, or the file holds none.
    """
    if not path.is_file():
        if not create:
            raise StoreError(f'there is no key "{path.name}" beside the voices', hint="`affekt voices add`")
        write_private(path, os.urandom(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f'"{path}" is no key: it has {len(key)} bytes and not {KEY_BYTES}', hint="restore it")
    return key
