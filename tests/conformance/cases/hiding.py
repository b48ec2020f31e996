"""AVP hiding: RFC 2661 section 4.3."""

from __future__ import annotations

import secrets

from peer.catalogue import (
    ASSIGNED_SESSION_ID,
    ASSIGNED_TUNNEL_ID,
    CALL_SERIAL_NUMBER,
    CALLED_NUMBER,
    CDN,
    FRAMING_CAPABILITIES,
    HELLO,
    HOST_NAME,
    ICCN,
    ICRP,
    ICRQ,
    PROXY_AUTHEN_NAME,
    PROXY_AUTHEN_RESPONSE,
    RANDOM_VECTOR,
    SCCCN,
    SCCRP,
    SCCRQ,
    STOPCCN,
    TX_CONNECT_SPEED,
    VENDOR_NAME,
    MessageKind,
)
from peer.peer import Call, Peer
from peer.wire import Avp, AvpKind, Message, hide, keystream_xor
from suite import T

VECTOR = bytes(range(16))


def hidden(peer: Peer, message: Message, *kinds: AvpKind, vector: bytes = VECTOR,
           padding: bytes = b"") -> Message:  # fmt: skip
    """A Random Vector behind the Message Type, and these AVPs hidden under it."""
    filled = peer.filled(message)
    avps = list(filled.avps)
    for index, avp in enumerate(avps):
        if (avp.vendor, avp.type) in [(k.vendor, k.type) for k in kinds]:
            avps[index] = hide(avp, peer.secret, vector, padding)
    return message.with_(avps=(avps[0], RANDOM_VECTOR(vector), *avps[1:]))


def opened_hidden(t: T, *, vector: bytes = VECTOR, padding: bytes = b"") -> Peer:
    """A tunnel whose Assigned Tunnel ID the target had to un-hide."""
    peer = t.peer("secret")
    message = hidden(peer, SCCRQ(), ASSIGNED_TUNNEL_ID, vector=vector, padding=padding)
    peer.send(message).expect(SCCRP)  # in whose header the id has to be right
    peer.connect()
    return peer


# Holds: R-2661-4.3-01
def case_nothing_is_hidden_without_a_secret(t: T) -> None:
    peer = t.opened()
    t.takes_calls(peer)
    peer.send(STOPCCN()).expect_ack()
    t.check(not any(a.h for m in t.received() for a in m.avps), "an AVP is hidden")


# Holds: R-2661-4.3-01 R-2661-4.3-02 R-2661-4.3-03 R-2661-4.3-05 R-2661-4.3-06 R-2661-4.3-15
# Holds: R-2661-4.3-17 R-2661-9.1-02
def case_a_target_that_hides_does_it_with_the_secret_and_a_random_vector(t: T) -> None:
    t.needs("flavour:hidden")
    peer = t.peer("hidden")
    sccrp = peer.send(SCCRQ()).expect(SCCRP)
    t.check(sccrp.number(ASSIGNED_TUNNEL_ID), "Assigned Tunnel ID")
    peer.connect()
    t.takes_calls(peer)
    raw = t.received(SCCRP)[0]
    t.check(any(a.h for a in raw.avps), "nothing is hidden in the SCCRP")
    vector = raw.value(RANDOM_VECTOR)
    t.check(isinstance(vector, bytes) and len(vector) >= 16, "the Random Vector is short")
    t.conforms("AVP")


# Holds: R-2661-4.3-01 R-2661-4.3-02 R-2661-4.3-15
def case_an_initiator_that_hides_can_be_understood(t: T) -> None:
    peer, handle = t.accepted("hidden")
    call, _ = t.placed(peer, handle)
    call.send(ICRP()).expect(ICCN)
    peer.ack()
    t.conforms("AVP")


# Holds: R-2661-4.3-17
def case_random_vectors_are_fresh_and_long(t: T) -> None:
    t.needs("flavour:hidden")
    vectors = []
    for _ in range(10):
        peer = t.peer("hidden")
        peer.send(SCCRQ()).expect(SCCRP)
        vectors.append(t.received(SCCRP)[-1].value(RANDOM_VECTOR))
        peer.send(STOPCCN())
    t.equal(len(set(vectors)), 10, "the number of different vectors in 10 messages")
    t.check(all(isinstance(v, bytes) and len(v) >= 16 for v in vectors), "a vector is short")


