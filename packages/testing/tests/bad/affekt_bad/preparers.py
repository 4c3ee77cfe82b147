from dataclasses import replace

from affekt import Component


class Writes(Component):
    """Good: writes how long the sound lasts."""

    def prepare(self, clips):
        return [self.one(clip) for clip in clips]

    def one(self, clip):
        if clip.audio is None:
            return replace(clip, missing={**clip.missing, "text": "there is no sound"})
        return replace(clip, text=f"{clip.audio.duration:.2f} seconds")


class Renames(Writes):
    def one(self, clip):
        return replace(super().one(clip), id=f"{clip.id}-with-text")


class GivesNoReason(Writes):
    def one(self, clip):
        return super().one(clip) if clip.audio else replace(clip, missing={})
