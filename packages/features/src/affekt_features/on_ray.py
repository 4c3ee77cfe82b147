"""Extraction as a Ray Data job: the same components as actors, the same store, on as many machines as the cluster has.

Ray's usage reports are switched off for this process and all that the job starts.
"""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from affekt import ComponentError, MissingDependency
from affekt_datasets import Sample

from affekt_features.errors import StoreError, StoreFull
from affekt_features.job import Job, Outcome, sample_from_json, sample_to_json
from affekt_features.work import Work

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Ray would report usage to its makers; see decision 0004."""


class Extractor:
    """An actor: the components of the job, made once and kept."""

    def __init__(self, job: str) -> None:
        self._work = Work(Job.from_json(job))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Outcomes of a batch of clips, each as a line of JSON; a store that fails is the outcome of all."""
        samples = [sample_from_json(str(text)) for text in batch["sample"]]
        try:
            return {"outcome": [outcome.to_json() for outcome in self._work.do(samples)]}
        except StoreError as error:
            # Ray would try again, and wrap the error beyond recognition.
            failure = json.dumps({"fatal": type(error).__name__, "message": error.message, "hint": error.hint})
            return {"outcome": [failure] * len(samples)}


def run(job: Job, samples: Sequence[Sample], workers: int = 1, address: str | None = None) -> Iterator[Outcome]:
    """One outcome a clip, in whatever order they come.

    Args:
        workers: actors.
        address: of a running cluster; a local one is started, and ended, when None.

    Raises:
        MissingDependency: Ray is not installed.
        ComponentError: its cluster cannot be reached, or does not start.
        StoreError: the store cannot be read or written.
    """
    with cluster(workers, address) as ray:
        yield from _outcomes(ray, job, samples, workers)


@contextmanager
def cluster(workers: int = 1, address: str | None = None) -> Iterator[Any]:
    """The module `ray`, connected to a cluster; what is connected or started for the `with` block ends with it.

    The cluster is the one that this process is connected to already, the one at the address, or a local one.

    Args:
        workers: processors of a local cluster.
        address: of a running cluster; a local one is started when None.

    Raises:
        MissingDependency: Ray is not installed.
        ComponentError: the cluster cannot be reached, or does not start.
    """
    os.environ.update(QUIET)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingDependency("--engine ray needs Ray", hint='pip install "affekt-features[ray]"') from error
    started = not ray.is_initialized()
    if started:
        _start(ray, workers, address)
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # its log of every step would run into the progress bar
    try:
        yield ray
    finally:
        if started:
            ray.shutdown()


def over_actors(
    actor: type,
    arguments: tuple[Any, ...],
    rows: Sequence[dict[str, Any]],
    workers: int = 1,
    address: str | None = None,
    batch_size: int = 1,
) -> Iterator[dict[str, Any]]:
    """What actors of a class make of rows, in whatever order it comes; a lost actor's rows go to another one.

    Args:
        actor: made once a worker; called with a batch, a column a key of the rows, it returns columns.
        arguments: of its constructor.
        workers: actors.
        address: of a running cluster; a local one is started, and ended, when None.

    Raises:
        MissingDependency: Ray is not installed.
        ComponentError: its cluster cannot be reached, or the job fails.
    """
    with cluster(workers, address) as ray:
        dataset = ray.data.from_items(list(rows), override_num_blocks=max(1, min(len(rows), 4 * workers)))
        actors = ray.data.ActorPoolStrategy(size=workers)
        done = dataset.map_batches(actor, fn_constructor_args=arguments, compute=actors, batch_size=batch_size)
        try:
            yield from done.iter_rows()
        except (ray.exceptions.RayError, ConnectionError, RuntimeError, TimeoutError) as error:
            raise ComponentError(f"the job on Ray failed: {error}", hint="--engine local") from error


def _start(ray: Any, workers: int, address: str | None) -> None:
    """Connects, or starts a local cluster: again when the first try takes longer than Ray waits for itself."""
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    # Processes of a local cluster inherit the environment; those of another one are told.
    there: dict[str, Any] = {"address": address, "runtime_env": {"env_vars": QUIET}}
    # "local", for without an address Ray joins whatever cluster this machine has, and then refuses the processors.
    local = {"address": "local", "num_cpus": workers, "include_dashboard": False}
    for last in (False, True):
        try:
            ray.init(**quiet, **(there if address else local))
            return
        except Exception as error:  # Ray has no error of its own for this
            ray.shutdown()
            if address or last:
                where = f'the cluster "{address}" cannot be reached' if address else "a local cluster does not start"
                raise ComponentError(
                    f"Ray: {where}: {error}", hint="--engine local, or the same again on a machine that is less busy"
                ) from error


def _outcomes(ray: Any, job: Job, samples: Sequence[Sample], workers: int) -> Iterator[Outcome]:
    rows = [{"sample": sample_to_json(sample)} for sample in samples]
    clips = ray.data.from_items(rows, override_num_blocks=max(1, min(len(rows), 4 * workers)))
    actors = ray.data.ActorPoolStrategy(size=workers)
    done = clips.map_batches(Extractor, fn_constructor_args=(job.to_json(),), compute=actors, batch_size=job.batch_size)
    for row in done.iter_rows():
        fatal = json.loads(row["outcome"])
        if "fatal" in fatal:
            kind = StoreFull if fatal["fatal"] == "StoreFull" else StoreError
            raise kind(fatal["message"], hint=fatal["hint"])
        yield Outcome.from_json(row["outcome"])
