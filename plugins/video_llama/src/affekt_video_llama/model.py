"""Video-LLaVA and Qwen2.5-VL through transformers: how a question is put, and how answers are scored and written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from affekt import WeightsError
from affekt_encoding.devices import device_of
from jaxtyping import Float64, UInt8
from transformers import (
    AutoConfig,
    AutoProcessor,
    Qwen2_5_VLForConditionalGeneration,
    VideoLlavaForConditionalGeneration,
)

KINDS: dict[str, Any] = {
    "video_llava": VideoLlavaForConditionalGeneration,
    "qwen2_5_vl": Qwen2_5_VLForConditionalGeneration,
}
TURNS = {
    "video_llava": "USER: <video>\n{question} ASSISTANT:",
    "qwen2_5_vl": "<|im_start|>user\n<|vision_start|><|video_pad|><|vision_end|>{question}<|im_end|>\n"
    "<|im_start|>assistant\n",
}
"""A question about a video, as each kind was trained to read it."""

Frames = UInt8[np.ndarray, "time height width 3"]


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoModel:
    """A model, its processor and its way of being asked."""

    kind: str
    network: Any
    processor: Any

    @classmethod
    def load(cls, name: str, revision: str | None, device: str, dtype: str) -> "VideoModel":
        """Loads a model from a hub or a folder.

        Raises:
            OptionsError: this machine has no such device.
            WeightsError: it cannot be had, or is neither Video-LLaVA nor Qwen2.5-VL.
        """
        where = device_of(device)
        try:
            kind = AutoConfig.from_pretrained(name, revision=revision).model_type
            if kind not in KINDS:
                raise WeightsError(f'"{name}" is a {kind}', hint=f"one of {', '.join(KINDS)}")
            processor = AutoProcessor.from_pretrained(name, revision=revision)  # type: ignore[no-untyped-call]
            network = KINDS[kind].from_pretrained(name, revision=revision, dtype=getattr(torch, dtype))
        except (OSError, ValueError) as error:
            raise WeightsError(f'the video language model "{name}" cannot be loaded: {error}') from error
        return cls(kind=kind, network=network.to(where).eval(), processor=processor)

    def _asked(self, frames: Frames, question: str) -> dict[str, torch.Tensor]:
        """The inputs of one question."""
        text = TURNS[self.kind].format(question=question)
        video = list(frames)
        inputs = self.processor(text=[text], videos=[video], return_tensors="pt", do_sample_frames=False)
        return {
            name: value.to(self.network.device, self.network.dtype if value.is_floating_point() else value.dtype)
            for name, value in inputs.items()
            if isinstance(value, torch.Tensor)
        }

    @torch.inference_mode()
    def answers(self, frames: Frames, question: str, labels: Sequence[str]) -> Float64[np.ndarray, "label"]:
        """Log-probability of each label as the whole answer."""
        asked = self._asked(frames, question)
        return np.array([self._likely(asked, label) for label in labels])

    def _likely(self, asked: dict[str, torch.Tensor], label: str) -> float:
        tokenizer = self.processor.tokenizer
        ids = [*tokenizer(" " + label if self.kind == "video_llava" else label, add_special_tokens=False)["input_ids"]]
        # The end of the answer counts, or "calm" would gain from being the beginning of "calmly".
        ids += [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
        answer = torch.tensor([ids], device=asked["input_ids"].device)
        length = asked["input_ids"].shape[1]
        tail = {"input_ids": answer, "attention_mask": torch.ones_like(answer)}
        inputs = {
            name: torch.cat([value, tail.get(name, torch.zeros_like(answer)).to(value.dtype)], dim=1)
            if value.shape == asked["input_ids"].shape
            else value
            for name, value in asked.items()
        }
        logits = self.network(**inputs, use_cache=False).logits[0, length - 1 : -1].float().log_softmax(-1)
        return float(logits.gather(1, answer[0, :, None]).sum())

    @torch.inference_mode()
    def write(self, frames: Frames, question: str, most_tokens: int) -> str:
        """The likeliest answer in words."""
        asked = self._asked(frames, question)
        out = self.network.generate(**asked, do_sample=False, max_new_tokens=most_tokens)
        words = self.processor.tokenizer.decode(out[0, asked["input_ids"].shape[1] :], skip_special_tokens=True)
        return " ".join(str(words).split())
