"""Faces of a clip: tracks, action units and facial expressions.

`plugin` announces the components, `track` finds and follows faces, `action_units` and `expression` encode them.
"""
