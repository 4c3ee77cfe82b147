"""MiniLM, or any other encoder of transformers, over the sentences of the transcript."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.adapters import add_adapter
from affekt_encoding.devices import device_of
from affekt_encoding.torch_builds import matching_builds
from affekt_weights import fetch
from pydantic import Field

from affekt_text.adapters import adapter_file
from affekt_text.sentences import Sentence, sentences

with matching_builds():
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

BATCH = 32
PIECES = 256
"""Word pieces of the longest sentence that MiniLM was trained on; more are cut off."""


@contextmanager
def _without_bars() -> Iterator[None]:
    """Without the progress bars of transformers, which would show in every pipe and log."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


class MiniLMEncoder(Component):
    """One row a sentence: the mean of its word pieces, of length 1 (Reimers and Gurevych, 2019)."""

    modality: ClassVar[Modality] = "text"

    model: str = Field(default="all-minilm-l6", description="A name of `affekt weights list`, a hub name or a folder")
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    adapter: str | None = Field(
        default=None, description="LoRA on top of the model: a name of `affekt weights list`, or a file"
    )
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')
    languages: tuple[str, ...] = Field(
        default=("en",), description="Languages the model reads, ISO 639-1; another is read in translation. Empty: any"
    )

    @cached_property
    def network(self) -> tuple[Any, Any]:
        """The tokenizer, and the network with its adapter, in evaluation mode."""
        device = device_of(self.device)
        folder = fetch(self.model, revision=self.revision)
        with _without_bars():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        if self.adapter is not None:
            add_adapter(model, adapter_file(self.adapter))
        return tokenizer, model.to(device).eval()

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Rows [sentence, 384] with the time of every sentence; `Missing` where nothing is said."""
        readable = [self._readable(clip) for clip in clips]
        texts = [sentence.text for each in readable if not isinstance(each, Missing) for sentence in each]
        rows = iter(self._vectors(texts))
        return [
            each
            if isinstance(each, Missing)
            else Features(
                values=np.stack([next(rows) for _ in each]),
                spans=np.array([[sentence.start, sentence.end] for sentence in each], dtype=np.float64),
            )
            for each in readable
        ]

    def _readable(self, clip: Clip) -> list[Sentence] | Missing:
        clip = clip.in_language(self.languages)
        if not (spoken := sentences(clip)):
            return Missing(reason=clip.why_missing("text"))
        if self.languages and clip.language not in (None, *self.languages):
            read = " and ".join(self.languages)
            return Missing(reason=f'the transcript is in the language "{clip.language}"; {self.model} reads {read}')
        return spoken

    @torch.inference_mode()
    def _vectors(self, texts: list[str]) -> np.ndarray:
        """Mean-pooled vectors of length 1, float32 [text, dim]. Texts of like length share a batch."""
        if not texts:
            return np.empty((0, 0), np.float32)
        tokenizer, model = self.network
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        rows: dict[int, np.ndarray] = {}
        for begin in range(0, len(order), BATCH):
            batch = order[begin : begin + BATCH]
            pieces = tokenizer(
                [texts[index] for index in batch], padding=True, truncation=True, max_length=PIECES, return_tensors="pt"
            ).to(self.device)
            hidden = model(**pieces).last_hidden_state
            mask = pieces["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
            vectors = torch.nn.functional.normalize(mean, dim=1).float().cpu().numpy()
            rows.update(zip(batch, vectors, strict=True))
        return np.stack([rows[index] for index in range(len(texts))])


class EmotionMiniLMEncoder(MiniLMEncoder):
    """The encoder tuned to what is felt: comments of GoEmotions, lines of MELD and EmoryNLP.

    Vectors of one emotion lie together; topics, which MiniLM tells apart, matter less.
    """

    modality: ClassVar[Modality] = "text"

    adapter: str | None = Field(
        default="minilm-emotions", description="LoRA on top of the model: a name of `affekt weights list`, or a file"
    )
