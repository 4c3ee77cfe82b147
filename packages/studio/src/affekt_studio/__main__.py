"""`python -m affekt_studio` is `affekt studio`."""

from affekt_studio.commands import app

app()
