"""New tokens for old: every refresh token is good once."""

import pytest
from scalekit.common.exceptions import ScalekitBadRequestException

# The emulator accepts a used refresh token for this long, for answers that were lost on the way. Seconds.
GRACE = 30


def test_a_refresh_gives_a_new_access_token_and_a_new_refresh_token(client, sign_in):
    before = sign_in("Ada Admin")

    after = client.refresh_access_token(before["refresh_token"])

    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    claims = client.validate_access_token_and_get_claims(after["access_token"])
    assert claims["sub"] == before["user"]["id"]
    assert claims["oid"] == before["organization_id"]
    assert claims["roles"] == ["admin"]


def test_a_chain_of_refreshes_stays_in_one_session(client, sign_in):
    first = sign_in()
    sid = client.validate_token(first["id_token"])["sid"]
    refresh_token = first["refresh_token"]

    for _ in range(3):
        refreshed = client.refresh_access_token(refresh_token)
        refresh_token = refreshed["refresh_token"]
        assert client.validate_access_token_and_get_claims(refreshed["access_token"])["sid"] == sid


def test_a_lost_answer_can_be_asked_for_again(client, sign_in, control):
    refresh_token = sign_in()["refresh_token"]
    client.refresh_access_token(refresh_token)
    control.advance_clock(GRACE - 5)

    assert client.refresh_access_token(refresh_token)["refresh_token"]


def test_after_the_grace_period_the_old_refresh_token_is_refused(client, sign_in, control):
    refresh_token = sign_in()["refresh_token"]
    client.refresh_access_token(refresh_token)
    control.advance_clock(GRACE + 1)

    assert_refused(client, refresh_token)


def test_a_refresh_token_used_that_late_ends_the_whole_family(client, sign_in, control):
    stolen = sign_in()["refresh_token"]
    successor = client.refresh_access_token(stolen)["refresh_token"]
    control.advance_clock(GRACE + 1)
    assert_refused(client, stolen)

    assert_refused(client, successor)


def test_a_session_that_was_ended_refreshes_no_more(client, sign_in, control):
    result = sign_in()
    control.post("sessions/end", sid=client.validate_token(result["id_token"])["sid"])

    assert_refused(client, result["refresh_token"])


def test_a_refresh_after_a_change_of_role_shows_the_new_role(client, sign_in, control):
    result = sign_in("Max Member")
    role = {"email": "max@acme.example", "organization_id": result["organization_id"]}
    control.post("people/role", **role, role="admin")
    try:
        refreshed = client.refresh_access_token(result["refresh_token"])
    finally:
        control.post("people/role", **role, role="member")

    claims = client.validate_access_token_and_get_claims(refreshed["access_token"])
    assert claims["roles"] == ["admin"]


def test_a_refresh_token_that_nobody_gave_is_refused(client):
    assert_refused(client, "rt_invented")


def assert_refused(client, refresh_token: str) -> None:
    with pytest.raises(ScalekitBadRequestException) as refusal:
        client.refresh_access_token(refresh_token)
    assert refusal.value.args[0].json()["error"] == "invalid_grant"