# Holds: R-2661-4.3-03 R-2661-4.3-05 R-2661-4.3-07 R-2661-4.3-13 R-2661-4.3-14 R-2661-5.1.1-05
def case_a_hidden_assigned_tunnel_id_before_the_host_name_is_understood(t: T) -> None:
    peer = t.peer("secret")
    sccrq = hidden(peer, SCCRQ(), ASSIGNED_TUNNEL_ID)
    first = [a for a in sccrq.avps if a.type in (0, 36, 9)]
    rest = [a for a in sccrq.avps if a.type not in (0, 36, 9)]
    peer.send(sccrq.with_(avps=tuple(first + rest))).expect(SCCRP)
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-4.3-12 R-2661-4.3-14
def case_the_secret_is_the_one_that_belongs_to_the_host_name_and_may_have_any_octets(t: T) -> None:
    peer = t.peer("named")
    peer.send(hidden(peer, SCCRQ(), ASSIGNED_TUNNEL_ID)).expect(SCCRP)
    peer.connect()
    t.takes_calls(peer)


# Holds: R-2661-4.3-04
def case_padding_of_a_hidden_avp_is_discarded(t: T) -> None:
    for padding in (b"\xa5", b"\xa5" * 12, b"\xa5" * 100):
        opened_hidden(t, padding=padding)


# Holds: R-2661-4.3-09
def case_a_random_vector_may_have_any_length(t: T) -> None:
    for size in (1, 15, 16, 17, 64, 1017):
        opened_hidden(t, vector=secrets.token_bytes(size))


# Holds: R-2661-4.3-06 R-2661-4.3-07
def case_hidden_values_of_all_lengths_around_the_blocks_of_md5_are_understood(t: T) -> None:
    """The Vendor Name cannot be seen, but the ids around it have to come out right."""
    for size in (0, 13, 14, 15, 29, 30, 31, 46, 200):
        peer = t.peer("secret")
        sccrq = SCCRQ(vendor_name="v" * size)
        message = hidden(peer, sccrq, VENDOR_NAME, ASSIGNED_TUNNEL_ID, FRAMING_CAPABILITIES)
        peer.send(message).expect(SCCRP)
        peer.connect()


# Holds: R-2661-4.3-08 R-2661-4.4.1-02
def case_the_last_random_vector_before_a_hidden_avp_counts(t: T) -> None:
    peer = t.peer("secret")
    other = bytes(range(16, 32))
    filled = peer.filled(SCCRQ())
    avps = []
    for avp in filled.avps:
        if avp.type == FRAMING_CAPABILITIES.type:
            avps += [RANDOM_VECTOR(other), hide(avp, peer.secret, other)]
        elif avp.type == ASSIGNED_TUNNEL_ID.type:
            avps += [RANDOM_VECTOR(VECTOR), hide(avp, peer.secret, VECTOR)]
        else:
            avps.append(avp)
    peer.send(SCCRQ().with_(avps=tuple(avps))).expect(SCCRP)
    peer.connect()


# Holds: R-2661-4.3-02 R-2661-7.1-06
def case_a_hidden_avp_before_its_random_vector_is_malformed(t: T) -> None:
    peer = t.peer("secret")
    sccrq = hidden(peer, SCCRQ(), FRAMING_CAPABILITIES)
    avps = (*[a for a in sccrq.avps if a.type != RANDOM_VECTOR.type], RANDOM_VECTOR(VECTOR))
    peer.send(sccrq.with_(avps=avps))
    peer.expect_stopccn({2, 4})


# Holds: R-2661-4.3-10
def case_a_random_vector_does_not_outlive_its_message(t: T) -> None:
    peer = opened_hidden(t)
    call = peer.call()
    plain = call.filled(ICRQ())
    number = plain.get(CALL_SERIAL_NUMBER)
    assert number
    call.send(plain.changed(CALL_SERIAL_NUMBER, lambda a: hide(a, peer.secret, VECTOR)))
    peer_expects_refusal(call)


def peer_expects_refusal(call: Call) -> None:
    message = call.peer.expect(CDN, STOPCCN)
    call.peer.checked_result(message, 2, None)


