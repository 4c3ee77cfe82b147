"""What a person sees of results.

`showing` writes to the console, `report` makes a page of `charts` and `error_cases`, `tables` are for console, Markdown
and LaTeX, and `published` cites what others published.
"""
