"""One stage of training, from its configuration to a saved model and a report."""

import json
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affekt import DataError, OnProgress, OptionsError, TrainedWith, Use
from affekt_datasets import TrainingRecord
from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.saved import PROJECTIONS, ModelConfig
from affekt_emotion_llama.streams import pad
from affekt_features.keys import describe
from peft import PeftModel, prepare_model_for_kbit_training
from safetensors.torch import save_file
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from affekt_training import probe
from affekt_training.calibration import by_projection, calibrate
from affekt_training.config import DataUse, StageConfig
from affekt_training.examples import Example, Run, Spreads, compose, divide, plan, spreads_of
from affekt_training.featured import FeaturedSample
from affekt_training.features import Lazy, OnCounts, arrays_of
from affekt_training.joined import Joined, collate
from affekt_training.processes import check_launch, check_state, local_rank, world_size
from affekt_training.samples import Part, gather_part

logger = logging.getLogger(__name__)

SCALED = 1 << 29
"""Bytes of features, in single precision, that scales are measured on at most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """All that a stage needs before its first step."""

    config: StageConfig
    model: EmotionLlama
    joined: Joined
    parts: list[Part]
    """What each data set of the configuration gives."""
    losses: list[Counter[str]]
    """For each data set, why a sample teaches nothing by one of its tasks, or teaches less → how many."""
    training: list[Example]
    validation: list[Example]
    order: list[int]

    @property
    def groups(self) -> list[list[FeaturedSample]]:
        """The samples of each data set of the configuration."""
        return [part.samples for part in self.parts]

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        batches = -(-len(self.order) // (self.config.batch * world_size()))
        return max(1, batches // self.config.accumulate)

    def collate(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        """Joins draws to a batch, as `joined.collate` does."""
        return collate(items, dict(self.model.config.dims), self.config.labels)

    def draws(self) -> Run:
        """What the run sees, in order."""
        return Run(self.training, self.order, self.config, self._spreads)

    @cached_property
    def _spreads(self) -> Spreads:
        return spreads_of(self.training, tuple(self.model.config.dims), self.config.noise)

    def held_out(self) -> Run:
        """What it is validated on: the first examples of a fixed order."""
        order = plan(self.validation, 1, self.config.batch, self.config.seed)[: self.config.validation.most]
        return Run(self.validation, order, self.config)


def prepare(config: StageConfig, *, on_progress: OnProgress = logger.info) -> Prepared:
    """Loads data, features and model.

    Raises:
        DataError: nothing is left to train on.
        WeightsError, SpecError, OptionsError: the configuration names what is not there.
    """
    on_counts: OnCounts = lambda what, done, total: on_progress(f"{what}: {done} of {total}")  # noqa: E731
    parts = [gather_part(config, use, on_counts) for use in config.data]
    groups = [part.samples for part in parts]
    torch.manual_seed(config.seed)
    model = initial(config, groups, on_progress)
    losses = [Counter[str]() for _ in parts]
    examples = compose(config, model.tokenizer, groups, lambda index, reason: losses[index].update([reason]))
    for part, lost in zip(parts, losses, strict=True):
        on_progress(summary(part, lost))
    training, validation = divide(examples, config.validation.share, config.seed)
    if not training:
        raise DataError("no example is left to train on", hint="`data`, `tasks` and `hold_out` leave some samples")
    set_projections(model, config, groups, training, on_progress)
    joined = Joined(model, config)
    order = plan(training, config.epochs, config.batch, config.seed)
    on_progress(f"{len(training)} examples to train on, {len(validation)} to validate on, {len(order)} draws")
    return Prepared(
        config=config, model=model, joined=joined, parts=parts, losses=losses, training=training,
        validation=validation, order=order,
    )  # fmt: skip


def summary(part: Part, lost: Counter[str]) -> str:
    """One line about a data set: what is used, and by reason what is not."""
    line = f"{part.use.set}: {len(part.samples)} clips, {part.computed} with features computed now"
    for title, counts in (("left out", part.left_out), ("teach nothing, or less", lost)):
        if counts:
            line += f"; {title}: " + ", ".join(f"{reason} ({count})" for reason, count in counts.most_common())
    return line


def initial(
    config: StageConfig, groups: list[list[FeaturedSample]], on_progress: OnProgress = logger.info
) -> EmotionLlama:
    """The model to train: a saved one, or a new fusion module beside a language model with fresh adapters."""
    if config.start is not None:
        on_progress(f"going on from {config.start}")
        model = EmotionLlama.from_pretrained(
            str(config.start), dtype=config.dtype, bits=config.bits, device=loading_device(config)
        )
        model = _with_adapters(model, config, on_progress)
        model.fusion.float()
        if config.fuser != model.config.fuser:
            changes = {"fuser": config.fuser, "dims": config.dims or _dims(config, groups), "prompt": config.prompt}
            saved = model.config.model_copy(update=changes)
            model = replace(model, config=saved, fusion=saved.fusion())
    else:
        loaded = language.load(
            config.language_model, revision=config.revision, dtype=config.dtype, bits=config.bits,
            device=loading_device(config),
        )  # fmt: skip
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
    if config.bits is not None:
        # Norms and adapters in single precision; activations are recomputed by the Trainer, where that is asked for.
        prepare_model_for_kbit_training(model.language_model, use_gradient_checkpointing=False)  # type: ignore[no-untyped-call]
        model.fusion.to(loading_device(config))
    for name, parameter in model.language_model.named_parameters():
        parameter.requires_grad_("lora_" in name)
    model.fusion.requires_grad_(config.train_projections)
    on_progress(_trained(model, config))
    learnt = [_stated(use) for use in config.data]
    stated = tuple(dict.fromkeys((*model.config.trained_on, *learnt)))
    update = {
        "trained_on": stated, "encoders": _encoders(model.config, config), "opinions": config.labels_from == "tokens",
    }  # fmt: skip
    return replace(model, config=model.config.model_copy(update=update))


def _encoders(saved: ModelConfig, config: StageConfig) -> dict[str, TrainedWith]:
    """Slot → the encoder whose features the fuser learns to read, so that pipelines with others are refused.

    A slot that this stage does not touch keeps what the model said; features of unknown origin, from files or an
    import, are stated as none.
    """
    from affekt import plugins

    kept = {slot: trained for slot, trained in saved.encoders.items() if slot not in config.features}
    encoders = {
        slot: Use(use=use.use, **use.options).create("encoder", plugins())
        for slot, use in config.features.items()
        if use.use and slot in saved.dims
    }
    return {**kept, **{slot: TrainedWith.of(describe(encoder)) for slot, encoder in encoders.items()}}


def _with_adapters(model: EmotionLlama, config: StageConfig, on_progress: OnProgress) -> EmotionLlama:
    """A saved model with adapters to train, where the configuration asks for some.

    Raises:
        OptionsError: the model's adapters were merged into its weights, and it asks for some.
    """
    if config.lora is None or isinstance(model.language_model, PeftModel):
        return model
    if model.merged:
        raise OptionsError(
            f'start: "{config.start}" is a merged model: its LoRA is part of the weights and cannot be trained on',
            hint="the model as it was before it was merged, or lora: null to train the projections alone",
        )
    on_progress(f"{config.start} has no LoRA: new adapters are added")
    return replace(model, language_model=language.adapt(model.plain, config.lora))


def _trained(model: EmotionLlama, config: StageConfig) -> str:
    """One line about what training changes and what it leaves.

    Raises:
        OptionsError: nothing is left to train, in a run that has steps.
    """
    parts = {"LoRA": model.language_model, "the projections": model.fusion}
    sizes = {
        name: sum(parameter.numel() for parameter in part.parameters() if parameter.requires_grad)
        for name, part in parts.items()
    }
    trained = " and ".join(f"{size:,} weights of {name}" for name, size in sizes.items() if size)
    if not trained and config.epochs:
        raise OptionsError(
            "nothing is trained: the language model has no LoRA, and train_projections is false",
            hint="train_projections: true, or lora: {rank: 64}",
        )
    merged = "; the language model is a merged one, and stays as it is" if model.merged else ""
    return f"trained are {trained or 'no weights'}{merged}"


def loading_device(config: StageConfig) -> str:
    """Where weights are put when they are loaded: quantised ones on this process's GPU, others move there later."""
    return f"cuda:{local_rank()}" if config.bits is not None and torch.cuda.is_available() else "cpu"


