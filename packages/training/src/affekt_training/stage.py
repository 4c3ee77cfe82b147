"""One stage of training, from its configuration to a saved model and a report."""

import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from affekt import DataError
from affekt_emotion_llama import language_model as language
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.saved import PROJECTIONS, ModelConfig
from affekt_emotion_llama.streams import pad
from safetensors.torch import save_file
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from affekt_training import probe, reading
from affekt_training.cache import default_cache
from affekt_training.calibration import by_projection, calibrate
from affekt_training.config import StageConfig
from affekt_training.examples import Example, Run, compose, divide, plan, spreads_of
from affekt_training.features import Progress
from affekt_training.joined import Joined, collate
from affekt_training.samples import Known, known

logger = logging.getLogger(__name__)

Tell = Callable[[str], None]
"""Told in words what goes on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """All that a stage needs before its first step."""

    config: StageConfig
    model: EmotionLlama
    joined: Joined
    groups: list[list[Known]]
    """The samples of each data set of the configuration."""
    training: list[Example]
    validation: list[Example]
    order: list[int]

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        batches = -(-len(self.order) // (self.config.batch * int(os.environ.get("WORLD_SIZE", "1"))))
        return max(1, batches // self.config.accumulate)

    def collate(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        """See `joined.collate`."""
        return collate(items, dict(self.model.config.dims), self.config.labels)

    def draws(self) -> Run:
        """What the run sees, in order."""
        spreads = spreads_of(self.training, tuple(self.model.config.dims))
        return Run(self.training, self.order, self.config, spreads)

    def held_out(self) -> Run:
        """What it is validated on: the first examples of a fixed order."""
        order = plan(self.validation, 1, self.config.batch, self.config.seed)[: self.config.validation.most]
        return Run(self.validation, order, self.config)


def prepare(config: StageConfig, *, cache: Path | None = None, tell: Tell = logger.info) -> Prepared:
    """Loads data, features and model.

    Raises:
        DataError: nothing is left to train on.
        WeightsError, SpecError, OptionsError: the configuration names what is not there.
    """
    progress: Progress = lambda what, done, whole: tell(f"{what}: {done} of {whole}")  # noqa: E731
    groups = [known(config, use, cache or default_cache(), progress) for use in config.data]
    torch.manual_seed(config.seed)
    model = initial(config, groups, tell)
    examples = compose(config, model.tokenizer, groups)
    training, validation = divide(examples, config.validation.share, config.seed)
    if not training:
        raise DataError("no example is left to train on", hint="`data`, `tasks` and `hold_out` leave some samples")
    set_projections(model, config, groups, training, tell)
    if config.reading is not None:
        described = [one for one in training if one.label is None]
        rest, text = reading.learn(
            model, config.reading, config.seed, described, config.families, partial(_read, tell)
        )  # fmt: skip
        tell(f"reads the probed tokens to within {rest:.3f} nats; {text:.2f} nats a piece of a description")
    joined = Joined(model, config)
    order = plan(training, config.epochs, config.batch, config.seed)
    tell(f"{len(training)} examples to train on, {len(validation)} to validate on, {len(order)} draws")
    return Prepared(
        config=config, model=model, joined=joined, groups=groups, training=training, validation=validation, order=order
    )


def _read(tell: Tell, step: int, loss: float, text: float) -> None:
    if step % 20 == 0:
        tell(f"reading, step {step}: {loss:.3f}" + (f", describing {text:.2f}" if text else ""))


def initial(config: StageConfig, groups: list[list[Known]], tell: Tell = logger.info) -> EmotionLlama:
    """The model to train: a saved one, or a new fusion module beside a language model with fresh adapters."""
    if config.start is not None:
        tell(f"going on from {config.start}")
        model = EmotionLlama.from_pretrained(str(config.start), dtype=config.dtype, bits=config.bits)
        model.fusion.float()
        if config.fuser != model.config.fuser:
            told = {"fuser": config.fuser, "dims": config.dims or _dims(config, groups), "prompt": config.prompt}
            saved = model.config.model_copy(update=told)
            model = replace(model, config=saved, fusion=saved.fusion())
    else:
        loaded = language.load(config.language_model, revision=config.revision, dtype=config.dtype, bits=config.bits)
        adapted: Any = language.adapt(loaded.model, config.lora) if config.lora else loaded.model
        saved = ModelConfig(
            language_model=config.language_model,
            revision=config.revision,
            fuser=config.fuser,
            dims=config.dims or _dims(config, groups),
            hidden=loaded.model.config.hidden_size,
            prompt=config.prompt,
            labels=config.labels,
            written=config.written,
            lead=config.lead,
            licence=config.licence,
        )
        model = EmotionLlama(config=saved, fusion=saved.fusion(), language_model=adapted, tokenizer=loaded.tokenizer)
    for name, parameter in model.language_model.named_parameters():
        parameter.requires_grad_("lora_" in name)
    model.fusion.requires_grad_(config.train_projections)
    learnt = [use.set if use.split is None else f"{use.set} {use.split}" for use in config.data]
    stated = tuple(dict.fromkeys((*model.config.trained_on, *learnt)))
    return replace(model, config=model.config.model_copy(update={"trained_on": stated}))


def _dims(config: StageConfig, groups: list[list[Known]]) -> dict[str, int]:
    """Slot → columns, of the slots that the fuser reads."""
    from affekt import plugins

    slots = plugins().create("fuser", config.fuser.use, **config.fuser.options).slots
    found = {
        slot: one.copies[0][slot].values.shape[1]
        for slot in slots
        for group in groups
        for one in group[-1:] + group[:1]
        if slot in one.copies[0]
    }
    if absent := [slot for slot in slots if slot not in found]:
        raise DataError(f"no data set has features in the slots {absent} that the fuser reads", hint="`features`")
    return found


def set_projections(
    model: EmotionLlama, config: StageConfig, groups: Sequence[Sequence[Known]], examples: Sequence[Example], tell: Tell
) -> None:
    """The fuser's scales and probes, from the samples of these examples alone."""
    seen = {id(one.known) for one in examples}
    kept = [[one for one in group if id(one) in seen] for group in groups]
    if (config.start is None or config.probe) and hasattr(model.fusion, "fit_scale"):
        arrays = [
            {slot: found.values for slot, found in copy.items() if slot in model.config.dims}
            for group in kept
            for one in group
            for copy in one.copies
        ]
        model.fusion.fit_scale(*pad(arrays, model.config.dims))  # type: ignore[operator]
    if config.probe is not None:
        for name, accuracy in probe.start(model, config, kept).items():
            tell(f"{name} starts from a probe that is right on {accuracy:.1%} of its own training samples")


