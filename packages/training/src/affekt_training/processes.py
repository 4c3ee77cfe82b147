"""How many processes a run was started with, and how many there are: a launcher may start fewer without a word."""

import os
from collections.abc import Mapping

import psutil  # type: ignore[import-untyped]
from affekt import OptionsError

COUNTS = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
"""Variables by which torchrun and MPI say how many processes there are."""


def world_size(surroundings: Mapping[str, str] = os.environ) -> int:
    """Processes of the run, as its launcher set them up."""
    return max(int(surroundings.get(name) or 1) for name in COUNTS)


def local_rank(surroundings: Mapping[str, str] = os.environ) -> int:
    """Which of this machine's processes this is, from 0."""
    return int(surroundings.get("LOCAL_RANK") or 0)


def check_launch(surroundings: Mapping[str, str] = os.environ, parent: list[str] | None = None) -> None:
    """Looks for a launcher that was asked for several processes and started one.

    `accelerate launch --cpu` does so without MPI: it says where the first process would listen, and starts no second.

    Args:
        parent: the command line of the process that started this one; found out when None.

    Raises:
        OptionsError: there is one process, and several were asked for.
    """
    launched = "ACCELERATE_MIXED_PRECISION" in surroundings and "MASTER_ADDR" in surroundings
    if not launched or world_size(surroundings) > 1:
        return
    asked = _asked(_parent() if parent is None else parent)
    raise OptionsError(
        f"accelerate launch was asked for {asked or 'several'} processes and started one; on CPUs it starts several "
        "with MPI only",
        hint=f"torchrun --nproc_per_node {asked or 2} -m affekt_cli train …, or --num_processes 1",
    )


def check_state(processes: int, surroundings: Mapping[str, str] = os.environ) -> None:
    """Compares the processes that train together with those that were started.

    Args:
        processes: of accelerate's state.

    Raises:
        OptionsError: they do not train together.
    """
    if (started := world_size(surroundings)) != processes:
        raise OptionsError(
            f"{started} processes were started, and {processes} would train together: each would train a model of its "
            "own",
            hint="one launcher: torchrun, or accelerate launch",
        )


def _parent() -> list[str]:
    try:
        parent = psutil.Process().parent()
        return [] if parent is None else list(parent.cmdline())
    except psutil.Error:
        return []


def _asked(command: list[str]) -> int | None:
    """The value of --num_processes."""
    for index, word in enumerate(command):
        name, _, value = word.partition("=")
        if name.replace("-", "_") == "__num_processes":
            value = value or (command[index + 1] if index + 1 < len(command) else "")
            return int(value) if value.isdigit() else None
    return None