def _stated(use: DataUse) -> str:
    """A data set as the saved model names it."""
    named = use.set if use.split is None else f"{use.set} {use.split}"
    return named if use.fold is None else f"{named} without fold {use.fold}"


def _dims(config: StageConfig, groups: list[list[FeaturedSample]]) -> dict[str, int]:
    """Slot → columns, of the slots that the fuser reads."""
    from affekt import plugins

    fuser: Any = plugins().create("fuser", config.fuser.use, **config.fuser.options)  # has the slots that it reads
    slots: tuple[str, ...] = fuser.slots
    widths: dict[str, int] = {}
    for slot in slots:
        for featured in (
            featured for group in groups for featured in group[-1:] + group[:1] if slot in featured.copies[0]
        ):
            if slot not in widths and (values := featured.copies[0][slot].values) is not None:
                widths[slot] = values.shape[1]
    if absent := [slot for slot in slots if slot not in widths]:
        raise DataError(f"no data set has features in the slots {absent} that the fuser reads", hint="`features`")
    return widths


def set_projections(
    model: EmotionLlama,
    config: StageConfig,
    groups: Sequence[Sequence[FeaturedSample]],
    examples: Sequence[Example],
    on_progress: OnProgress,
) -> None:
    """The fuser's scales and probes, from the samples of these examples alone."""
    used = {id(example.featured) for example in examples}
    kept = [[example for example in group if id(example) in used] for group in groups]
    if (config.start is None or config.probe) and hasattr(model.fusion, "fit_scale"):
        _fit_scale(
            model, [copy for group in kept for example in group for copy in example.copies], config.seed, on_progress
        )
    if config.probe is not None:
        for name, accuracy in probe.start(model, config, kept).items():
            on_progress(f"{name} starts from a probe that is right on {accuracy:.1%} of its own training samples")


