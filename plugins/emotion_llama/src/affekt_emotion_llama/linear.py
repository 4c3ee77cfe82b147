"""The fuser `linear`: one linear layer a source, as in Emotion-LLaMA (260 tokens with the paper's five sources)."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from affekt import Component, Evidence, FusedSequence
from pydantic import Field

from affekt_emotion_llama.fusing import Loaded, fuse
from affekt_emotion_llama.projections import PAPER, Projection, Projections, check_names, slots_of
from affekt_emotion_llama.saved import in_use, load_fuser


class LinearFuser(Component):
    """Projects features into the language model's embedding space, each source by its own linear layer."""

    model: str | None = Field(
        default=None, description="A saved model: a folder, a hub name or a shipped name; its projections are used"
    )
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    projections: tuple[Projection, ...] | None = Field(
        default=None,
        min_length=1,
        description="Of a model to be trained; null takes the paper's five. A saved model brings its own",
    )
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance: the saved model's."""
        return in_use(self.model)

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of the pipeline it reads."""
        return slots_of(self.projections or PAPER)

    def module(self, dims: Mapping[str, int], hidden: int) -> Projections:
        """A new module with random weights; see `streams.TrainableFuser`.

        Raises:
            OptionsError: two projections share a name, or those of the video do not come first.
        """
        projections = self.projections or PAPER
        check_names(projections)
        return Projections(projections, dims, hidden)

    @cached_property
    def _loaded(self) -> Loaded:
        return load_fuser("linear", self.model, self.revision, self.device)

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        """One sequence a clip, with a mask where a slot is missing."""
        return fuse(self._loaded, evidence, self.device)
