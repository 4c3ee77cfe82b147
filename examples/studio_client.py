"""The studio's API from Python: upload a recording, wait for the result, export it, remove it.

python examples/studio_client.py [clip.mp4 [ADDRESS TOKEN]]

Without an address a studio is started for the time of the example, with a pipeline of one rule.
"""

import socket
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp

import httpx2
from affekt_studio import Client

clip = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample/white_house_statement_2015.mp4")


def started(folder: Path) -> tuple[subprocess.Popen[bytes], str, str]:
    """A studio on this machine, once it answers."""
    (folder / "quick.yaml").write_text("name: quick\nencoders: {speech: loudness}\nreasoner: loud-is-excited\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, token = f"http://127.0.0.1:{port}", "example"
    options = ["--port", str(port), "--token", token, "--folder", str(folder / "studio"), "--no-browser"]
    command = [sys.executable, "-m", "affekt_studio", *options, "--pipeline", f"quick={folder / 'quick.yaml'}"]
    process = subprocess.Popen(command)
    while process.poll() is None:
        try:
            if httpx2.get(f"{address}/readyz").status_code == 200:
                break
        except httpx2.HTTPError:
            time.sleep(0.1)
    return process, address, token


process, address, token = (None, *sys.argv[2:4]) if len(sys.argv) > 3 else started(Path(mkdtemp()))
try:
    with Client(address, token) as client:
        job = client.submit(clip)
        result = client.result(job["id"])
        print(result["label"], result["rationale"])
        print(client.export(job["id"], "emotionml").decode().splitlines()[0])
        client.purge()
        print(len(client.analyses()), "analyses are left")
finally:
    if process is not None:
        process.terminate()
        process.wait()
