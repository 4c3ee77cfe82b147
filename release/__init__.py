"""How a release is made and rehearsed: `lock` (versions), `rehearsal` (the whole, tried), `tag` (one distribution)."""
