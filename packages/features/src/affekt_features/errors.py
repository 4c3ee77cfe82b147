"""What can go wrong with a store."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from affekt import AffektError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StoreError(AffektError):
    """A store cannot be read or written."""


class StoreFull(StoreError):
    """There is no room for another entry; those that were there are intact."""


class Corrupt(StoreError):
    """An entry is not what was written; it is recomputed wherever it is asked for."""


@contextmanager
def writing(where: str) -> Iterator[None]:
    """Turns what the file system refuses into an error that says where."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise StoreFull(
                f'"{where}" cannot take another entry: {reason}; what it held is intact',
                hint="freeing space, or --store on a larger disk, then the same command again",
            ) from error
        raise StoreError(
            f'"{where}" cannot be written: {reason}', hint="another --store, or its permissions"
        ) from error
