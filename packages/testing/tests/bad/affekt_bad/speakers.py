import numpy as np
from affekt import AudioSignal, Component, DataError, SpeechResult


class Hums(Component):
    """Good: a tone a letter."""

    def speak(self, requests):
        return [self.one(request) for request in requests]

    def one(self, request):
        if not request.text.strip():
            raise DataError("there is nothing to say")
        return self.result(request, 0.3, 16_000, {"synthetic": True})

    def result(self, request, level, rate, provenance):
        time = np.arange(len(request.text) * 1600) / 16_000
        samples = (level * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
        audio = AudioSignal(samples=samples, sample_rate=rate)
        return SpeechResult(audio=audio, request=request, provenance=provenance)


class HidesThatItIsSynthetic(Hums):
    def result(self, request, level, rate, provenance):
        return super().result(request, level, rate, {})


class Whispers(Hums):
    def result(self, request, level, rate, provenance):
        return super().result(request, 1e-4, rate, provenance)


class AnotherRate(Hums):
    def result(self, request, level, rate, provenance):
        return super().result(request, level, 8000, provenance)


class SilenceForNothing(Hums):
    def one(self, request):
        return self.result(request, 0.3, 16_000, {"synthetic": True})
