"""The `affekt` command. Nothing heavy is imported before a command runs.

Start in `main`; a command is a file named for it: `analyze` (over many recordings: `many`), `ask`, `speech`, `listing`
and `options`, `doctor` (by `checkup` and `guard`), `demo`. `lazy_group`, `announced` and `help_lines` bring in what
other distributions add. What the commands share: `settings`, `needs`, `speaker`, `written`, `progress`, `exits`; what
they show: `answering`, `drawing` with `palette`, `sparkline` and `spoken`, `attempts`, `descriptions`, `voice_list` and
`exporting`.
"""
