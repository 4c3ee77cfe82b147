from affekt import Component, DataError


class Share(Component):
    """Good: the share of right labels."""

    def evaluate(self, predictions, truth):
        if len(predictions) != len(truth) or not truth:
            raise DataError("as many references as predictions are needed")
        return {"share": sum(p.label == t for p, t in zip(predictions, truth, strict=True)) / len(truth)}


class NotANumber(Share):
    def evaluate(self, predictions, truth):
        return {**super().evaluate(predictions, truth), "correlation": float("inf")}


class ZeroForNothing(Share):
    def evaluate(self, predictions, truth):
        return super().evaluate(predictions, truth) if len(predictions) == len(truth) > 0 else {"share": 0.0}
