"""What the reasoner `emotion-llama` saves: labels scored instead of generated, a clip read once, no overhead of ours.

Three comparisons on one language model, each with its values compared: nine labels in one forward pass against ten
generated tokens, both behind a prompt that was read; five questions that share the clip's beginning against five whole
prompts; and fuser and reasoner of a pipeline against a script that uses transformers alone. The model is the paper's:
five projections, 260 tokens. Its projections are random, so its answers mean nothing, and its times everything.
"""

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from affekt_benchmark.costs.scoring_stage import LABELS, QUESTIONS, Stage, script

TARGETS = {"labels": 5.0, "questions": 0.9, "overhead": 0.05}


@dataclass(frozen=True, kw_only=True)
class ScoringCost:
    """Seconds of processor time, the fastest of the repeats; differences are the largest between equal values."""

    language_model: str
    prompt_tokens: int
    score_labels: float
    generate_ten: float
    score_whole: float
    """The same, with reading the prompt."""
    generate_whole: float
    label_difference: float
    questions_shared: float
    questions_whole: float
    arithmetic_limit: float
    """How many times fewer operations the shared beginning needs."""
    question_difference: float
    pipeline: float
    script: float
    script_difference: float
    same_text: bool

    @property
    def labels_speedup(self) -> float:
        """Nine labels against ten tokens, behind a prompt that was read."""
        return self.generate_ten / self.score_labels

    @property
    def questions_share(self) -> float:
        """The speed-up by sharing the beginning, as a share of the arithmetic limit."""
        return self.questions_whole / self.questions_shared / self.arithmetic_limit

    @property
    def overhead(self) -> float:
        """The overhead of the pipeline over the script; below 0 it is faster."""
        return self.pipeline / self.script - 1

    @property
    def met(self) -> dict[str, bool]:
        """Which targets are met, and whether the compared values are equal."""
        worst = max(self.label_difference, self.question_difference, self.script_difference)
        return {
            "labels": self.labels_speedup >= TARGETS["labels"],
            "questions": self.questions_share >= TARGETS["questions"],
            "overhead": self.overhead <= TARGETS["overhead"],
            "values": worst < 1e-3 and self.same_text,
        }


def of_model(language_model: str = "smollm2", repeats: int = 5) -> ScoringCost:
    """Runs all three comparisons.

    Raises:
        AffektError: affekt-emotion-llama is not installed, or the model cannot be had.
    """
    try:
        import torch
        from affekt_emotion_llama.language import scoring
    except ImportError as error:
        from affekt import MissingDependency

        raise MissingDependency(
            "this measures the reasoner emotion-llama", hint="pip install affekt-emotion-llama"
        ) from error
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        stage = Stage(language_model, Path(folder))
        figures: dict[str, Any] = {"language_model": language_model, "prompt_tokens": len(stage.prompt)}
        figures |= _labels(stage, scoring, repeats) | _questions(stage, scoring, repeats) | _overhead(stage, repeats)
    return ScoringCost(**figures)


