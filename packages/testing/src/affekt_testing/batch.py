"""The tests of every role whose method takes a batch and returns one result an input."""

from typing import Any, ClassVar

from affekt import Component

from affekt_testing.comparing import difference
from affekt_testing.suite import Suite, fail


class BatchSuite(Suite):
    """A batch in, a list out, same length, same order."""

    results: ClassVar[tuple[type, ...]]
    """What the role returns."""

    def test_one_result_per_clip(self, made: Component, inputs: list[Any]) -> None:
        """The method must return a list with one result an input, in order, each of the type that the role names."""
        results = self.call(made, inputs)
        if not isinstance(results, list) or len(results) != len(inputs):
            count = len(results) if isinstance(results, list | tuple) else "no length"
            fail(f"{self.method} returns a {type(results).__name__} of {count} for {len(inputs)} inputs")
        for result in results:
            if not isinstance(result, self.results):
                wanted = " or ".join(kind.__name__ for kind in self.results)
                fail(f"{self.method} returns {type(result).__name__}, not {wanted}")

    def test_an_empty_batch_is_no_trouble(self, made: Component) -> None:
        """No input, no result: return []. Look out for `np.stack([])`, `max([])` and a batch size of zero."""
        results = self.call(made, [])
        if list(results):
            fail(f"{self.method}([]) returns {results!r}, not []")

    def test_a_batch_does_not_leak(self, made: Component, inputs: list[Any]) -> None:
        """A result must not depend on its neighbours in the batch, nor on their order.

        Padding is the usual leak: mask it, batch only inputs of equal length, or run them one at a time. Statistics
        over the batch (normalisation) are another: put networks into eval mode.
        """
        alone = [self.call(made, [single])[0] for single in inputs]
        reverse = list(self.call(made, inputs[::-1]))[::-1]
        for name, together in (("a batch", list(self.call(made, inputs))), ("reverse order", reverse)):
            if what := difference(alone, together, self.tolerance):
                fail(f"alone and in {name}, results differ: {what}")
