"""Measurements that a reader can repeat. `cost` measures time and memory; `commands` is the command line."""
