"""Speech that is spoken, heard and measured.

`material` holds the sentences, `speaking` runs, `memory` says nothing twice, `recognition` hears which emotion was
meant, `summary` has the figures and `listening` a page in blind order.
"""
