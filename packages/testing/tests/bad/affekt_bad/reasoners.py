from affekt import Clue, Component, EmotionPrediction

EVEN = {"happy": 0.5, "sad": 0.5}


class Says(Component):
    """Good: claims something where something is known."""

    def reason(self, evidence):
        return [self.one(known) for known in evidence]

    def one(self, known):
        if not known.features:
            return EmotionPrediction(scores=EVEN, abstained="nothing is known")
        return EmotionPrediction(scores={"happy": 0.7, "sad": 0.3}, clues=self.clues(known))

    def clues(self, known):
        return (Clue(modality="audio", start=0.0, end=known.clip.duration, text="a voice", checked=True),)


class CluesInMilliseconds(Says):
    def clues(self, known):
        return (Clue(modality="audio", start=0.0, end=1000 * known.clip.duration, text="a voice", checked=True),)


class GuessesFromNothing(Says):
    def one(self, known):
        return super().one(known) if known.features else EmotionPrediction(scores=EVEN)
