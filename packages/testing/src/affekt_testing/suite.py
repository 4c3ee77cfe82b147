"""The tests of every role. A subclass names the `component`, and `options` or a fixture of that name.

The role's own suites add what its method promises, and say what it runs on.
"""

import pickle
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn

import pytest
import yaml
from affekt import AffektError, Component, OptionsError
from affekt.roles import Role
from affekt.yaml_file import parse

from affekt_testing.announcement import HEAVY, announced, listed, weights_of
from affekt_testing.census import census, grown, opened_files
from affekt_testing.comparing import difference
from affekt_testing.overriding import guard, warns_before

__all__ = ["Suite", "warns_before"]

CHEAP = 0.25
"""Seconds within which a component is made."""


def fail(what: str) -> NoReturn:
    """Fails a test without a traceback through the kit."""
    pytest.fail(what, pytrace=False)


class Suite:
    """What holds for a component of any role."""

    component: ClassVar[Any]
    """The class under test, as the plugin announces it."""
    options: ClassVar[Any] = MappingProxyType({})
    """The options of the component; a fixture of this name in the test class can take temporary folders."""
    tolerance: ClassVar[float] = 1e-4
    """By how much numbers may differ between a batch and single calls, relative to the largest."""

    is_conformance_suite: ClassVar[bool] = True
    role: ClassVar[Role]
    method: ClassVar[str]
    _kept: ClassVar[Component | None] = None

    def __init_subclass__(cls) -> None:
        kit = next(base for base in cls.__mro__[1:] if base.__module__.startswith("affekt_testing."))
        if not cls.__module__.startswith("affekt_testing."):
            guard(cls, kit)

    @pytest.fixture
    def given(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        """The options, from the class or from its fixture."""
        own = type(self).options
        return dict(own if isinstance(own, Mapping) else request.getfixturevalue("options"))

    @pytest.fixture
    def made(self, given: dict[str, Any]) -> Component:
        """The component; kept for the next test as long as the options are the same, so that weights load once."""
        fresh: Component = self.component.create(**given)
        kept = type(self)._kept
        if kept is None or kept != fresh:
            kept = type(self)._kept = fresh
        return kept

    @pytest.fixture(scope="class", autouse=True)
    def _let_go(self, request: pytest.FixtureRequest) -> Iterator[None]:
        yield
        request.cls._kept = None

    def call(self, made: Component, batch: list[Any]) -> Any:
        """The role's method on a batch."""
        return getattr(made, self.method)(batch)

    def test_listing_stays_light(self) -> None:
        """The module behind the entry point, and all it imports, must stay free of frameworks and of the component.

        Name the class in `ComponentInfo.target` as text; import frameworks at the top of the component's own module.
        """
        announcement = announced(self.component)
        listing = listed(announcement.distribution)
        if listing["failures"]:
            fail(f"{announcement.distribution} cannot be listed: {'; '.join(listing['failures'])}")
        heavy = HEAVY & {name.partition(".")[0] for name in listing["modules"]}
        if heavy or self.component.__module__ in listing["modules"]:
            what = sorted(heavy) or [self.component.__module__]
            fail(f"listing {announcement.distribution} imports {', '.join(what)}")

    def test_is_cheap_to_make(self, given: dict[str, Any]) -> None:
        """Making a component must load nothing: pipelines are checked and listed without running.

        Move what loads weights, opens files or connects into a `functools.cached_property`, used by the role's method.
        """
        self.component.create(**given)
        begin = time.perf_counter()
        with opened_files() as opened:
            component = self.component.create(**given)
        seconds = time.perf_counter() - begin
        if opened:
            fail(f"making {self.component.__name__} opens {', '.join(dict.fromkeys(opened))}")
        if extra := set(vars(component)) - set(self.component.model_fields):
            fail(f"making {self.component.__name__} already computes {sorted(extra)}")
        if seconds > CHEAP:
            fail(f"making {self.component.__name__} takes {seconds:.2f} s")

    def test_options_survive_a_file(self, given: dict[str, Any]) -> None:
        """Options are written into pipeline files and read back; the component must come out equal.

        Use plain types (text, numbers, tuples of them, Literal), and validators that accept what they return. Options
        must say all: what is set otherwise is lost in the file.
        """
        component = self.component.create(**given)
        try:
            data, problems = parse(yaml.safe_dump(component.model_dump(mode="json")))
            again = self.component.create(**data)
        except (AffektError, yaml.YAMLError, ValueError) as error:
            fail(f"{component!r} does not survive a file: {error}")
        if problems or again != component or pickle.loads(pickle.dumps(component)) != component:
            fail(f"{component!r} comes back from a file as {again!r}")

    def test_unknown_options_are_refused(self, given: dict[str, Any]) -> None:
        """A misspelt option must be an OptionsError, not ignored: an ablation would compare a component with itself.

        Leave `model_config` as `Component` has it (extra="forbid").
        """
        with pytest.raises(OptionsError):
            self.component.create(**given, no_such_option=1)

    def test_options_say_what_they_do(self) -> None:
        """Each option needs `Field(description="…")`: `affekt plugins NAME` and the README's table show it."""
        silent = [name for name, field in self.component.model_fields.items() if not field.description]
        if silent:
            fail(f"these options have no description: {', '.join(silent)}")

    def test_declares_licence_and_size_of_its_weights(self) -> None:
        """A user must know licence and size before a download.

        Name the weights in `ComponentInfo.weights` and announce an `affekt_weights.WeightsInfo` for each; or, where an
        option such as `model` has a default that a hub serves, state `ComponentInfo.licence` and `.size` (bytes).
        """
        announcement = announced(self.component)
        for name, entry in weights_of(announcement).items():
            if entry is None or not getattr(entry, "licence", "") or not getattr(entry, "size", 0):
                fail(f'no plugin announces licence and size of the weights "{name}"')
        hub = [name for name, field in self.component.model_fields.items() if _names_a_model(name, field.default)]
        if hub and not announcement.info.weights and not (announcement.info.licence and announcement.info.size):
            fail(f'the option "{hub[0]}" names weights by default, but ComponentInfo states neither licence nor size')

    def test_repeats_itself(self, made: Component, given: dict[str, Any], inputs: list[Any]) -> None:
        """The same inputs and options must give the same results, also from a second component.

        Seed what is random, put networks into eval mode, and keep no state between calls.
        """
        first = self.call(made, inputs)
        for again in (made, self.component.create(**given)):
            if what := difference(first, self.call(again, inputs), self.tolerance):
                fail(f"a second call gives something else: {what}")

    def test_leaves_its_inputs_alone(self, made: Component, inputs: list[Any]) -> None:
        """Inputs are shared by all components of a pipeline; work on copies.

        `array *= 2`, `array.sort()` and `torch.from_numpy(array).mul_(2)` change the caller's array.
        """
        before = pickle.loads(pickle.dumps(inputs))
        self.call(made, inputs)
        if what := difference(before, inputs, 0.0, "inputs"):
            fail(f"{self.method} changes its inputs: {what}")

    def test_pickles_its_outputs(self, made: Component, inputs: list[Any]) -> None:
        """Results cross processes: fill them with plain data and NumPy arrays only, no lambdas, tensors or handles."""
        results = self.call(made, inputs)
        try:
            again = pickle.loads(pickle.dumps(results))
        except Exception as error:
            fail(f"what {self.method} returns cannot be pickled: {error!r}")
        if what := difference(results, again, 0.0):
            fail(f"what {self.method} returns does not survive pickling: {what}")

    def test_closes_what_it_opens(self, made: Component, inputs: list[Any]) -> None:
        """Calls must not pile up open files, threads or child processes.

        Use `with` for files and pools; what is kept warm belongs into one `functools.cached_property`.
        """
        self.call(made, inputs)  # the first call may load weights and start what stays warm
        before = census()
        for _ in range(3):
            self.call(made, inputs)
        if more := grown(before, by=3):
            what = ", ".join(f"{count[1] - count[0]} {kind}" for kind, count in more.items())
            fail(f"three calls of {self.method} leave {what} open")


def _names_a_model(option: str, default: Any) -> bool:
    return option in ("model", "checkpoint", "weights") and isinstance(default, str) and default != ""
