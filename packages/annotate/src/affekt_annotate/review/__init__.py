"""People accept, edit or reject sentences: `decisions` (what they decided), `server` and `page` (one local page).

The page is served to this machine alone, behind a token; it knows clips by name and serves no path of the machine.
"""
