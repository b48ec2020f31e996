"""AVPs and messages of RFC 2661 by name (sections 4.4 and 6), and those of its companions.

    SCCRQ(assigned_tunnel_id=0x4C41, challenge=b"...")   a message; required AVPs are added
    HOST_NAME("lac", m=False)                            an AVP
"""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Avp, AvpKind, Message

MESSAGE_TYPE = AvpKind(0, "Message Type", "u16", 2, hideable=False)
RESULT_CODE = AvpKind(1, "Result Code", "result", minimum=2, hideable=False)
PROTOCOL_VERSION = AvpKind(2, "Protocol Version", "octets", 2, hideable=False)
FRAMING_CAPABILITIES = AvpKind(3, "Framing Capabilities", "u32", 4)
BEARER_CAPABILITIES = AvpKind(4, "Bearer Capabilities", "u32", 4)
TIE_BREAKER = AvpKind(5, "Tie Breaker", "u64", 8, m=False, hideable=False)
FIRMWARE_REVISION = AvpKind(6, "Firmware Revision", "u16", 2, m=False)
HOST_NAME = AvpKind(7, "Host Name", "text", minimum=1, hideable=False)
VENDOR_NAME = AvpKind(8, "Vendor Name", "text", m=False)
ASSIGNED_TUNNEL_ID = AvpKind(9, "Assigned Tunnel ID", "u16", 2)
RECEIVE_WINDOW_SIZE = AvpKind(10, "Receive Window Size", "u16", 2, hideable=False)
CHALLENGE = AvpKind(11, "Challenge", "octets", minimum=1)
Q931_CAUSE_CODE = AvpKind(12, "Q.931 Cause Code", "octets", minimum=3, hideable=False)
CHALLENGE_RESPONSE = AvpKind(13, "Challenge Response", "octets", 16)
ASSIGNED_SESSION_ID = AvpKind(14, "Assigned Session ID", "u16", 2)
CALL_SERIAL_NUMBER = AvpKind(15, "Call Serial Number", "u32", 4)
MINIMUM_BPS = AvpKind(16, "Minimum BPS", "u32", 4)
MAXIMUM_BPS = AvpKind(17, "Maximum BPS", "u32", 4)
BEARER_TYPE = AvpKind(18, "Bearer Type", "u32", 4)
FRAMING_TYPE = AvpKind(19, "Framing Type", "u32", 4)
CALLED_NUMBER = AvpKind(21, "Called Number", "text")
CALLING_NUMBER = AvpKind(22, "Calling Number", "text")
SUB_ADDRESS = AvpKind(23, "Sub-Address", "text")
TX_CONNECT_SPEED = AvpKind(24, "(Tx) Connect Speed", "u32", 4)
PHYSICAL_CHANNEL_ID = AvpKind(25, "Physical Channel ID", "u32", 4, m=False)
INITIAL_RECEIVED_LCP_CONFREQ = AvpKind(26, "Initial Received LCP CONFREQ", "octets", m=False)
LAST_SENT_LCP_CONFREQ = AvpKind(27, "Last Sent LCP CONFREQ", "octets", m=False)
LAST_RECEIVED_LCP_CONFREQ = AvpKind(28, "Last Received LCP CONFREQ", "octets", m=False)
PROXY_AUTHEN_TYPE = AvpKind(29, "Proxy Authen Type", "u16", 2, m=False)
PROXY_AUTHEN_NAME = AvpKind(30, "Proxy Authen Name", "text", m=False)
PROXY_AUTHEN_CHALLENGE = AvpKind(31, "Proxy Authen Challenge", "octets", minimum=1, m=False)
PROXY_AUTHEN_ID = AvpKind(32, "Proxy Authen ID", "u16", 2, m=False)
PROXY_AUTHEN_RESPONSE = AvpKind(33, "Proxy Authen Response", "octets", m=False)
CALL_ERRORS = AvpKind(34, "Call Errors", "octets", 26)
ACCM = AvpKind(35, "ACCM", "octets", 10)
RANDOM_VECTOR = AvpKind(36, "Random Vector", "octets", minimum=1, hideable=False)
PRIVATE_GROUP_ID = AvpKind(37, "Private Group ID", "octets", m=False)
RX_CONNECT_SPEED = AvpKind(38, "Rx Connect Speed", "u32", 4, m=False)
SEQUENCING_REQUIRED = AvpKind(39, "Sequencing Required", "empty", 0, hideable=False)
PPP_DISCONNECT_CAUSE = AvpKind(46, "PPP Disconnect Cause Code", "octets", minimum=5, m=False)
LNS_LAST_SENT_LCP_CONFREQ = AvpKind(51, "LNS Last Sent LCP CONFREQ", "octets", m=False)
LNS_LAST_RECEIVED_LCP_CONFREQ = AvpKind(52, "LNS Last Received LCP CONFREQ", "octets", m=False)
CONNECT_SPEED_UPDATE = AvpKind(97, "Connect Speed Update", "octets", 12, m=False)
CONNECT_SPEED_UPDATE_ENABLE = AvpKind(98, "Connect Speed Update Enable", "empty", 0, m=False)
# RFC 5515 section 5: access line AVPs, of the Broadband Forum.
ADSL_FORUM = 3561
AGENT_CIRCUIT_ID = AvpKind(1, "Agent-Circuit-Id", "text", m=False, vendor=ADSL_FORUM)
AGENT_REMOTE_ID = AvpKind(2, "Agent-Remote-Id", "text", m=False, vendor=ADSL_FORUM)
ACTUAL_RATE_UPSTREAM = AvpKind(129, "Actual-Data-Rate-Up", "u64", 8, m=False, vendor=ADSL_FORUM)
ACTUAL_RATE_DOWNSTREAM = AvpKind(130, "Actual-Data-Rate-Dn", "u64", 8, m=False, vendor=ADSL_FORUM)
ACCESS_LOOP_ENCAPSULATION = AvpKind(
    144, "Access-Loop-Encapsulation", "octets", 3, m=False, vendor=ADSL_FORUM
)

