"""The SDK's judgement of the emulator's access tokens."""

import pytest
from scalekit import ScalekitClient
from scalekit.common.exceptions import ScalekitValidateTokenFailureException
from scalekit.common.scalekit import TokenValidationOptions

from conftest import CLIENT_ID, CLIENT_SECRET


def test_an_access_token_is_valid(client, sign_in):
    assert client.validate_access_token(sign_in()["access_token"]) is True


def test_a_changed_access_token_is_not(client, sign_in):
    header, payload, signature = sign_in()["access_token"].split(".")
    changed = f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"

    assert client.validate_access_token(changed) is False
    with pytest.raises(ScalekitValidateTokenFailureException):
        client.validate_access_token_and_get_claims(changed)


def test_what_is_no_token_is_not_valid(client):
    assert client.validate_access_token("no token at all") is False


def test_it_says_who_where_and_what_is_allowed(client, sign_in, emulator):
    claims = client.validate_access_token_and_get_claims(sign_in("Ada Admin")["access_token"])

    assert claims["iss"] == emulator
    assert CLIENT_ID in claims["aud"]
    assert claims["sub"] == "usr_63261014140912135"
    assert claims["oid"] == "org_59615193906282635"
    assert claims["roles"] == ["admin"]
    assert "organization:settings" in claims["permissions"]
    assert claims["sid"].startswith("ses_")
    assert claims["exp"] - claims["iat"] == 300


def test_a_member_may_do_less(client, sign_in):
    claims = client.validate_access_token_and_get_claims(sign_in("Max Member")["access_token"])

    assert claims["roles"] == ["member"]
    assert claims["permissions"] == ["workspace_data:read"]


def test_the_right_issuer_and_audience_are_accepted(client, sign_in, emulator):
    options = TokenValidationOptions(issuer=emulator, audience=[CLIENT_ID])
    token = sign_in()["access_token"]

    assert client.validate_access_token(token, options) is True
    assert client.validate_access_token_and_get_claims(token, options)["iss"] == emulator


@pytest.mark.parametrize(
    "demand",
    [{"issuer": "https://elsewhere.example"}, {"audience": ["skc_other"]}],
    ids=["issuer", "audience"],
)
def test_another_issuer_or_audience_is_not(client, sign_in, demand):
    token = sign_in()["access_token"]
    options = TokenValidationOptions(**demand)

    assert client.validate_access_token(token, options) is False
    with pytest.raises(ScalekitValidateTokenFailureException):
        client.validate_access_token_and_get_claims(token, options)


def test_an_expired_token_is_refused(client, sign_in, control):
    # The SDK judges by this machine's clock, so the token is made in the past: 301 seconds ago, for 300 seconds.
    control.set_clock_offset(-301)
    token = sign_in()["access_token"]

    assert client.validate_access_token(token) is False
    with pytest.raises(ScalekitValidateTokenFailureException, match="expired"):
        client.validate_access_token_and_get_claims(token)


def test_a_token_made_nearly_that_long_ago_is_still_good(client, sign_in, control):
    control.set_clock_offset(-240)

    assert client.validate_access_token(sign_in()["access_token"]) is True


def test_after_a_key_rotation_a_new_client_knows_the_new_key_only(client, sign_in, control, emulator):
    old = sign_in()["access_token"]
    control.rotate_keys()
    new_client = ScalekitClient(emulator, CLIENT_ID, CLIENT_SECRET)

    assert new_client.validate_access_token(new_client.get_client_access_token()) is True
    assert new_client.validate_access_token(old) is False


def test_the_application_has_a_token_of_its_own(client, emulator):
    claims = client.validate_access_token_and_get_claims(client.get_client_access_token())

    assert claims["iss"] == emulator
    assert claims["sub"] == CLIENT_ID
