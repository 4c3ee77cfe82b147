"""What can go wrong with a component in another interpreter. All derive from core's `ComponentError`.

    ComponentError
    └── IsolationError
        ├── WorkerFailed      the component raised; the cause is the worker's own traceback
        ├── WorkerCrashed     its process ended: a segmentation fault, `os._exit`, too much memory
        └── WorkerTimedOut    a call took longer than `timeout`

An error of affekt's own tree keeps its type on the way: an `OptionsError` over there is an `OptionsError` here.
"""

from affekt.errors import ComponentError


class WorkerTraceback(Exception):
    """The worker's traceback as text: the cause of the error that arrives here."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0].rstrip()}\n"""'


class IsolationError(ComponentError):
    """A component in another interpreter failed."""


class WorkerFailed(IsolationError):
    """The component raised; `__cause__` is its traceback."""


class WorkerCrashed(IsolationError):
    """The process of the component ended; the next call starts another."""


class WorkerTimedOut(IsolationError):
    """A call took longer than allowed and its process was ended; the next call starts another."""
