"""A signed statement inside the file of who made it, with what, and that it is synthetic.

It is C2PA's (coalition for content provenance and authenticity, specification 2.x), through the coalition's own
library. No connection is opened.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from affekt_voices.credentials import credentials
from affekt_voices.errors import ManifestError
from affekt_voices.folders import keys_folder

MEDIA_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg"}
"""Suffixes of the files that can hold a manifest."""
CLAIM = "org.affekt.speech"
"""Label of the assertion that holds the provenance."""
SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term for what a model has made."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a file says of itself, and whether to believe it."""

    valid: bool
    """Whether the file is as it was when signed."""
    trusted: bool
    """Whether the signer is on a list of trusted issuers; a certificate of one's own never is."""
    signer: str = ""
    synthetic: bool = False
    """Whether it says that a machine made the sound: as affekt does, or in the coalition's own term."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """The provenance that affekt signed; empty in what others sign."""
    problems: tuple[str, ...] = ()
    """C2PA's status codes where something does not hold."""


def sign(source: Path, target: Path, claims: Mapping[str, Any]) -> None:
    """Copies an audio file with a signed manifest in it.

    Raises:
        ManifestError: the library or the certificate is missing, or refuses.
        OSError: the target cannot be written.
    """
    signed = BytesIO()  # the library does not say why a file cannot be written
    try:
        import c2pa  # type: ignore[import-untyped]

        chain, key = credentials(keys_folder())
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, key, None))
        builder = c2pa.Builder(json.dumps(_definition(claims)))
        with builder, source.open("rb") as read:
            builder.sign(signer, MEDIA_TYPES[source.suffix.lower()], read, signed)
    except Exception as error:  # the library has a tree of errors of its own, and its signer may be absent
        raise ManifestError(f"the speech cannot be signed: {error}", hint="pip install c2pa-python") from error
    target.write_bytes(signed.getvalue())


def read_manifest(path: Path) -> Manifest | None:
    """The manifest of a file, checked; None where it has none, or is of a kind that holds none.

    Raises:
        ManifestError: the library is missing, or the file cannot be read.
    """
    try:
        import c2pa
    except ImportError as error:
        raise ManifestError(f"manifests cannot be read: {error}", hint="pip install c2pa-python") from error
    try:
        with path.open("rb") as file, c2pa.Reader(_media_type(path), file) as reader:
            document = json.loads(reader.json())
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return None
    except (c2pa.C2paError, OSError) as error:
        raise ManifestError(
            f'"{path}" holds no readable manifest: {error}', hint="the file as it was written"
        ) from error
    active = document["manifests"][document["active_manifest"]]
    assertions = active.get("assertions", [])
    claims: dict[str, Any] = next(
        (assertion["data"] for assertion in assertions if assertion["label"].startswith(CLAIM)), {}
    )
    actions = [
        assertion["data"].get("actions", [])
        for assertion in assertions
        if assertion["label"].startswith("c2pa.actions")
    ]
    state = document.get("validation_state", "Invalid")
    return Manifest(
        valid=state in ("Valid", "Trusted"),
        trusted=state == "Trusted",
        signer=active.get("signature_info", {}).get("common_name", ""),
        synthetic=claims.get("synthetic") is True
        or any(action.get("digitalSourceType") == SYNTHETIC for several in actions for action in several),
        claims=claims,
        problems=tuple(status["code"] for status in document.get("validation_status", [])),
    )


def _media_type(path: Path) -> str:
    """By the file's first bytes: a name proves nothing."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"RIFF":
        return "audio/wav"
    return "audio/flac" if head[:4] == b"fLaC" else "audio/mpeg"


def _definition(claims: Mapping[str, Any]) -> dict[str, Any]:
    agent = {"name": "affekt", "version": version("affekt-voices")}
    created = {"action": "c2pa.created", "digitalSourceType": SYNTHETIC, "softwareAgent": agent}
    return {
        "claim_generator_info": [agent],
        "title": "Synthetic speech",
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [created]}},
            {"label": CLAIM, "data": dict(claims)},
        ],
    }