AVP_KINDS: dict[tuple[int, int], AvpKind] = {
    (kind.vendor, kind.type): kind for kind in list(vars().values()) if isinstance(kind, AvpKind)
}
_BY_KEYWORD = {
    name.lower(): kind for name, kind in list(vars().items()) if isinstance(kind, AvpKind)
}


@dataclass(frozen=True)
class MessageKind:
    """A control message. Called with AVPs by name, it makes one; required AVPs are added."""

    type: int
    name: str
    required: tuple[AvpKind, ...] = ()
    optional: tuple[AvpKind, ...] = ()
    of_session: bool = False
    m: bool = True

    def __call__(self, **values: object) -> Message:
        chosen = {_BY_KEYWORD[name]: value for name, value in values.items()}
        avps = [MESSAGE_TYPE(self.type, m=self.m)]
        for kind in self.required:
            avps.append(_made(kind, chosen.pop(kind, _DEFAULTS.get(kind))))
        avps += [_made(kind, value) for kind, value in chosen.items()]
        return Message(tuple(avps))


def _made(kind: AvpKind, value: object) -> Avp:
    return value if isinstance(value, Avp) else kind(value)


# What goes into a required AVP that a case does not care about. None: the peer's own.
_DEFAULTS: dict[AvpKind, object] = {
    PROTOCOL_VERSION: b"\x01\x00",
    FRAMING_CAPABILITIES: 3,
    HOST_NAME: None,
    ASSIGNED_TUNNEL_ID: None,
    ASSIGNED_SESSION_ID: None,
    CALL_SERIAL_NUMBER: 1,
    MINIMUM_BPS: 64000,
    MAXIMUM_BPS: 128000,
    BEARER_TYPE: 1,
    FRAMING_TYPE: 1,
    CALLED_NUMBER: "5553000",
    TX_CONNECT_SPEED: 10_000_000,
    RESULT_CODE: (1,),
    CALL_ERRORS: bytes(26),
    ACCM: bytes(2) + b"\xff" * 8,
}