# Holds: R-2661-4.3-11 R-2661-7.1-06 R-2661-7.1-10
def case_a_hidden_length_beyond_the_avp_is_malformed(t: T) -> None:
    secret = t.target.recipient("secret").secret
    bad = {
        "an inner length of 65535": hide_raw(b"\xff\xff\0\1", secret),
        "an inner length one too long": hide_raw(b"\0\5\0\0\0\1", secret),
        "one octet": b"\0",
        "nothing": b"",
    }
    for what, value in bad.items():
        peer = t.peer("secret")
        sccrq = hidden(peer, SCCRQ(framing_capabilities=FRAMING_CAPABILITIES(value).with_(h=True)))
        peer.send(sccrq)
        message = peer.expect(STOPCCN, SCCRP)
        t.check(message.kind == STOPCCN.type, f"{what} was accepted")


def hide_raw(plain: bytes, secret: bytes) -> bytes:
    """Framing Capabilities, hidden, whose subformat is given."""
    return keystream_xor(plain, FRAMING_CAPABILITIES.type, secret, VECTOR, hiding=True)


# Holds: R-2661-4.3-01 R-2661-7.1-06
def case_a_hidden_mandatory_avp_without_a_shared_secret_is_refused(t: T) -> None:
    peer = t.peer()
    peer.secret = b"a secret that the target does not have"
    peer.send(hidden(peer, SCCRQ(), FRAMING_CAPABILITIES))
    peer.secret = b""
    peer.expect_stopccn({2, 4})


# Holds: R-2661-4.3-15
def case_avps_that_must_not_be_hidden_are_not_honoured_when_they_are(t: T) -> None:
    peer = t.peer("secret")
    peer.send(hidden(peer, SCCRQ(), HOST_NAME))
    arrival = peer.arrival(within=0.6)
    t.check(
        arrival is None or (arrival.message and arrival.message.kind == STOPCCN.type),
        "a hidden Host Name was accepted",
    )


# Holds: R-2661-4.3-13 R-2661-4.4.4-02 R-2661-4.4.4-03 R-2661-4.4.4-08 R-2661-4.4.4-11
def case_hidden_avps_of_a_call_are_understood(t: T) -> None:
    peer = opened_hidden(t)
    call = peer.call(0x0A01)
    icrq = call.filled(ICRQ(called_number="5552000"))
    call.send(hidden(peer, icrq, ASSIGNED_SESSION_ID, CALL_SERIAL_NUMBER, CALLED_NUMBER))
    call.expect(ICRP)  # whose header has the id
    call.send(hidden(peer, ICCN(), TX_CONNECT_SPEED))
    peer.expect_ack()
    peer.expect_silence()
    call.send(hidden(peer, call.filled(CDN()), ASSIGNED_SESSION_ID))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.3-13 R-2661-4.3-08 R-2661-4.4.5-05 R-2661-4.4.5-08
def case_hidden_proxy_avps_under_two_vectors_are_understood(t: T) -> None:
    peer = opened_hidden(t)
    call = peer.call()
    call.send(ICRQ()).expect(ICRP)
    other = b"\xf0" * 16
    name = hide(PROXY_AUTHEN_NAME("alice"), peer.secret, VECTOR)
    response = hide(PROXY_AUTHEN_RESPONSE(b"open sesame"), peer.secret, other)
    call.send(ICCN(proxy_authen_type=3, proxy_authen_id=1).plus(
        RANDOM_VECTOR(VECTOR), name, RANDOM_VECTOR(other), response))  # fmt: skip
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.3-10 R-2661-4.3-02
def case_a_random_vector_alone_does_no_harm(t: T) -> None:
    peer = t.opened()
    peer.send(HELLO().plus(RANDOM_VECTOR(VECTOR), RANDOM_VECTOR(b"\1")))
    peer.expect_ack()
    peer.expect_silence()


# Holds: R-2661-4.3-02 R-2661-4.3-13 R-2661-5.1.1-03
def case_a_hidden_challenge_response_in_scccn_is_understood(t: T) -> None:
    peer = t.peer("secret")
    peer.send(SCCRQ()).expect(SCCRP)
    scccn: Message = _with_answer(peer, SCCCN)
    avps: list[Avp] = [scccn.avps[0], RANDOM_VECTOR(VECTOR)]
    avps += [hide(a, peer.secret, VECTOR) for a in scccn.avps[1:]]
    peer.send(scccn.with_(avps=tuple(avps)))
    peer.expect_ack()
    t.takes_calls(peer)


def _with_answer(peer: Peer, kind: MessageKind) -> Message:
    return kind(**peer.answer(kind))
