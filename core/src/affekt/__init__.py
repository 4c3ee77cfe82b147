"""affekt: what is felt in a clip, and why.

    import affekt
    analysis = affekt.load().analyze("clip.mp4")
    reply = affekt.respond("clip.mp4", text="I see.", until_felt=True)

Read in this order; a test holds that no file imports one that stands after it:

1. `errors`, `contracts`, `shapes`: what may go wrong, and how values are checked.
2. `tracks`, `data`, `evidence`, `answers`: what flows, from a clip to a prediction and to speech.
3. `roles`, `suggestions`, `component`, `hooks`: who works on it, their options, and what a plugin announces.
4. `announcements`, `targets`, `lookup`, `registry`, `requirements`, `discovery`: the plugins that are installed.
5. `devices`, `problems`, `slots`: the parts of a pipeline, as a file names them.
6. `calling`, `gathering`, `provenance`, `trained_with`, `pipeline`: components that run.
7. `yaml_file`, `swapping`, `spec`: a file becomes a pipeline.

What is above core is called through hooks: whole recordings (`affekt_recordings`), reading files, drawing, other
interpreters, answers aloud. `elsewhere` holds the names of these that `affekt` offers.
Importing affekt imports no framework and no plugin.
"""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affekt import elsewhere
from affekt.answers import (
    Clue,
    EmotionPrediction,
    Moment,
    Reference,
    SpeechRequest,
    SpeechResult,
    Truth,
    why_unclaimed,
)
from affekt.calling import OnProgress
from affekt.component import Component
from affekt.data import AudioSignal, Clip, Modality, VideoFrames
from affekt.discovery import plugins
from affekt.errors import (
    AffektError,
    ComponentError,
    ComponentNotFound,
    ComponentNotInstalled,
    DataError,
    IncompatiblePlugin,
    MediaError,
    MissingDependency,
    NameTaken,
    OptionsError,
    PipelineNotInstalled,
    PluginError,
    PluginFailed,
    SpecError,
    WeightsError,
)
from affekt.evidence import Evidence, Features, FusedSequence, Missing
from affekt.hooks import ComponentInfo, PipelineInfo, hookimpl
from affekt.pipeline import Pipeline
from affekt.registry import Registry
from affekt.roles import ROLES, Encoder, Evaluator, Fuser, Preparer, Reasoner, Speaker
from affekt.slots import Use
from affekt.spec import PipelineSpec
from affekt.tracks import Appearance, FaceLooks, FaceTrack, SoundEvent, Translation, Word
from affekt.trained_with import TrainedWith

if TYPE_CHECKING:
    from affekt_recordings import DISCLAIMER as DISCLAIMER
    from affekt_recordings import Analysis as Analysis
    from affekt_recordings import FailedAnalysis as FailedAnalysis
    from affekt_recordings import Interrupted as Interrupted
    from affekt_reply import Reply

__version__ = version("affekt-core")
"""The version of affekt-core, by which plugins say what they work with."""


def load(pipeline: str | Path = "default", /, **changes: object) -> Pipeline:
    """A pipeline by name or file, with some slots changed: `affekt.load(words=None)`, `affekt.load("mine.yaml")`.

    A model reads the encoders that it was trained with. Where another encoder is put into a slot, what depends on it is
    trained anew: `affekt fit --set speech=hubert --data DATASET -o mine.yaml` writes a pipeline that loads here.

    Raises:
        SpecError: the pipeline is unknown or has problems, all of them listed.
    """
    spec = PipelineSpec.read(pipeline)
    return (spec.swap(**changes) if changes else spec).build()


def respond(clip: str | Path | Clip, **options: Any) -> "Reply":
    """Analyses a recording and answers it aloud; `affekt_reply.respond` says what the options are.

    Raises:
        MissingDependency: affekt-reply is not installed.
    """
    return plugins().function("respond", "an answer aloud")(clip, **options)  # type: ignore[no-any-return]


__getattr__ = elsewhere.get

__all__ = [
    "ROLES", "AffektError", "Appearance", "AudioSignal", "Clip", "Clue", "Component", "ComponentError",
    "ComponentInfo", "ComponentNotFound", "ComponentNotInstalled", "DataError", "EmotionPrediction", "Encoder",
    "Evaluator", "Evidence", "FaceLooks", "FaceTrack", "Features", "FusedSequence", "Fuser", "IncompatiblePlugin",
    "MediaError", "Missing", "MissingDependency", "Modality", "Moment", "NameTaken", "OnProgress", "OptionsError",
    "Pipeline", "PipelineInfo", "PipelineNotInstalled", "PipelineSpec", "PluginError", "PluginFailed", "Preparer",
    "Reasoner", "Reference", "Registry", "SoundEvent", "Speaker", "SpecError", "SpeechRequest", "SpeechResult",
    "TrainedWith", "Translation", "Truth", "Use", "VideoFrames", "WeightsError", "Word", "__version__", "hookimpl",
    "load", "plugins", "respond", "why_unclaimed",
]  # fmt: skip
