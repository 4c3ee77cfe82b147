"""Networks of transformers from a local folder or the hub: safetensors first, tensors only otherwise."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from affekt import WeightsError
from affekt_weights import fetch

from affekt_encoding.devices import device_of, dtype_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Network = TypeVar("Network", bound="PreTrainedModel")


def load_pretrained(
    kind: type[Network],
    model: str | Path,
    *,
    revision: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    may_miss: Sequence[str] = (),
) -> Network:
    """The network, ready to run. Heads that the checkpoint has beyond `kind` are left out.

    Args:
        kind: a class of transformers, such as HubertModel.
        model: a name from `affekt weights list`, a local folder, or a Hugging Face repository.
        may_miss: weights that a checkpoint may lack because features do not depend on them.

    Raises:
        WeightsError: there is no such model, or its files do not hold this kind of network. A checkpoint that lacks
            weights is refused: transformers would fill them in at random.
        OptionsError: this machine has no such device.
    """
    where, arithmetic = device_of(device), dtype_of(dtype)
    folder = pretrained_folder(model, revision)
    try:
        with silent_loading():
            loaded: Any = kind.from_pretrained(
                folder, dtype=arithmetic, use_safetensors=has_safetensors(folder), output_loading_info=True
            )
    except Exception as error:  # transformers, torch and safetensors raise whatever the damaged place suggests
        raise WeightsError(
            f'"{folder}" does not load as {kind.__name__}: {type(error).__name__}: {_first_line(error)}',
            hint="a folder that save_pretrained wrote, or a Hugging Face repository of this kind of model",
        ) from error
    network, report = cast("tuple[Network, dict[str, Any]]", loaded)
    if lacking := sorted(set(report["missing_keys"]) - set(may_miss)):
        raise WeightsError(
            f'"{folder}" holds no whole {kind.__name__}: {len(lacking)} weights are missing, such as "{lacking[0]}"',
            hint="a checkpoint of this kind of model",
        )
    return network.to(where).eval()  # type: ignore[arg-type, no-any-return, unused-ignore]


def pretrained_folder(model: str | Path, revision: str | None = None) -> Path:
    """The folder of a model with config.json and weights; older repositories give pytorch_model.bin.

    Raises:
        WeightsError: there is no such model, or the folder has no config.json or no weights.
    """
    folder = fetch(model, revision=revision)
    if not _weights(folder) and not Path(model).expanduser().is_dir():
        folder = fetch(model, revision=revision, files=("pytorch_model*.bin*",))
    names = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
    if not (folder / "config.json").is_file():
        raise WeightsError(f'"{folder}" has no config.json; found {names}', hint="a folder that save_pretrained wrote")
    if not _weights(folder):
        raise WeightsError(
            f'"{folder}" has neither *.safetensors nor pytorch_model.bin; found {names}',
            hint="a folder that save_pretrained wrote",
        )
    return folder


def has_safetensors(folder: Path) -> bool:
    """True where the folder has weights that hold no code."""
    return any(folder.glob("*.safetensors"))


def _weights(folder: Path) -> list[Path]:
    return [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]


@contextmanager
def silent_loading() -> Iterator[None]:
    """Keeps the bars and tables of transformers off the screen while it loads; what matters is raised by us."""
    from transformers.utils import logging

    theirs: Any = logging
    verbosity, bars = theirs.get_verbosity(), theirs.is_progress_bar_enabled()
    theirs.set_verbosity_error()
    theirs.disable_progress_bar()
    try:
        yield
    finally:
        theirs.set_verbosity(verbosity)
        if bars:
            theirs.enable_progress_bar()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else ""