def _fit_scale(model: EmotionLlama, copies: Sequence[Mapping[str, Lazy]], seed: int, on_progress: OnProgress) -> None:
    """Measures scales on all samples, or on as many of them, drawn by the seed, as fit into `SCALED`."""
    own: Any = getattr(model.fusion, "own", model.fusion)
    slots = {projection.slot for projection in own.projections if projection.standardise}
    if not slots:
        return
    chosen: dict[int, dict[str, Any]] = {}
    size = longest = 0
    for index in np.random.default_rng(seed).permutation(len(copies)):
        read = arrays_of(copies[index], tuple(slots))
        longest = max([longest, *map(len, read.values())])
        size += longest * sum(model.config.dims[slot] for slot in slots) * 4
        if chosen and size > SCALED:
            on_progress(
                f"the scales of {', '.join(sorted(slots))} are measured on {len(chosen)} of {len(copies)} samples"
            )
            break
        chosen[int(index)] = read
    dims = {slot: width if slot in slots else 1 for slot, width in model.config.dims.items()}
    arrays = [chosen[index] for index in sorted(chosen)]
    model.fusion.fit_scale(*pad(arrays, dims, next(model.fusion.parameters()).device))  # type: ignore[operator]


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


class StageTrainer(Trainer):
    """A Trainer whose data set is the whole run, and who counts epochs of the configuration."""

    epochs: float = 1.0

    def log(self, logs: dict[str, float], *args: Any, **options: Any) -> None:
        """Logs the epoch of the configuration: the order of the whole run is one pass for the Trainer."""
        counted = self.state.epoch
        self.state.epoch = None if counted is None else counted * self.epochs
        try:
            super().log(logs, *args, **options)
        finally:
            self.state.epoch = counted


