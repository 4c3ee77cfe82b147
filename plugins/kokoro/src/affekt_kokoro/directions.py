"""Which words in brackets are stage directions, to be acted and not read: "[laughs]", "(sighing softly)", "*gasps*"."""

import re

_ACTS = (
    "laugh chuckle giggle snicker sigh sob cry weep wail whimper gasp groan moan grunt scream shriek yell shout cough "
    "sneeze sniff sniffle snort yawn whisper mutter mumble murmur hum whistle clap applaud cheer nod shrug smile grin "
    "smirk frown wink blush gulp swallow exhale inhale breathe pause gesture facepalm"
)
_DOUBLED = frozenset({"sob", "hum", "clap", "nod", "shrug", "grin"})
_NOUNS = frozenset({
    "laughter", "applause", "silence", "music", "beat", "inaudible", "indistinct", "unintelligible", "crosstalk",
    "static", "breath", "sobs", "cheers",
})  # fmt: skip
_SCENE = _NOUNS | {"door", "phone", "knock", "knocking", "footsteps", "thunder", "siren", "noise", "chatter", "gunshot"}
"""What is heard besides a voice: believed between square brackets only."""
_AROUND = frozenset(
    {"a", "and", "bit", "little", "to", "herself", "himself", "deep", "into", "tears", "quietly", "out"}
)
_LONGEST = 4
"""Words."""


def _forms(act: str) -> set[str]:
    stem = act.removesuffix("e")
    last = stem + stem[-1] if act in _DOUBLED else stem
    plural = f"{act[:-1]}ies" if act.endswith("y") else f"{act}es" if act.endswith(("h", "ss")) else f"{act}s"
    return {plural, f"{act}s", f"{last}ing", f"{last}ed"}


_ACTED = frozenset(form for act in _ACTS.split() for form in _forms(act))
_BARE = frozenset(_ACTS.split())


def is_direction(inside: str, bracket: str) -> bool:
    """Whether what stands between these brackets ("[", "(" or "*") is acted.

    Square brackets are hardly used for anything else, so that one word of a sound is enough. In parentheses and between
    stars every word has to belong to it; a bare verb between stars is as likely an emphasis ("do not *cry*").
    """
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", inside.lower())
    if not words or len(words) > _LONGEST:
        return False
    if bracket == "[":
        return bool({words[0], words[-1]} & (_ACTED | _BARE | _SCENE)) or words[0] in _SCENE
    acts = _ACTED | _NOUNS | (_BARE if bracket == "(" else {"sigh", "gasp", "sob", "gulp", "yawn", "facepalm"})
    return bool(acts & set(words)) and all(word in acts | _AROUND or word.endswith("ly") for word in words)
