"""What came of one clip, whatever goes wrong with it."""

from dataclasses import dataclass

from affekt import AffektError
from affekt_datasets import Sample
from affekt_features.errors import StoreError

from affekt_annotate.annotation import Annotation
from affekt_annotate.steps import Annotator


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one clip."""

    name: str
    annotation: Annotation | None = None
    error: str = ""
    """Why it has no annotation."""


def work(annotator: Annotator, sample: Sample, name: str) -> Outcome:
    """One clip; whatever goes wrong with it is its own outcome.

    Raises:
        StoreError: the working folder cannot be written, which concerns every clip.
    """
    try:
        return Outcome(name=name, annotation=annotator.annotate(sample, name))
    except StoreError:
        raise
    except AffektError as error:
        return Outcome(name=name, error=error.message)
    except OSError as error:
        return Outcome(name=name, error=f"{error}")
    except Exception as error:  # one broken clip stops nobody
        return Outcome(name=name, error=f"{type(error).__name__}: {error}")
