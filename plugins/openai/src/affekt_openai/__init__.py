"""Any OpenAI-compatible endpoint as describer, reasoner and judge."""
