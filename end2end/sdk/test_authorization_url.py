"""Where a sign-in starts: the address that the SDK builds, and the page that the emulator shows there."""

from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import CLIENT_ID, REDIRECT_URI, SCOPES, authorization_options

ACME = "org_59615193906282635"
GLOBEX = "org_61022748190511244"


def test_the_authorization_url_leads_to_the_emulator(client, emulator):
    url = urlsplit(client.get_authorization_url(REDIRECT_URI, authorization_options()))

    assert f"{url.scheme}://{url.netloc}" == emulator
    assert parse_qs(url.query)["client_id"] == [CLIENT_ID]
    assert parse_qs(url.query)["redirect_uri"] == [REDIRECT_URI]


def test_a_sign_in_with_every_option_comes_back_with_its_state_and_a_code(client, visitor):
    options = authorization_options(
        scopes=SCOPES,
        state="st4te",
        nonce="n0nce",
        login_hint="ada@acme.example",
        domain_hint="acme.example",
        organization_id=ACME,
        connection_id="conn_59615210314400908",
        prompt="login",
    )

    answer = visitor.sign_in(client.get_authorization_url(REDIRECT_URI, options))

    assert answer.address == REDIRECT_URI
    assert answer.query["state"] == "st4te"
    assert answer.query["code"]


def test_the_login_hint_is_filled_in(client, visitor):
    options = authorization_options(login_hint="grace+sktest@example.com")

    page = visitor.open(client.get_authorization_url(REDIRECT_URI, options))

    assert 'value="grace+sktest@example.com"' in page.html


@pytest.mark.parametrize("hint", [{"organization_id": GLOBEX}, {"domain_hint": "globex.example"}])
def test_a_sign_in_to_an_organization_names_it_and_lists_its_people_only(client, visitor, hint):
    page = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options(**hint)))

    assert "Globex" in page.html
    assert "Olga Orgs" in page.html
    assert "Ada Admin" not in page.html


def test_a_social_provider_can_be_asked_for(client, visitor):
    page = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options(provider="google")))

    assert "Google" in page.html


def test_who_is_signed_in_is_not_asked_again_unless_the_application_demands_it(client, visitor):
    visitor.sign_in(client.get_authorization_url(REDIRECT_URI, authorization_options()))

    again = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options()))
    demanded = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options(prompt="login")))

    assert again.address == REDIRECT_URI
    assert again.query["code"]
    assert "Ada Admin" in demanded.html


def test_a_sign_in_that_may_not_ask_comes_back_with_an_error(client, visitor):
    answer = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options(prompt="none", state="s")))

    assert answer.address == REDIRECT_URI
    assert answer.query["error"] == "login_required"
    assert answer.query["state"] == "s"


def test_someone_who_says_no_comes_back_without_a_code(client, visitor):
    page = visitor.open(client.get_authorization_url(REDIRECT_URI, authorization_options(state="st4te")))

    answer = visitor.press(page, "Deny access")

    assert answer.address == REDIRECT_URI
    assert answer.query["error"] == "access_denied"
    assert answer.query["state"] == "st4te"
    assert "code" not in answer.query


def test_an_address_that_is_not_registered_gets_nothing(client, visitor):
    page = visitor.open(client.get_authorization_url("http://elsewhere.example/callback", authorization_options()))

    assert page.status == 400
    assert "elsewhere.example" not in page.address
