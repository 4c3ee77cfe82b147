"""The `affekt` command. Start in `main`; a command a file, and nothing heavy is imported before a command runs."""
