"""Addresses, hashtags, mentions and file names as they are said: "example dot com", "hashtag Me Too"."""

import re

_URL = re.compile(r"(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"”]+", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|co|uk|de|fr|info|biz|tv|me|ai|app|dev|eu)(?:/[^\s<>\"”]*)?(?!\w)",
    re.IGNORECASE,
)
_FILE = re.compile(r"(?<![\w.-])([\w-]+(?:\.[\w-]+)*)\.((?=[a-z0-9]*[a-z])[a-z0-9]{2,4})(?!\w)")
_ENDINGS = "csv|txt|pdf|docx?|xlsx?|json|html?|xml|zip|mp[34]|wav|mov|avi|png|jpe?g|gif|py|md|env"
_HIDDEN = re.compile(rf"(?<![\w.])\.(?=(?:[A-Z]{{2,}}|{_ENDINGS})\b)")
_HASHTAG = re.compile(r"(?<![\w&/])#(?=\w*[^\W\d])(\w+)")
_MENTION = re.compile(r"(?<![\w.])@(\w+)")
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])|_+")
_SIGNS = {
    ".": "dot", "/": "slash", "@": "at", "-": "dash", "_": "underscore", "~": "tilde", "?": "question mark",
    "=": "equals", "&": "and", "#": "hash", "%": "percent", "+": "plus", ":": "colon",
}  # fmt: skip
_ENDING = ".,;:!?)]}’'\""


def spelled_out(text: str) -> str:
    """The text with its addresses in words."""
    for pattern in (_URL, _EMAIL, _DOMAIN):
        text = pattern.sub(_address, text)
    text = _HIDDEN.sub("dot ", _FILE.sub(_file, text))
    text = _HASHTAG.sub(lambda match: f"hashtag {_JOINT.sub(' ', match[1]).strip()}", text)
    return _MENTION.sub(lambda match: f"at {_JOINT.sub(' ', match[1]).strip()}", text)


def _file(match: re.Match[str]) -> str:
    """A file's name; digits before what is no ending of a file are an amount: "3.5km"."""
    is_name = re.search(r"[^\W\d]", match[1]) or re.fullmatch(_ENDINGS, match[2])
    return _said(match[0]) if is_name else match[0]


def _address(match: re.Match[str]) -> str:
    """The signs of an address by name; the stop of the sentence after it stays."""
    address = match[0].rstrip(_ENDING)
    after = match[0][len(address) :]
    short = re.sub(r"^(?:https?|ftp)://", "", address, flags=re.IGNORECASE).rstrip("/")
    host, question, _ = short.partition("?")  # nobody reads a query aloud
    return _said(host if question else short) + after


def _said(address: str) -> str:
    parts = re.split(r"([^\w]|_)", address)
    words = [_SIGNS.get(part, "") if len(part) == 1 and not part.isalnum() else _part(part) for part in parts]
    return " ".join(word for word in words if word)


def _part(part: str) -> str:
    """Letters of "www"; other parts as words, digits apart from letters."""
    if part.lower() in ("www", "http", "https", "ftp"):
        return part.upper()
    return _JOINT.sub(" ", part)
