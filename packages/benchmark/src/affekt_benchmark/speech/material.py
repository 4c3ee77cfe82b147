"""What is spoken when speech is measured: sentences that say nothing of an emotion, and sentences that fit one."""

from collections.abc import Mapping, Sequence

NEUTRAL = (
    "I am going to the market tomorrow. I will bring back some bread.",
    "They finally found the missing keys. They were under the old sofa.",
    "The train leaves at noon. We should take a taxi.",
    "A letter came. Nobody knew where it was from.",
)
"""Neutral in content, so that only the voice carries the emotion; two sentences each, so that there is a pause."""

FITTING: Mapping[str, Sequence[str]] = {
    "neutral": ("The meeting starts at ten and ends at noon.", "The report is on the table next to the printer."),
    "happy": ("I am so happy for you, this is wonderful news!", "That is great, I love it, thank you so much!"),
    "sad": ("I am so sorry, I miss her terribly.", "It breaks my heart that she is gone."),
    "angry": ("How dare you, that makes me so angry!", "Stop it, I hate it when you lie to me!"),
    "fearful": (
        "I am scared, I think somebody is in the house.",
        "Please help me, I am so afraid of what will happen.",
    ),
    "disgusted": ("That is disgusting, it makes me sick.", "That smells terrible, please take it away."),
    "surprised": ("I did not expect that at all!", "Really? I cannot believe it!"),
}
"""Texts as replies are: the words and the voice say the same."""

EMOTIONS = tuple(FITTING)
