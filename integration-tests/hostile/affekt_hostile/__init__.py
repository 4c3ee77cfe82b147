"""Components that misbehave while they are imported, made or called, for test_hostile_plugins.py."""
