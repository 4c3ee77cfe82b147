"""What is raised of a data set on disk."""

from affekt import DataError


class DatasetError(DataError):
    """A data set is not there, or not as its makers hand it out."""
