"""The end: the address that the SDK builds for signing out, followed by a browser."""

from scalekit.common.exceptions import ScalekitBadRequestException
from scalekit.common.scalekit import LogoutUrlOptions

import pytest

from conftest import REDIRECT_URI, authorization_options

AFTERWARDS = REDIRECT_URI.removesuffix("/auth/callback")


def test_signing_out_leads_back_to_the_application_with_its_state(client, visitor, sign_in):
    options = LogoutUrlOptions(sign_in()["id_token"], AFTERWARDS, "st4te")

    answer = visitor.open(client.get_logout_url(options))

    assert answer.address.rstrip("/") == AFTERWARDS
    assert answer.query["state"] == "st4te"


def test_afterwards_nobody_is_signed_in_at_the_emulator(client, visitor, sign_in):
    result = sign_in("Ada Admin")
    authorization_url = client.get_authorization_url(REDIRECT_URI, authorization_options())
    assert visitor.open(authorization_url).address == REDIRECT_URI

    visitor.open(client.get_logout_url(LogoutUrlOptions(result["id_token"], AFTERWARDS)))

    assert "Ada Admin" in visitor.open(authorization_url).html
    with pytest.raises(ScalekitBadRequestException, match="invalid_grant"):
        client.refresh_access_token(result["refresh_token"])


def test_signing_out_late_works_with_an_expired_id_token(client, visitor, sign_in, control):
    result = sign_in()
    control.advance_clock(3600)

    answer = visitor.open(client.get_logout_url(LogoutUrlOptions(result["id_token"], AFTERWARDS)))

    assert answer.address.rstrip("/") == AFTERWARDS


def test_without_an_address_the_emulator_says_that_it_is_over(client, visitor, sign_in):
    page = visitor.open(client.get_logout_url(LogoutUrlOptions(sign_in()["id_token"])))

    assert page.status == 200
    assert "You are signed out" in page.html


def test_an_address_that_is_not_registered_is_not_followed(client, visitor, sign_in):
    options = LogoutUrlOptions(sign_in()["id_token"], "http://elsewhere.example/")

    page = visitor.open(client.get_logout_url(options))

    assert page.status == 400
    assert page.address.startswith(client.core_client.env_url)


def test_a_hint_that_is_no_token_signs_nobody_out(client, visitor, sign_in):
    result = sign_in()

    page = visitor.open(client.get_logout_url(LogoutUrlOptions("no token", AFTERWARDS)))

    assert page.status == 400
    assert client.refresh_access_token(result["refresh_token"])["refresh_token"]
