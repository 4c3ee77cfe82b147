"""Tells a third party what a sound file is: what it says of itself, and what can be heard in it."""

import os
from dataclasses import dataclass
from pathlib import Path

from affekt import Clip
from affekt_media import load

from affekt_voices.errors import SpeechFileError
from affekt_voices.manifest import Manifest, read_manifest
from affekt_voices.watermark import Heard, detect

LIMITS = "A mark or a manifest can be removed: a file without them may still be synthetic."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of a file."""

    path: str
    watermark: Heard
    manifest: Manifest | None
    """The signed manifest; None where the file holds none."""

    @property
    def synthetic(self) -> bool:
        """Whether a machine made it: by the mark, or by a valid manifest that says so. Others sign recordings too."""
        return self.watermark.certain or (self.manifest is not None and self.manifest.valid and self.manifest.synthetic)

    @property
    def sentence(self) -> str:
        """The verdict in plain words."""
        mark = f"the watermark is heard (score {self.watermark.score:.2f})"
        if self.watermark.found and not self.watermark.certain:
            mark = f"a watermark may be heard, or quiet pauses (score {self.watermark.score:.2f})"
        if not self.watermark.found:
            mark = f"no watermark is heard ({self.watermark.reason or f'score {self.watermark.score:.2f}'})"
        if self.manifest is None:
            signed = "there is no manifest"
        elif self.manifest.valid:
            says = "" if self.manifest.synthetic else ", and does not call it synthetic"
            signed = f'the manifest is valid, signed by "{self.manifest.signer}"{says}'
        else:
            signed = f"the manifest does not hold ({', '.join(self.manifest.problems)}): the file was changed"
        return f"{'Synthetic' if self.synthetic else 'Not known to be synthetic'}: {mark}; {signed}."


def verify(path: str | os.PathLike[str]) -> Verdict:
    """Reads the manifest and listens for the mark, in any file that `affekt analyze` reads.

    Raises:
        SpeechFileError: there is no sound in the file.
        AffektError: it cannot be read.
    """
    clip: Clip = load(path)
    if clip.audio is None:
        raise SpeechFileError(f'"{path}" has no sound: {clip.why_missing("audio")}', hint="a sound file")
    return Verdict(path=os.fspath(path), watermark=detect(clip.audio), manifest=read_manifest(Path(path)))
