"""The suite of fusers: what `fuse` promises beyond what every role does."""

from dataclasses import replace
from typing import ClassVar

import pytest
from affekt import Component, Evidence, FusedSequence
from affekt.roles import Role

from affekt_testing.batch import BatchSuite
from affekt_testing.inputs import WHY, make_evidence
from affekt_testing.suite import fail


class FuserSuite(BatchSuite):
    """Evidence in, tokens of the reasoner out. Runs on `make_evidence()` unless there is a fixture `inputs`.

    A fuser with slots or widths of its own needs such a fixture; its first clip should have every slot.
    """

    role: ClassVar[Role] = "fuser"
    method: ClassVar[str] = "fuse"
    results: ClassVar[tuple[type, ...]] = (FusedSequence,)

    @pytest.fixture
    def inputs(self) -> list[Evidence]:
        """Evidence with features in every slot that the fuser reads."""
        return make_evidence()

    def test_tokens_have_one_width(self, made: Component, inputs: list[Evidence]) -> None:
        """All tokens live in the reasoner's embedding space, so all sequences have its width; some token must attend.

        Features of another width than the fuser was made for are a DataError that names the slot.
        """
        fused = self.call(made, inputs)
        if len(widths := {sequence.tokens.shape[1] for sequence in fused}) > 1:
            fail(f"sequences have different widths: {sorted(widths)}")
        if not fused[0].mask.any():
            fail("no token of a complete clip is attended: its mask is False everywhere")

    def test_says_when_its_modality_is_missing(self, made: Component, inputs: list[Evidence]) -> None:
        """A slot that is missing must leave the mask False where its tokens would be, or have no tokens at all.

        Zeros under a True mask tell the reasoner of something that was never measured.
        """
        complete = inputs[0]
        (reference,) = self.call(made, [complete])
        for slot in complete.features:
            kept = {name: features for name, features in complete.features.items() if name != slot}
            (less,) = self.call(made, [replace(complete, features=kept, missing={**complete.missing, slot: WHY})])
            if int(less.mask.sum()) >= int(reference.mask.sum()):
                fail(f'without "{slot}" as many tokens are attended as with it: {int(less.mask.sum())}')
