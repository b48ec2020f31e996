"""Proxy LCP and proxy authentication: RFC 2661 sections 4.4.5 and 9.5."""

from __future__ import annotations

from typing import Any

from peer.catalogue import (
    ICCN,
    PROXY_AUTHEN_CHALLENGE,
    PROXY_AUTHEN_ID,
    PROXY_AUTHEN_NAME,
    PROXY_AUTHEN_RESPONSE,
    PROXY_AUTHEN_TYPE,
)
from peer.ppp import Ppp
from suite import T
from targets.base import PASSWORD, USER

FIRST = bytes.fromhex("010405d40506deadbeef")
SENT = bytes.fromhex("010405d40305c22305050611223344")
LCP_AVPS: dict[str, Any] = {
    "initial_received_lcp_confreq": FIRST,
    "last_sent_lcp_confreq": SENT,
    "last_received_lcp_confreq": FIRST,
}
CHAP_AVPS: dict[str, Any] = {
    "proxy_authen_type": 2,
    "proxy_authen_name": USER,
    "proxy_authen_challenge": bytes(16),
    "proxy_authen_id": 0x5A,
    "proxy_authen_response": bytes(16),
}


def logs_in_himself(t: T, avps: dict[str, Any]) -> None:
    """Whatever the proxy says, the target asks the caller and takes his true answer."""
    t.needs("flavour:chap")
    call = t.incoming(t.opened("chap"), **avps)
    ppp = Ppp(call, user=USER, password=PASSWORD).up()
    t.check(ppp.log_in(), "the true password is refused")


def is_refused(t: T, avps: dict[str, Any]) -> None:
    """Whatever the proxy says, a wrong password does not get in."""
    t.needs("flavour:chap")
    call = t.incoming(t.opened("chap"), **avps)
    ppp = Ppp(call, user=USER, password="wrong").up()
    t.check(not ppp.log_in(), "a wrong password is accepted")


# Holds: R-2661-4.4.5-01 R-2661-4.4.5-02 R-2661-4.4.5-03 R-2661-4.4.5-10 R-2661-4.4.5-11
# Holds: R-2661-9.5-02 R-2661-6.8-02
def case_proxy_lcp_avps_are_accepted_and_ppp_comes_up(t: T) -> None:
    Ppp(t.incoming(t.opened(), **LCP_AVPS)).up()


# Holds: R-2661-4.4.5-04 R-2661-4.4.5-11 R-2661-9.5-01 R-2661-4.4.5-09
def case_proxy_authentication_does_not_replace_the_targets_own(t: T) -> None:
    logs_in_himself(t, LCP_AVPS | CHAP_AVPS)


# Holds: R-2661-9.5-01 R-2661-4.4.5-11
def case_a_wrong_password_does_not_get_in_behind_a_proxy(t: T) -> None:
    is_refused(t, LCP_AVPS | CHAP_AVPS)


# Holds: R-2661-4.4.5-13
def case_proxy_lcp_without_proxy_authentication_makes_the_target_authenticate(t: T) -> None:
    logs_in_himself(t, LCP_AVPS)


# Holds: R-2661-4.4.5-14 R-2661-4.4.5-15 R-2661-4.4.5-16 R-2661-4.4.5-17 R-2661-4.4.5-05
# Holds: R-2661-4.4.5-06 R-2661-4.4.5-07 R-2661-4.4.5-08
def case_incomplete_proxy_authentication_is_not_trusted(t: T) -> None:
    for missing in ("name", "challenge", "id", "response"):
        left = {k: v for k, v in CHAP_AVPS.items() if k != f"proxy_authen_{missing}"}
        is_refused(t, LCP_AVPS | left)


# Holds: R-2661-4.4.5-18 R-2661-4.4.5-19
def case_proxy_authentication_of_no_or_unknown_type_is_not_trusted(t: T) -> None:
    for kind in (4, 6, 0, 0xFFFF):
        is_refused(t, LCP_AVPS | CHAP_AVPS | {"proxy_authen_type": kind})


# Holds: R-2661-4.4.5-20
def case_proxy_challenges_and_responses_of_strange_lengths_do_no_harm(t: T) -> None:
    for challenge, response in ((bytes(255), bytes(17)), (bytes(1000), bytes(1000)), (b"x", b"")):
        avps = {"proxy_authen_challenge": challenge, "proxy_authen_response": response}
        is_refused(t, LCP_AVPS | CHAP_AVPS | avps)


# Holds: R-2661-4.4.5-21 R-2661-4.4.5-22
def case_after_proxy_lcp_the_target_negotiates_anew_or_keeps_its_options(t: T) -> None:
    call = t.incoming(t.opened(), **LCP_AVPS)
    ppp = Ppp(call).up()
    own = dict(ppp.request_of_target).get(5, b"")
    t.check(len(own) == 4 or not own, f"Magic-Number {own.hex()}")
    t.check(ppp.echo(), "no Echo-Reply")


# Holds: R-2661-4.4.5-10
def case_proxy_lcp_avps_that_are_no_options_do_no_harm(t: T) -> None:
    junk = {name: b"\x01\xff\x00" for name in LCP_AVPS}
    Ppp(t.incoming(t.opened(), **junk)).up()


# Holds: R-2661-4.4.5-12 R-2661-4.4.5-10
def case_a_lac_sends_proxy_authentication_whole_or_not_at_all(t: T) -> None:
    t.connected()
    (iccn,) = t.received(ICCN)
    kind = iccn.number(PROXY_AUTHEN_TYPE)
    others = (PROXY_AUTHEN_NAME, PROXY_AUTHEN_RESPONSE, PROXY_AUTHEN_ID, PROXY_AUTHEN_CHALLENGE)
    present = [k.name for k in others if iccn.get(k)]
    t.check(kind is not None or not present, f"no Proxy Authen Type, but {present}")
    t.check(kind not in (2, 5) or len(present) == 4, f"Proxy Authen Type {kind} with {present}")
