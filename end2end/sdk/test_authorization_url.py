"""Scalekit's own SDK builds the address where a sign-in starts, on the emulator's origin."""

from urllib.parse import parse_qs, urlsplit

from scalekit import ScalekitClient
from scalekit.common.scalekit import AuthorizationUrlOptions

from conftest import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI


def test_the_authorization_url_leads_to_the_emulator(emulator):
    client = ScalekitClient(emulator, CLIENT_ID, CLIENT_SECRET)

    url = urlsplit(client.get_authorization_url(REDIRECT_URI, AuthorizationUrlOptions()))

    assert f"{url.scheme}://{url.netloc}" == emulator
    assert parse_qs(url.query)["client_id"] == [CLIENT_ID]
    assert parse_qs(url.query)["redirect_uri"] == [REDIRECT_URI]
