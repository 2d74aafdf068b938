"""An emulator of its own for the tests of Scalekit's Python SDK."""

import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]

CLIENT_ID = "skc_emulator"
CLIENT_SECRET = "emulator-secret-not-for-production"
REDIRECT_URI = "http://localhost:3000/auth/callback"


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    """The address of a running emulator."""
    binary = os.environ.get("EMULATOR_BINARY", PROJECT / "target/debug/emulator")
    address = f"127.0.0.1:{free_port()}"
    log = tmp_path_factory.mktemp("emulator") / "emulator.log"
    with log.open("wb") as output:
        command = [binary, "--listen", address, "--redirect-uri", REDIRECT_URI]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            wait_until_ready(f"http://{address}", process, log)
            yield f"http://{address}"
        finally:
            process.kill()
            process.wait()


def wait_until_ready(url: str, process: subprocess.Popen, log: pathlib.Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/.well-known/openid-configuration", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"the emulator does not answer:\n{log.read_text()}")
