"""Counts for Prometheus. Labels are routes and kinds, never names or contents."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The measures of one studio."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter("affekt_requests", "Requests", (*labels, "status"), registry=self.registry)
        self.seconds = Histogram("affekt_request_seconds", "Time to answer", labels, registry=self.registry)
        self.jobs = Gauge("affekt_jobs", "Jobs in the table", ("state",), registry=self.registry)
        self.workers = Gauge("affekt_workers_ready", "Workers that have loaded a pipeline", registry=self.registry)
        self.restarts = Gauge("affekt_worker_restarts", "Workers started again", registry=self.registry)

    def text(self, jobs: dict[str, int], ready: int, restarts: int) -> bytes:
        """The page that Prometheus reads."""
        for state, number in jobs.items():
            self.jobs.labels(state).set(number)
        self.workers.set(ready)
        self.restarts.set(restarts)
        return generate_latest(self.registry)
