"""When each token was heard: dynamic time warping over what the decoder attended to, as in openai-whisper."""

from collections.abc import Callable, Sequence

import numpy as np
from affekt import Word
from jaxtyping import Float, Float32
from scipy.ndimage import median_filter  # type: ignore[import-untyped]

WITHOUT_SPACES = ("zh", "ja", "th", "lo", "my", "yue")
"""Languages whose words no space separates; each token is a word there."""


def align(attended: Float32[np.ndarray, "head token row"]) -> Float[np.ndarray, "token"]:
    """The row at which each token begins."""
    weights = attended / attended.sum(axis=-1, keepdims=True).clip(1e-9)
    spread = weights.std(axis=-2, keepdims=True).clip(1e-9)
    weights = (weights - weights.mean(axis=-2, keepdims=True)) / spread
    weights = median_filter(weights, size=(1, 1, 7), mode="reflect").mean(axis=0)
    tokens, rows = _path(-weights)
    begins = np.flatnonzero(np.diff(tokens, prepend=-1))
    return rows[begins].astype(np.float64)


def _path(cost: Float[np.ndarray, "token row"]) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest way through, each step one token on, one row on, or both."""
    height, width = cost.shape
    total = np.full((height + 1, width + 1), np.inf)
    total[0, 0] = 0
    came = np.zeros((height + 1, width + 1), dtype=np.int8)
    for i in range(1, height + 1):
        for j in range(1, width + 1):
            options = (total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
            came[i, j] = best = int(np.argmin(options))
            total[i, j] = cost[i - 1, j - 1] + options[best]
    came[0, :], came[:, 0] = 2, 1
    path = []
    i, j = height, width
    while i > 0 or j > 0:
        path.append((i - 1, j - 1))
        i, j = i - (came[i, j] != 2), j - (came[i, j] != 1)
    tokens, rows = np.array(path[::-1]).T
    return tokens.clip(0), rows.clip(0)


def words_of(
    tokens: Sequence[int],
    times: Float[np.ndarray, "time"],
    chances: Float32[np.ndarray, "chance"],
    decode: Callable[[list[int]], str],
    language: str,
) -> list[Word]:
    """Words from tokens; `times` has the beginning of each token, and of what follows the last one."""
    groups: list[tuple[str, list[int]]] = []
    waiting: list[int] = []
    for token_index in range(len(tokens)):
        waiting.append(token_index)
        text = decode([tokens[index] for index in waiting])
        if "\ufffd" in text:  # a letter of several tokens is not whole yet
            continue
        if not groups or text.startswith(" ") or language in WITHOUT_SPACES:
            groups.append((text, waiting))
        else:
            # As the other engines see it, a comma belongs to the word, and neither to its time nor to its chance.
            heard = waiting if any(letter.isalnum() for letter in text) else []
            groups[-1] = (groups[-1][0] + text, groups[-1][1] + heard)
        waiting = []
    return [
        Word(
            start=float(times[token_indices[0]]),
            end=float(times[token_indices[-1] + 1]),
            text=text.strip(),
            probability=float(chances[token_indices].mean()),
        )
        for text, token_indices in groups
        if text.strip()
    ]