_PROXY = (
    INITIAL_RECEIVED_LCP_CONFREQ, LAST_SENT_LCP_CONFREQ, LAST_RECEIVED_LCP_CONFREQ,
    PROXY_AUTHEN_TYPE, PROXY_AUTHEN_NAME, PROXY_AUTHEN_CHALLENGE, PROXY_AUTHEN_ID,
    PROXY_AUTHEN_RESPONSE,
)  # fmt: skip

# RFC 2661 section 6.
SCCRQ = MessageKind(
    1, "SCCRQ", (PROTOCOL_VERSION, HOST_NAME, FRAMING_CAPABILITIES, ASSIGNED_TUNNEL_ID),
    (BEARER_CAPABILITIES, RECEIVE_WINDOW_SIZE, CHALLENGE, TIE_BREAKER, FIRMWARE_REVISION,
     VENDOR_NAME),
)  # fmt: skip
SCCRP = MessageKind(
    2, "SCCRP", (PROTOCOL_VERSION, FRAMING_CAPABILITIES, HOST_NAME, ASSIGNED_TUNNEL_ID),
    (BEARER_CAPABILITIES, FIRMWARE_REVISION, VENDOR_NAME, RECEIVE_WINDOW_SIZE, CHALLENGE,
     CHALLENGE_RESPONSE),
)  # fmt: skip
SCCCN = MessageKind(3, "SCCCN", (), (CHALLENGE_RESPONSE,))
STOPCCN = MessageKind(4, "StopCCN", (ASSIGNED_TUNNEL_ID, RESULT_CODE))
HELLO = MessageKind(6, "HELLO")
OCRQ = MessageKind(
    7, "OCRQ", (ASSIGNED_SESSION_ID, CALL_SERIAL_NUMBER, MINIMUM_BPS, MAXIMUM_BPS, BEARER_TYPE,
                FRAMING_TYPE, CALLED_NUMBER), (SUB_ADDRESS,), of_session=True,
)  # fmt: skip
OCRP = MessageKind(8, "OCRP", (ASSIGNED_SESSION_ID,), (PHYSICAL_CHANNEL_ID,), of_session=True)
OCCN = MessageKind(
    9, "OCCN", (TX_CONNECT_SPEED, FRAMING_TYPE), (RX_CONNECT_SPEED, SEQUENCING_REQUIRED),
    of_session=True,
)  # fmt: skip
ICRQ = MessageKind(
    10, "ICRQ", (ASSIGNED_SESSION_ID, CALL_SERIAL_NUMBER),
    (BEARER_TYPE, PHYSICAL_CHANNEL_ID, CALLING_NUMBER, CALLED_NUMBER, SUB_ADDRESS),
    of_session=True,
)  # fmt: skip
ICRP = MessageKind(11, "ICRP", (ASSIGNED_SESSION_ID,), of_session=True)
ICCN = MessageKind(
    12, "ICCN", (TX_CONNECT_SPEED, FRAMING_TYPE),
    (*_PROXY, PRIVATE_GROUP_ID, RX_CONNECT_SPEED, SEQUENCING_REQUIRED), of_session=True,
)  # fmt: skip
CDN = MessageKind(
    14, "CDN", (RESULT_CODE, ASSIGNED_SESSION_ID), (Q931_CAUSE_CODE, PPP_DISCONNECT_CAUSE),
    of_session=True,
)  # fmt: skip
WEN = MessageKind(15, "WEN", (CALL_ERRORS,), of_session=True)
SLI = MessageKind(16, "SLI", (ACCM,), of_session=True)
# RFC 5515 section 4.
CSUN = MessageKind(28, "CSUN", (CONNECT_SPEED_UPDATE,), m=False)
CSURQ = MessageKind(29, "CSURQ", (CONNECT_SPEED_UPDATE,), m=False)
ZLB = Message()

MESSAGE_KINDS: dict[int, MessageKind] = {
    kind.type: kind for kind in list(vars().values()) if isinstance(kind, MessageKind)
}


def message_name(message: Message) -> str:
    if message.is_zlb:
        return "ZLB"
    if message.kind in MESSAGE_KINDS:
        return MESSAGE_KINDS[message.kind].name
    return f"message of type {message.kind}"
