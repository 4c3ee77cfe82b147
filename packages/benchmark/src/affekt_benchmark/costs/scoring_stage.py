"""What `scoring` measures on: the paper's model with random projections, one clip, and a script without affekt."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")
SAID = "I never thought that we would win this final, and now everybody is here and I do not know what to say"
QUESTIONS = (
    "Which emotion does the person show?",
    "Is the voice calm, or is it excited?",
    "Is what the person says pleasant or unpleasant?",
    "Would the person rather go on talking, or stop?",
    "Does the face agree with the words of the person?",
)
WIDTHS = {"image": 1408, "mae": 1024, "videomae": 1024, "speech": 1024}
ROWS = {"image": 1025, "mae": 60, "videomae": 1, "speech": 200}
EXPLAINED = 24
"""Tokens of the explanation."""


class _Stored:
    """An encoder whose work is done: it is not what is measured."""

    modality = "video"

    def __init__(self, features: Any) -> None:
        self.features = features

    def encode(self, clips: Sequence[Any]) -> list[Any]:
        return [self.features for _ in clips]


class Stage:
    """A saved model with random projections, one clip, and its prompt."""

    def __init__(self, language_model: str, folder: Path) -> None:
        import numpy as np
        import torch
        from affekt import Clip, Evidence, Features, Pipeline
        from affekt_emotion_llama.language import language_model as language
        from affekt_emotion_llama.linear import LinearFuser
        from affekt_emotion_llama.model import EmotionLlama
        from affekt_emotion_llama.reasoner import EmotionLlamaReasoner
        from affekt_emotion_llama.saved import ModelConfig

        loaded = language.load(language_model)
        hidden = loaded.model.config.hidden_size
        config = ModelConfig(language_model=language_model, dims=WIDTHS, hidden=hidden, labels=LABELS)
        torch.manual_seed(0)
        fusion = config.fusion()
        for parameter in fusion.parameters():
            parameter.mul_(0.2)  # about as large as the embeddings of words
        self.model = EmotionLlama(config=config, fusion=fusion, language_model=loaded.model, tokenizer=loaded.tokenizer)
        self.model.save_pretrained(folder)
        random = np.random.default_rng(0)
        features = {
            slot: Features(values=random.standard_normal((rows, WIDTHS[slot])).astype(np.float32), hop=0.02)
            for slot, rows in ROWS.items()
        }
        self.evidence = Evidence(clip=Clip(id="clip", text=SAID), features=features)
        encoders: Any = {slot: _Stored(part) for slot, part in features.items()}
        self.reasoner = EmotionLlamaReasoner(model=str(folder), most_tokens=EXPLAINED)
        self.fuser = LinearFuser(model=str(folder))
        self.pipeline = Pipeline(encoders=encoders, fuser=self.fuser, reasoner=self.reasoner)
        (self.fused,) = self.fuser.fuse([self.evidence])
        self.fused_evidence = replace(self.evidence, fused=self.fused)
        self.prompt = self.embedded("emotion")

    def embedded(self, task: str, asked: str | None = None) -> Any:
        """A prompt as the language model reads it."""
        import torch
        from affekt_emotion_llama.language.prompt import build
        from affekt_emotion_llama.language.sequence import embed

        prompt = build(self.model.tokenizer, self.model.config.prompt, task, SAID, LABELS, asked=asked)  # type: ignore[arg-type]
        tokens, mask = torch.from_numpy(self.fused.tokens), torch.from_numpy(self.fused.mask)
        return embed(self.model.plain.get_input_embeddings(), prompt, tokens, mask)

    @property
    def answers(self) -> list[tuple[int, ...]]:
        from affekt_emotion_llama.language.prompt import answer_ids

        return [answer_ids(self.model.tokenizer, label, end=False) for label in LABELS]


def script(stage: Stage) -> tuple[dict[str, float], str]:
    """The same answers by transformers alone, as one would write it for one model and one prompt."""
    import torch

    fusion: Any = stage.model.fusion
    model, tokenizer = stage.model.plain, stage.model.tokenizer
    rows = {slot: torch.from_numpy(part.values) for slot, part in stage.evidence.features.items()}
    image, words = rows["image"], model.get_input_embeddings()
    tokens = torch.cat([
        fusion.llama_proj(image[1:].reshape(256, -1)), fusion.feats_llama_proj1(rows["mae"].mean(0, keepdim=True)),
        fusion.feats_llama_proj2(rows["videomae"]), fusion.feats_llama_proj3(rows["speech"].mean(0, keepdim=True)),
        fusion.cls_tk_llama_proj(image[:1]),
    ])  # fmt: skip

    def text(string: str) -> Any:
        return words(torch.tensor(tokenizer(string, add_special_tokens=False)["input_ids"]))

    def prompt(task: str, asked: str) -> Any:
        end = f"</feature> The person in video says: {SAID}.  [{task}] {asked}  [/INST]"
        parts = [text("[INST] <video>"), tokens[:256], text("</video> <feature>"), tokens[256:], text(end)]
        return torch.cat([words(torch.tensor([tokenizer.bos_token_id])), *parts])[None]

    answers = [tokenizer(f" {label}", add_special_tokens=False)["input_ids"] for label in LABELS]
    longest = max(map(len, answers))
    ids = torch.tensor([answer + [0] * (longest - len(answer)) for answer in answers])
    read = model(inputs_embeds=prompt("emotion", asked_by_default("emotion")), use_cache=True, logits_to_keep=1)
    read.past_key_values.batch_repeat_interleave(len(answers))
    further = model(input_ids=ids[:, :-1], past_key_values=read.past_key_values).logits
    logits = torch.cat([read.logits.expand(len(answers), -1, -1), further], dim=1).double().log_softmax(dim=-1)
    pieces = logits.gather(2, ids[:, :, None])[:, :, 0]
    totals = torch.stack([row[: len(answer)].sum() for row, answer in zip(pieces, answers, strict=True)])
    scores = dict(zip(LABELS, totals.softmax(dim=0).tolist(), strict=True))
    written = model.generate(  # type: ignore[operator]
        inputs_embeds=prompt("reason", asked_by_default("reason")), max_new_tokens=EXPLAINED, do_sample=False,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    return scores, str(tokenizer.decode(written[0], skip_special_tokens=True))


def asked_by_default(task: str) -> str:
    """The instruction of a task in the form that the small model was trained with."""
    from affekt_emotion_llama.language.prompt import PromptForm, instruction

    return instruction(PromptForm(), task, LABELS)  # type: ignore[arg-type]
