"""Words that speak to the model instead of about the clip."""

import re
from collections.abc import Sequence

from affekt_emotion_llama.explaining.labels import forms_of

OVERRULES = re.compile(
    r"\b(ignore|disregard|forget|override|overrule|skip)\b.{0,40}\b(this|that|above|previous|prior|before|earlier|all|"
    r"every(thing)?|instructions?|prompts?|rules?|evidence|clip|video|voice|face)\b",
    re.IGNORECASE,
)
ANSWER = r"\b(answer|reply|respond|output|classify|label|predict)\b"
ORDERS = rf"{ANSWER}|\b(say|print|write|return|choose|select)\b"
BETWEEN = r"(\s+(only|just|with|as|is|it|this|clip|the|word|label|emotion|that|person|feels))*"
ADDRESSES = re.compile(
    r"\b(system prompt|as an ai|language model|you are now|new instructions?|the assistant|emotion label)\b",
    re.IGNORECASE,
)


def instructs(text: str, labels: Sequence[str]) -> bool:
    """Whether a transcript looks like an order to a language model: "ignore this and answer happy".

    One sign is not enough: people do say "forget it", and "answer me". It takes an order to overrule, or words that
    address a model, together with an order to answer; or an order to answer with a label.
    """
    words = "|".join(re.escape(form) for label in labels for form in forms_of(label))
    lower = " ".join(text.lower().split())
    if re.search(rf"{ANSWER}{BETWEEN}\W+({words})\b", lower):
        return True
    return bool(re.search(ORDERS, lower) and (OVERRULES.search(lower) or ADDRESSES.search(lower)))
