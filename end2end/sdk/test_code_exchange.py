"""What the SDK gets for a code: the person, the organization and three tokens."""

import base64
import hashlib

import jwt
import pytest
from scalekit.common.exceptions import ScalekitBadRequestException, ScalekitUnauthorizedException
from scalekit import ScalekitClient
from scalekit.common.scalekit import CodeAuthenticationOptions

from conftest import CLIENT_ID, REDIRECT_URI, authorization_options


def test_the_person_is_known_by_name_and_address(sign_in):
    result = sign_in("Ada Admin")

    assert result["user"]["id"] == "usr_63261014140912135"
    assert result["user"]["email"] == "ada@acme.example"
    assert result["user"]["emailVerified"] is True
    assert result["user"]["name"] == "Ada Admin"
    assert result["user"]["givenName"] == "Ada"
    assert result["user"]["familyName"] == "Admin"


def test_the_organization_the_connection_and_the_lifetime_are_known(sign_in):
    result = sign_in("Ada Admin")

    assert result["organization_id"] == "org_59615193906282635"
    assert result["connection_id"].startswith("conn_")
    assert result["expires_in"] == pytest.approx(300, abs=1)


def test_someone_in_two_organizations_is_in_the_one_that_was_chosen(client, visitor):
    url = client.get_authorization_url(REDIRECT_URI, authorization_options())
    chooser = visitor.sign_in(url, "Olga Orgs")

    answer = visitor.press(chooser, "Globex")

    result = client.authenticate_with_code(answer.query["code"], REDIRECT_URI, CodeAuthenticationOptions())
    assert result["organization_id"] == "org_61022748190511244"


def test_an_address_with_sktest_signs_in_with_the_code(client, visitor):
    page = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options()))
    page = visitor.press(page, "Continue", email="grace.hopper+sktest@example.com")
    wrong = visitor.press(page, "Continue", code="111111")
    answer = visitor.press(wrong, "Continue", code="424242")

    assert wrong.status == 422
    result = client.authenticate_with_code(answer.query["code"], REDIRECT_URI, CodeAuthenticationOptions())
    assert result["user"]["email"] == "grace.hopper+sktest@example.com"
    assert result["user"]["name"] == "Grace Hopper"


def test_the_id_token_is_for_this_client_and_carries_the_nonce(client, sign_in, emulator):
    result = sign_in(nonce="n0nce")

    claims = client.validate_token(result["id_token"])
    assert claims["iss"] == emulator
    assert CLIENT_ID in claims["aud"]
    assert claims["azp"] == CLIENT_ID
    assert claims["nonce"] == "n0nce"
    assert claims["sid"].startswith("ses_")
    assert claims["exp"] - claims["iat"] == 1800
    assert jwt.get_unverified_header(result["id_token"])["alg"] == "RS256"


def test_the_id_token_is_bound_to_the_access_token(client, sign_in):
    result = sign_in()

    digest = hashlib.sha256(result["access_token"].encode()).digest()
    left_half = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
    assert client.validate_token(result["id_token"])["at_hash"] == left_half


def test_without_offline_access_there_is_no_refresh_token(client, visitor):
    url = client.get_authorization_url(REDIRECT_URI, authorization_options(scopes=["openid"]))
    code = visitor.sign_in(url).query["code"]

    result = client.authenticate_with_code(code, REDIRECT_URI, CodeAuthenticationOptions())

    assert result["refresh_token"] is None
    assert "email" not in result["user"]


def test_a_code_works_once(client, visitor):
    code = code_of(client, visitor)
    client.authenticate_with_code(code, REDIRECT_URI, CodeAuthenticationOptions())

    assert refusal_of(client, code) == "invalid_grant"


def test_a_code_that_was_used_twice_ends_what_it_gave(client, visitor):
    url = client.get_authorization_url(REDIRECT_URI, authorization_options(scopes=["openid", "offline_access"]))
    code = visitor.sign_in(url).query["code"]
    result = client.authenticate_with_code(code, REDIRECT_URI, CodeAuthenticationOptions())
    refusal_of(client, code)

    # RFC 6749 4.1.2
    with pytest.raises(ScalekitBadRequestException, match="invalid_grant"):
        client.refresh_access_token(result["refresh_token"])


def test_a_code_expires(client, visitor, control):
    code = code_of(client, visitor)
    control.advance_clock(601)

    assert refusal_of(client, code) == "invalid_grant"


def test_a_code_that_nobody_gave_is_refused(client):
    assert refusal_of(client, "invented") == "invalid_grant"


def test_a_code_is_good_only_with_the_address_it_was_sent_to(client, visitor):
    code = code_of(client, visitor)

    with pytest.raises(ScalekitBadRequestException, match="invalid_grant"):
        client.authenticate_with_code(code, "http://localhost:3000/other", CodeAuthenticationOptions())


def test_a_code_with_a_challenge_needs_its_verifier(client, visitor):
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    # The SDK has no option for the challenge; applications add it.
    url = client.get_authorization_url(REDIRECT_URI, authorization_options())
    url = f"{url}&code_challenge={challenge}&code_challenge_method=S256"
    other = visitor.sign_in(url).query["code"]
    code = visitor.open(url).query["code"]
    options = CodeAuthenticationOptions()

    options.code_verifier = "w" * 43
    with pytest.raises(ScalekitBadRequestException, match="invalid_grant"):
        client.authenticate_with_code(other, REDIRECT_URI, options)
    options.code_verifier = verifier
    assert client.authenticate_with_code(code, REDIRECT_URI, options)["user"]["id"]


def test_a_wrong_secret_is_refused(emulator):
    with pytest.raises(ScalekitUnauthorizedException):
        ScalekitClient(emulator, CLIENT_ID, "wrong").get_client_access_token()


def code_of(client, visitor) -> str:
    return visitor.sign_in(client.get_authorization_url(REDIRECT_URI, authorization_options())).query["code"]


def refusal_of(client, code: str) -> str:
    """The OAuth error with which the emulator refuses a code."""
    with pytest.raises(ScalekitBadRequestException) as refusal:
        client.authenticate_with_code(code, REDIRECT_URI, CodeAuthenticationOptions())
    response = refusal.value.args[0]
    return response.json()["error"]
