"""A copier template of a plugin: `plugin` holds its files, `copier.yml` its three questions, `commands` runs it."""
