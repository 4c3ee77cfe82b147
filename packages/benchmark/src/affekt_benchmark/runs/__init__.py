"""A pipeline that is asked about every case.

`measuring` is one system on one suite, `running` keeps every answer at once, `on_ray` does the same as a job of Ray,
`losses` counts what a figure is not about, and `progress` shows how far it is.
"""
