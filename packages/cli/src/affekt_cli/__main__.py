"""`python -m affekt_cli` is `affekt`."""

from affekt_cli.main import main

main()