def _labels(stage: Stage, scoring: Any, repeats: int) -> dict[str, Any]:
    from affekt_emotion_llama.language import generation

    model, prompt, answers = stage.model.plain, stage.prompt, stage.answers
    beginning = scoring.read(model, prompt[:-1])

    def generate(behind: Any) -> list[int]:
        unread = prompt[-1:] if behind else prompt
        return list(generation.tokens(model, unread, most=10, ends=(), beginning=behind))

    score, one_by_one = _timed(
        repeats, lambda: scoring.ask(model, beginning, [prompt[-1:]], [answers])[0], lambda: generate(beginning)
    )
    from_start, all_generated = _timed(
        max(2, repeats // 2), lambda: scoring.log_probabilities(model, [prompt], answers)[0], lambda: generate(None)
    )
    plain = [_plain_score(model, prompt, answer) for answer in answers]
    apart = max(abs(float(scored) - expected) for scored, expected in zip(score.value, plain, strict=True))
    return {
        "score_labels": score.seconds, "generate_ten": one_by_one.seconds, "score_whole": from_start.seconds,
        "generate_whole": all_generated.seconds, "label_difference": apart,
    }  # fmt: skip


def _plain_score(model: Any, prompt: Any, answer: tuple[int, ...]) -> float:
    """One forward pass of the whole model for one label."""
    import torch

    sequence = torch.cat([prompt, model.get_input_embeddings()(torch.tensor(answer))])
    rows = model(inputs_embeds=sequence[None], logits_to_keep=len(answer) + 1).logits[0].double().log_softmax(dim=-1)
    return sum(float(rows[position, piece]) for position, piece in enumerate(answer))


def _questions(stage: Stage, scoring: Any, repeats: int) -> dict[str, Any]:
    model, answers = stage.model.plain, stage.answers
    prompts = [stage.embedded("emotion", question) for question in QUESTIONS]
    length = scoring.shared_length(prompts)

    def shared() -> list[Any]:
        beginning = scoring.read(model, prompts[0][:length])
        return list(scoring.ask(model, beginning, [prompt[length:] for prompt in prompts], [answers] * len(prompts)))

    def each() -> list[Any]:
        return [scoring.log_probabilities(model, [prompt], answers)[0] for prompt in prompts]

    together, alone = _timed(repeats, shared, each)
    apart = max(float((a - b).abs().max()) for a, b in zip(together.value, alone.value, strict=True))
    labels = sum(len(answer) - 1 for answer in answers)
    unshared = [(length, len(prompt) - length + labels) for prompt in prompts]
    more = sum(_operations(model, before, count) for before, count in unshared)
    limit = sum(_operations(model, 0, sum(pair)) for pair in unshared) / (_operations(model, 0, length) + more)
    return {
        "questions_shared": together.seconds, "questions_whole": alone.seconds, "arithmetic_limit": limit,
        "question_difference": apart,
    }  # fmt: skip


def _operations(model: Any, before: int, count: int) -> float:
    """Multiplications of the decoder's blocks for `count` positions behind `before` others."""
    config = model.config
    weights = sum(
        parameter.numel() for name, parameter in model.get_decoder().named_parameters() if "embed" not in name
    )
    attended = count * before + count * (count + 1) / 2
    return float(weights * count + 2 * config.num_hidden_layers * config.hidden_size * attended)


def _overhead(stage: Stage, repeats: int) -> dict[str, Any]:
    ours, theirs = _timed(repeats, lambda: stage.pipeline.run([stage.evidence.clip])[0], lambda: script(stage))
    scores, text = theirs.value
    apart = max(abs(ours.value.scores[label] - scores[label]) for label in LABELS)
    return {
        "pipeline": ours.seconds, "script": theirs.seconds, "script_difference": apart,
        "same_text": "".join(stage.reasoner.stream(stage.fused_evidence)).strip() == text.strip(),
    }  # fmt: skip


@dataclass(frozen=True)
class _Timed:
    seconds: float
    value: Any


def _timed(repeats: int, *runs: Callable[[], Any]) -> list[_Timed]:
    """The fastest of several runs each, in turns. Processor time, since a machine may be busy with other things."""
    values = [run() for run in runs]
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats):
        for own, run in zip(seconds, runs, strict=True):
            begin = time.process_time()
            run()
            own.append(time.process_time() - begin)
    return [_Timed(min(own), value) for own, value in zip(seconds, values, strict=True)]


def command(
    language_model: Annotated[str, typer.Option(help="A LLaMA-family model: a name, a hub name, a folder")] = "smollm2",
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each; the fastest counts")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Time of scored labels, shared questions and the pipeline against what they replace, with equal values."""
    timing = of_model(language_model, repeats)
    document = {
        **asdict(timing), "labels_speedup": timing.labels_speedup, "questions_share": timing.questions_share,
        "overhead": timing.overhead, "targets": TARGETS, "met": timing.met,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(document))
    else:
        Console().print(_table(timing))
    if not all(timing.met.values()):
        raise typer.Exit(1)


def _table(timing: ScoringCost) -> Table:
    table = Table("comparison", "ours", "instead", "ratio", "wanted", title=f"Scoring with {timing.language_model}")
    ms = "{:.0f} ms".format
    table.add_row("9 labels, not 10 tokens; prompt read", ms(1e3 * timing.score_labels), ms(1e3 * timing.generate_ten),
                  f"{timing.labels_speedup:.1f} times faster", "5")  # fmt: skip
    reading_gain = f"{timing.generate_whole / timing.score_whole:.1f} times faster"
    table.add_row(f"the same, with reading {timing.prompt_tokens} tokens", ms(1e3 * timing.score_whole),
                  ms(1e3 * timing.generate_whole), reading_gain, "")  # fmt: skip
    table.add_row("5 questions on one reading", ms(1e3 * timing.questions_shared), ms(1e3 * timing.questions_whole),
                  f"{timing.questions_share:.2f} of the limit of {timing.arithmetic_limit:.2f}", "0.9")  # fmt: skip
    table.add_row("pipeline, not a script", ms(1e3 * timing.pipeline), ms(1e3 * timing.script),
                  f"{timing.overhead:+.1%}", "at most +5 %")  # fmt: skip
    worst = max(timing.label_difference, timing.question_difference, timing.script_difference)
    table.caption = f"largest difference of values {worst:.1e}; the same text: {'yes' if timing.same_text else 'no'}"
    return table
