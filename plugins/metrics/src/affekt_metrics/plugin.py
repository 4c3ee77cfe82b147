"""Announces the evaluators. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl

EVALUATORS = {
    "accuracy": ("accuracy:Accuracy", "Share of right answers, and of right claims where a system may abstain"),
    "uar": ("uar:UnweightedAverageRecall", "Unweighted average recall, accuracy (WAR) and every class's recall"),
    "f1": ("f1:F1", "F1, weighted and macro"),
    "confusion": ("confusion:Confusion", "How often each emotion was taken for each"),
    "mer2023": ("mer2023:Mer2023", "MER2023: weighted F1 less a quarter of valence's squared error"),
    "dfew": ("dfew:Dfew", "DFEW: UAR and WAR, means over five folds"),
    "mer2024-ov": ("mer2024_ov:Mer2024Ov", "MER2024-OV: set accuracy and recall over synonym groups"),
    "emotion-wheel": ("emotion_wheel:EmotionWheel", "Emotion-wheel F1 of open-vocabulary labels, levels 1 and 2"),
    "hit-rate": ("hit_rate:HitRate", "How often the true basic emotion is among the open-vocabulary labels"),
    "sentiment": (
        "sentiment:Sentiment",
        "Weighted F1 of positive against negative, zeros left out",
    ),
    "emer": ("emer:Emer", "EMER clue and label overlap, rated by a language model on this machine"),
    "emer-proxy": ("emer_proxy:EmerProxy", "EMER clue and label overlap from shared words, without a judge"),
    "calibration": ("calibration:Calibration", "Calibration errors, Brier score and the reliability diagram"),
    "risk-coverage": ("risk_coverage:RiskCoverage", "Errors among the most confident answers; what abstaining buys"),
    "agreement": ("agreement:Agreement", "Krippendorff's alpha and Cohen's kappa between humans and the model"),
}


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """All evaluators of the package."""
    for name, (target, summary) in EVALUATORS.items():
        yield ComponentInfo(role="evaluator", name=name, target=f"affekt_metrics.{target}", summary=summary)