def arguments(config: StageConfig, steps: int, quiet: bool = True) -> TrainingArguments:
    """The Trainer's settings; the order of the data is `examples.plan`'s, so it reads in sequence."""
    validated = config.validation.share > 0
    every = min(config.validation.every, steps)
    return TrainingArguments(
        output_dir=str(config.out / "checkpoints"),
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=config.batch,
        gradient_accumulation_steps=config.accumulate,
        max_steps=steps,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr": min(config.minimum_rate, config.learning_rate)},
        warmup_steps=min(config.warmup, steps // 2),
        weight_decay=config.weight_decay,
        max_grad_norm=config.clip,
        bf16=config.bf16,
        gradient_checkpointing=config.checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False} if config.checkpointing else None,
        train_sampling_strategy="sequential",
        eval_strategy="steps" if validated else "no",
        eval_steps=every,
        eval_on_start=validated,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=config.keep,
        load_best_model_at_end=validated,
        metric_for_best_model="eval_loss" if validated else None,
        prediction_loss_only=True,
        label_names=["weights"],
        remove_unused_columns=False,
        logging_steps=max(1, min(10, steps // 20)),
        report_to=["tensorboard"],
        disable_tqdm=quiet,
        seed=config.seed,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        ddp_find_unused_parameters=True,
    )  # fmt: skip


def trainer(prepared: Prepared, callbacks: list[TrainerCallback] | None = None, quiet: bool = True) -> Trainer:
    """The Trainer of a prepared stage."""
    config = prepared.config
    settings = arguments(config, prepared.steps, quiet)
    stop: list[TrainerCallback] = list(callbacks or [])
    if config.validation.share > 0 and config.validation.patience:
        stop.append(EarlyStoppingCallback(early_stopping_patience=config.validation.patience))
    return Trainer(
        model=prepared.joined,
        args=settings,
        data_collator=prepared.collate,
        train_dataset=prepared.draws(),
        eval_dataset=prepared.held_out() if config.validation.share > 0 else None,
        optimizers=(_optimiser(prepared), None),
        callbacks=stop,
    )


def _optimiser(prepared: Prepared) -> torch.optim.Optimizer:
    """AdamW; matrices decay, biases do not, and projections may have a rate of their own."""
    config = prepared.config
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in prepared.joined.named_parameters():
        if parameter.requires_grad:
            own = config.projection_rate if name.startswith("fusion.") else None
            key = (own or config.learning_rate, config.weight_decay if parameter.ndim > 1 else 0.0)
            groups.setdefault(key, []).append(parameter)
    return torch.optim.AdamW(
        [{"params": each, "lr": rate, "weight_decay": decay} for (rate, decay), each in groups.items()],
        betas=(0.9, 0.999),
    )


def train(
    config: StageConfig,
    *,
    resume: bool = False,
    cache: Path | None = None,
    callbacks: list[TrainerCallback] | None = None,
    tell: Tell = logger.info,
    prepared: Prepared | None = None,
) -> tuple[Prepared, dict[str, Any]]:
    """Runs a stage, saves the model under `config.out / "model"` and returns what happened.

    Args:
        resume: go on from the last checkpoint of `config.out`, exactly; a run without one begins anew.
        prepared: from `prepare`, where it has been called already.
    """
    ready = prepared or prepare(config, cache=cache, tell=tell)
    config.out.mkdir(parents=True, exist_ok=True)
    if not ready.order:
        temperature = config.temperature or 1.0
        if ready.validation and config.probe:
            sober = by_projection(ready.model, ready.validation, config)
            tell(", ".join(f"{name}: temperature {value:.2f}" for name, value in sober.items()))
            # Calibrated without them; nothing else was chosen by the validation speakers, so the probes may hear them.
            set_projections(ready.model, config, ready.groups, [*ready.training, *ready.validation], tell)
            probe.soften(ready.model, config, sober)
        _save(ready, temperature)
        return ready, {"name": config.name, "steps": 0, "temperature": temperature, "history": []}
    own = trainer(ready, callbacks)
    last = get_last_checkpoint(own.args.output_dir) if resume and Path(str(own.args.output_dir)).is_dir() else None
    if last:
        tell(f"resuming from {last}")
    began = time.monotonic()
    result = own.train(resume_from_checkpoint=last)
    seconds = time.monotonic() - began
    ready.joined.eval()
    temperature = config.temperature or calibrate(ready.model, ready.validation, config)
    told = {
        "name": config.name,
        "steps": int(own.state.global_step),
        "processes": own.accelerator.num_processes,
        "distributed": own.accelerator.distributed_type.value,
        "seconds": seconds,
        "training_loss": float(result.training_loss),
        "best_validation_loss": own.state.best_metric,
        "temperature": temperature,
        "history": own.state.log_history,
    }
    if own.is_world_process_zero():
        _save(ready, temperature)
        (config.out / "report.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    return ready, told


def _save(ready: Prepared, temperature: float) -> None:
    """The model with what was calibrated and what the configuration says of its data."""
    config = ready.config
    told = {
        "temperature": temperature,
        "written": config.written,
        "licence": config.licence,
        "lead": config.lead,
        "explains": config.explains,
        "window": config.window,
        "words": config.words,
        "languages": config.languages,
        "face": config.face,
        "opinions": config.probe is not None,
        "shows_measured": config.shows_measured,
        "coordinates": config.coordinates,
    }
    final = replace(ready.model, config=ready.model.config.model_copy(update=told))
    final.save_pretrained(config.out / "model", dtype=torch.float16 if config.half else None)
    if config.half:
        # Scales keep their precision: features may be small differences of large numbers.
        state = {name: one.detach().cpu() for name, one in final.fusion.state_dict().items()}
        halved = {name: (one.half() if name.endswith("weight") else one).contiguous() for name, one in state.items()}
        save_file(halved, config.out / "model" / PROJECTIONS)
