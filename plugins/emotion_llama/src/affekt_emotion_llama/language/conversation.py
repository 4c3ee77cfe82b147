"""A conversation with the language model alone, in the chat format that its prompt was trained in."""

from collections.abc import Sequence

import torch
from torch import Tensor

from affekt_emotion_llama.language.prompt import encode, harmless
from affekt_emotion_llama.model import EmotionLlama


@torch.inference_mode()
def embedded(model: EmotionLlama, turns: Sequence[tuple[str, str]]) -> Tensor:
    """Embeddings [position, hidden] up to where the model goes on; a last turn of the assistant is continued.

    As in Llama 2's format, what the system says stands before the first turn of the user, and every answer ends with
    the end of the sequence. Marks of control in the turns are made harmless.

    Args:
        turns: (role, text), of the roles system, user and assistant.
    """
    tokenizer = model.tokenizer
    before, after = model.config.prompt.template.split("{}")
    beginning = () if tokenizer.bos_token_id is None else (int(tokenizer.bos_token_id),)
    ids: list[int] = list(beginning)
    instructions: list[str] = []
    for index, (role, text) in enumerate(turns):
        if role != "assistant":
            instructions.append(harmless(tokenizer, text))
            if index + 1 == len(turns) or turns[index + 1][0] == "assistant":
                ids += encode(tokenizer, f"{before}{' '.join(instructions)}{after}".strip())
                instructions = []
        else:
            ids += encode(tokenizer, f"{harmless(tokenizer, text)}")
            if index + 1 < len(turns):
                ids += [int(tokenizer.eos_token_id), *beginning]
    embeddings = model.plain.get_input_embeddings()
    vectors: Tensor = embeddings(torch.tensor(ids, device=next(embeddings.parameters()).device))
    return vectors
