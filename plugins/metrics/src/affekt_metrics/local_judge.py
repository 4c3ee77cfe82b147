"""A causal language model of this machine as judge: greedy, so that the same question has the same answer."""

from typing import Any

import torch
from affekt import WeightsError
from affekt_encoding.torch_builds import matching_builds

from affekt_metrics.judging import Judge

with matching_builds():
    from transformers import AutoModelForCausalLM, AutoTokenizer


def load(model: str, revision: str | None, device: str, max_new_tokens: int) -> Judge:
    """Loads the model and returns the function that asks it.

    Raises:
        WeightsError: there is no such model, or it is no causal language model.
    """
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(model, revision=revision)
        network: Any = AutoModelForCausalLM.from_pretrained(model, revision=revision)
        network = network.to(device).eval()
    except (OSError, ValueError) as error:
        raise WeightsError(f'the judge "{model}" cannot be loaded: {error}', hint="a folder or a hub name") from error

    def ask(prompt: str) -> str:
        if tokenizer.chat_template:
            messages = [{"role": "user", "content": prompt}]
            prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        given = tokenizer(prompt, return_tensors="pt").to(device)
        with torch.inference_mode():
            out = network.generate(
                **given, do_sample=False, max_new_tokens=max_new_tokens, pad_token_id=tokenizer.eos_token_id
            )
        return str(tokenizer.decode(out[0, given["input_ids"].shape[1] :], skip_special_tokens=True))

    return ask
