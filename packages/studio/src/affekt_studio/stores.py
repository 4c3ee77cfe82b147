"""Where the jobs of a studio are kept: SQLite in its folder for one machine, Redis for several."""

from typing import TYPE_CHECKING, TypeAlias

from affekt_studio.config import StudioConfig
from affekt_studio.jobs import JobStore

if TYPE_CHECKING:
    from affekt_studio.redis_jobs import RedisJobStore

Store: TypeAlias = "JobStore | RedisJobStore"


def open_store(config: StudioConfig) -> Store:
    """The jobs of the studio with this configuration.

    Raises:
        QueueUnreachable: no Redis answers at the address of the configuration.
        MissingDependency: the client of Redis is not installed.
    """
    kept = {"kept_seconds": config.limits.kept_seconds, "attempts": config.attempts}
    if not config.redis:
        return JobStore(config.folder, **kept)
    from affekt_studio.redis_jobs import RedisJobStore

    return RedisJobStore(config.redis, config.folder, lease_seconds=config.lease_seconds, **kept)
