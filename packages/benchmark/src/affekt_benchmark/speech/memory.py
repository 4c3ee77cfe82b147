"""A pipeline that says and hears each thing once: the same neutral sentence stands beside many others."""

from dataclasses import dataclass, field

from affekt import Clip, Pipeline, SpeechRequest, SpeechResult
from affekt_recordings import Analysis


@dataclass(frozen=True)
class Remembering:
    """Speaks and analyses as the pipeline does, the first time; then it repeats what came of it."""

    pipeline: Pipeline
    spoken: dict[SpeechRequest, SpeechResult] = field(default_factory=dict)
    heard: dict[bytes, Analysis] = field(default_factory=dict)

    def speak(self, request: SpeechRequest) -> SpeechResult:
        """Speaks, or gives what was spoken before."""
        if request not in self.spoken:
            self.spoken[request] = self.pipeline.speak(request)
        return self.spoken[request]

    def analyze(self, clip: Clip) -> Analysis:
        """What is heard in a clip of sound."""
        assert clip.audio is not None
        sound = clip.audio.samples.tobytes()
        if sound not in self.heard:
            self.heard[sound] = self.pipeline.analyze(clip)
        return self.heard[sound]