def trainer(prepared: Prepared, callbacks: list[TrainerCallback] | None = None, quiet: bool = True) -> Trainer:
    """The Trainer of a prepared stage."""
    config = prepared.config
    settings = arguments(config, prepared.steps, quiet)
    stop: list[TrainerCallback] = list(callbacks or [])
    if config.validation.share > 0 and config.validation.patience:
        stop.append(EarlyStoppingCallback(early_stopping_patience=config.validation.patience))
    own = StageTrainer(
        model=prepared.joined,
        args=settings,
        data_collator=prepared.collate,
        train_dataset=prepared.draws(),
        eval_dataset=prepared.held_out() if config.validation.share > 0 else None,
        optimizers=(_optimiser(prepared), None),
        callbacks=stop,
    )
    own.epochs = config.epochs
    check_state(own.accelerator.num_processes)
    return own


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
    callbacks: list[TrainerCallback] | None = None,
    on_progress: OnProgress = logger.info,
    prepared: Prepared | None = None,
) -> tuple[Prepared, dict[str, Any]]:
    """Runs a stage, saves the model under `config.out / "model"` and returns what happened.

    Args:
        resume: go on from the last checkpoint of `config.out`, exactly; a run without one begins anew.
        prepared: from `prepare`, where it has been called already.
    """
    check_launch()
    ready = prepared or prepare(config, on_progress=on_progress)
    config.out.mkdir(parents=True, exist_ok=True)
    if not ready.order:
        temperature = config.temperature or 1.0
        if ready.validation and config.probe:
            sober = by_projection(ready.model, ready.validation, config)
            on_progress(", ".join(f"{name}: temperature {value:.2f}" for name, value in sober.items()))
            # Calibrated without them; nothing else was chosen by the validation speakers, so the probes may hear them.
            set_projections(ready.model, config, ready.groups, [*ready.training, *ready.validation], on_progress)
            probe.soften(ready.model, config, sober)
        _save(ready, temperature)
        return ready, {
            "name": config.name, "steps": 0, "temperature": temperature, "history": [], "data": _data(ready),
        }  # fmt: skip
    own = trainer(ready, callbacks)
    last = get_last_checkpoint(own.args.output_dir) if resume and Path(str(own.args.output_dir)).is_dir() else None  # type: ignore[no-untyped-call]
    if last:
        on_progress(f"resuming from {last}")
    began = time.monotonic()
    result = own.train(resume_from_checkpoint=last)
    seconds = time.monotonic() - began
    ready.joined.eval()
    temperature = config.temperature or calibrate(ready.model, ready.validation, config)
    outcome = {
        "name": config.name,
        "steps": int(own.state.global_step),
        "processes": own.accelerator.num_processes,
        "distributed": own.accelerator.distributed_type.value,
        "seconds": seconds,
        "training_loss": float(result.training_loss),
        "best_validation_loss": own.state.best_metric,
        "temperature": temperature,
        "data": _data(ready),
        "history": own.state.log_history,
    }
    if own.is_world_process_zero():
        _save(ready, temperature)
        (config.out / "report.json").write_text(json.dumps(outcome, indent=2), encoding="utf-8")
    return ready, outcome


def _data(ready: Prepared) -> list[dict[str, Any]]:
    """Of each data set what was used, and what was not by reason."""
    return [
        {
            "set": part.use.set, "fold": part.use.fold, "clips": len(part.samples), "computed": part.computed,
            "reused": part.reused, "left_out": dict(part.left_out.most_common()),
            "teach_nothing_or_less": dict(lost.most_common()),
        }
        for part, lost in zip(ready.parts, ready.losses, strict=True)
    ]  # fmt: skip


def _record(ready: Prepared, folder: Path) -> None:
    """Whose recordings the run saw; nothing where it went on from a model that does not say so itself."""
    start = ready.config.start
    before = TrainingRecord(parts=()) if start is None else TrainingRecord.read(start)
    if before is not None:
        TrainingRecord(parts=(*before.parts, *(part.trained_on for part in ready.parts))).write(folder)


def _save(ready: Prepared, temperature: float) -> None:
    """The model with what was calibrated and what the configuration says of its data."""
    config = ready.config
    settings = {
        "temperature": temperature,
        "written": config.written,
        "licence": config.licence,
        "lead": config.lead,
        "window": config.window,
        "words": config.words,
        "languages": config.languages,
        "face": config.face,
        "shows_measured": config.shows_measured,
        "coordinates": config.coordinates,
    }
    final = replace(ready.model, config=ready.model.config.model_copy(update=settings))
    final.save_pretrained(config.out / "model", dtype=torch.float16 if config.half else None)
    _record(ready, config.out / "model")
    if config.half:
        # Scales keep their precision: features may be small differences of large numbers.
        state = {name: tensor.detach().cpu() for name, tensor in final.fusion.state_dict().items()}
        halved = {
            name: (tensor.half() if name.endswith("weight") else tensor).contiguous() for name, tensor in state.items()
        }
        save_file(halved, config.out / "model" / PROJECTIONS)
