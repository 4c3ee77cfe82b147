"""A plugin that cannot be listed without a framework."""
