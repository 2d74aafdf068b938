"""The emulator's control API: time is moved, not slept."""

import json
import urllib.request


class Control:
    def __init__(self, emulator: str):
        self.root = f"{emulator}/_emulator"

    def advance_clock(self, seconds: int) -> None:
        self.post("clock", advance_seconds=seconds)

    def set_clock_offset(self, seconds: int) -> None:
        self.post("clock", offset_seconds=seconds)

    def rotate_keys(self) -> None:
        self.post("keys/rotate")

    def post(self, operation: str, **arguments) -> None:
        request = urllib.request.Request(
            f"{self.root}/{operation}",
            json.dumps(arguments).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
