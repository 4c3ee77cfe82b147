"""The step `words`: what is said, with times; of other languages an English translation, marked as one."""

from affekt import Clip

from affekt_annotate.annotation import Spoken


def spoken(clip: Clip, *, given: bool) -> Spoken:
    """The transcript that the clip's preparers wrote, or with `given` its subtitles or its table hold."""
    if not (clip.text or "").strip():
        return Spoken(state="absent", reason=clip.why_missing("text"))
    english = clip.translation if clip.translation is not None and clip.translation.language == "en" else None
    return Spoken(
        state="measured",
        source="given" if given else "recognised",
        text=" ".join((clip.text or "").split()),
        language=clip.language,
        words=tuple((round(word.start, 3), round(word.end, 3), word.text) for word in clip.words),
        translation=" ".join(english.text.split()) if english is not None else "",
        translator=english.source if english is not None else "",
    )
