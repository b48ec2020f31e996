"""What the target has sent in the whole run, judged once more. These cases come last."""

from __future__ import annotations

from collections import Counter

from peer.catalogue import (
    ASSIGNED_TUNNEL_ID,
    AVP_KINDS,
    MESSAGE_KINDS,
    RECEIVE_WINDOW_SIZE,
    SCCRP,
    SCCRQ,
)
from peer.errors import Skip
from peer.strict import problems_of_datagram, session_id_is_zero
from suite import T


def problems(t: T, *parts: str) -> str:
    if not t.seen.datagrams:
        raise Skip("nothing was received in this run")
    count: Counter[str] = Counter()
    for octets in t.seen.datagrams:
        count.update(p for p in problems_of_datagram(octets) if p.startswith(parts))
    return "\n".join(f"{number} times {what}" for what, number in count.most_common())


# Holds: R-2661-3.1-01 R-2661-3.1-04 R-2661-3.1-05 R-2661-3.1-06 R-2661-3.1-07 R-2661-3.1-08
# Holds: R-2661-3.1-10 R-2661-3.1-12 R-2661-8.1-07
def case_every_header_is_well_formed(t: T) -> None:
    found = problems(t, "header")
    t.check(not found, found)


# Holds: R-2661-4.1-01 R-2661-4.1-02 R-2661-4.1-04 R-2661-7.1-08 R-2661-4.3-02 R-2661-4.3-15
# Holds: R-2661-4.4.2-06 R-2661-6.0-01 R-2661-4.4.3-24 R-2661-4.4.2-02
def case_every_avp_is_well_formed(t: T) -> None:
    found = problems(t, "AVP")
    t.check(not found, found)


# Holds: R-2661-4.4.1-03 R-2661-4.4.1-04 R-2661-4.4.1-07 R-2661-6.1-01 R-2661-6.2-01 R-2661-6.4-01
# Holds: R-2661-6.5-01 R-2661-6.6-01 R-2661-6.7-01 R-2661-6.8-01 R-2661-6.12-01 R-2661-7.1-08
def case_every_message_has_the_avps_it_must_have(t: T) -> None:
    found = problems(t, "message")
    t.check(not found, found)


# Holds: R-2661-5.3-03 R-2661-4.4.3-21 R-2661-4.4.4-19
def case_no_assigned_id_is_0(t: T) -> None:
    messages = t.seen.messages()
    t.check(not any(session_id_is_zero(m) for m in messages), "an Assigned Session ID of 0")
    zero = [m for m in messages if m.number(ASSIGNED_TUNNEL_ID) == 0]
    t.check(not zero, f"an Assigned Tunnel ID of 0: {zero}")


# Holds: R-2661-4.4.1-07 R-2661-10-01
def case_no_unassigned_number_was_sent(t: T) -> None:
    messages = t.seen.messages()
    kinds = {m.kind for m in messages if m.avps and not m.avps[0].h} - set(MESSAGE_KINDS)
    t.check(not kinds, f"message types {kinds}")
    avps = {(a.vendor, a.type) for m in messages for a in m.avps if not a.vendor} - set(AVP_KINDS)
    t.check(not avps, f"AVPs {avps}")


# Holds: R-2661-4.4.3-24 R-2661-4.4.3-09
def case_no_receive_window_size_is_0(t: T) -> None:
    windows = [m.number(RECEIVE_WINDOW_SIZE) for m in t.seen.messages(SCCRQ, SCCRP)]
    t.check(0 not in windows, "a Receive Window Size of 0")


# Holds: R-2661-3.1-03
def case_data_and_control_are_told_apart_by_the_t_bit(t: T) -> None:
    t.check(t.seen.messages(), "no control message came in this run")
