"""`affekt bench all`: one protocol across corpora, called affekt-corpora-v1.

Read on in `listed` (which corpora, and what is read in each), `vectors` (what encoders find, computed once), `probes`
(regressions that never saw the person they judge), `cost` (processor time) and `leaderboard` (all of it, and the page).
"""
