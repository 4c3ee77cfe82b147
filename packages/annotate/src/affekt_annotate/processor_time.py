"""The processor time of a run, which does not depend on what else the machine does."""

import psutil  # type: ignore[import-untyped]


def processor_seconds(process: psutil.Process) -> float:
    """Seconds of the processor that a process and its children took so far; 0 where it has ended."""
    try:
        own, children = process.cpu_times(), process.children(recursive=True)
        spent = sum(own[:4])  # those of children that ended are in it
        for child in children:
            spent += sum(child.cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0.0
    return float(spent)
