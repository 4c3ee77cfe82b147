"""`python:` in a pipeline file: the component runs in another interpreter.

    speech: {use: hubert, layer: 3, python: old/bin/python}
    speech: {use: hubert, python: {path: old/bin/python, timeout: 60, memory: 4GB}}

Core only reads the key; what is announced for the hook `affekt_isolation` is imported when a pipeline with it is built,
and the process starts on the first call.
"""

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ByteSize, ConfigDict, Field, model_validator

from affekt.discovery import plugins
from affekt.errors import MissingDependency, PluginError
from affekt.roles import Role

_ISOLATION = ("isolation", "running a component in another interpreter")
"""The hook, and what it is needed for."""


class Interpreter(BaseModel):
    """Where a component runs, and what it may use there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Of a Python executable; a relative one starts from the working directory, as in other options."""
    timeout: float = Field(default=600.0, gt=0)
    """Seconds that one call may take, loading weights on the first included."""
    memory: ByteSize | None = None
    """What the process and those it starts may hold: "4GB", or a number of bytes. None sets no limit."""

    @model_validator(mode="before")
    @classmethod
    def _path_alone(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    def problems(self) -> Iterator[str]:
        """What stands in the way here; the component itself is only looked for when it runs."""
        if shutil.which(self.path) is None:
            yield f'there is no interpreter "{self.path}"'
        try:
            plugins().function(*_ISOLATION)
        except (MissingDependency, PluginError) as error:
            yield f"{error.message} ({error.hint})"

    def create(self, role: Role, name: str, options: Mapping[str, Any]) -> Any:
        """The component's stand-in.

        Raises:
            MissingDependency: nothing that starts other interpreters is installed.
        """
        isolate = plugins().function(*_ISOLATION)
        return isolate(role, name, options, python=self.path, timeout=self.timeout, memory=self.memory)
