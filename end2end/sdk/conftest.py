"""An emulator of its own for the tests of Scalekit's Python SDK."""

import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from scalekit import ScalekitClient
from scalekit.common.scalekit import AuthorizationUrlOptions, CodeAuthenticationOptions

from control import Control
from visitor import Visitor

PROJECT = pathlib.Path(__file__).resolve().parents[2]

CLIENT_ID = "skc_emulator"
CLIENT_SECRET = "emulator-secret-not-for-production"
REDIRECT_URI = "http://localhost:3000/auth/callback"
SCOPES = ["openid", "profile", "email", "offline_access"]


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


@pytest.fixture
def client(emulator):
    """Scalekit's own client, as an application makes it."""
    return ScalekitClient(emulator, CLIENT_ID, CLIENT_SECRET)


@pytest.fixture
def visitor(emulator):
    """A browser that has never been here."""
    return Visitor(emulator)


@pytest.fixture
def control(emulator):
    """The emulator's time and keys; afterwards the time is right again."""
    control = Control(emulator)
    yield control
    control.set_clock_offset(0)


@pytest.fixture
def sign_in(client, visitor):
    """Signs a ready-made person in, and returns what the SDK makes of it."""

    def sign_in(person: str = "Ada Admin", **wishes) -> dict:
        options = authorization_options(scopes=SCOPES, **wishes)
        answer = visitor.sign_in(client.get_authorization_url(REDIRECT_URI, options), person)
        return client.authenticate_with_code(answer.query["code"], REDIRECT_URI, CodeAuthenticationOptions())

    return sign_in


def authorization_options(**wishes) -> AuthorizationUrlOptions:
    options = AuthorizationUrlOptions()
    for name, wish in wishes.items():
        assert hasattr(options, name), f"the SDK has no option {name}"
        setattr(options, name, wish)
    return options
