"""Where the jobs of a studio are kept: SQLite in its folder for one machine, Redis for several."""

from typing import TYPE_CHECKING, Any, TypeAlias

from affekt_studio.config import StudioConfig
from affekt_studio.jobs import JobStore

if TYPE_CHECKING:
    from affekt_studio.redis_jobs import RedisJobStore

Store: TypeAlias = "JobStore | RedisJobStore"


def open_store(config: StudioConfig, *, through_power_cuts: bool = True) -> Store:
    """The jobs of the studio with this configuration.

    Args:
        through_power_cuts: see `JobStore`; how much Redis keeps is its own setting.

    Raises:
        QueueUnreachable: no Redis answers at the address of the configuration.
        MissingDependency: the client of Redis is not installed.
    """
    kept: dict[str, Any] = {"kept_seconds": config.limits.kept_seconds, "attempts": config.attempts}
    if not config.redis:
        return JobStore(config.folder, through_power_cuts=through_power_cuts, **kept)
    from affekt_studio.redis_jobs import RedisJobStore

    return RedisJobStore(config.redis, config.folder, lease_seconds=config.lease_seconds, **kept)
