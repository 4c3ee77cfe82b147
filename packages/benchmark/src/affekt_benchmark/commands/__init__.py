"""The command line: `affekt bench` in `bench` with its parts, `affekt ablate` and `affekt report`."""
