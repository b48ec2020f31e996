// What comes out of the engine: effects as values, in the order in which they are to be carried
// out.

#ifndef L2TP_SERVER_PROTOCOL_EFFECTS_H_
#define L2TP_SERVER_PROTOCOL_EFFECTS_H_

#include <optional>
#include <string>
#include <variant>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/protocol/call_info.h"
#include "server/protocol/params.h"
#include "server/wire/avp_value.h"
#include "server/wire/result_code.h"

namespace l2tp::protocol {

// Why a tunnel or session ended.
struct Closure {
  enum class Kind {
    kLocal,          // CloseTunnel or CloseSession was called
    kPeer,           // StopCCN or CDN was received; `result` is the peer's
    kUnreachable,    // a message stayed unacknowledged; nothing is sent any more
    kProtocolError,  // the peer broke the protocol; `result` is what it was told
    kNotAuthorized,  // tunnel authentication failed, or the peer is not welcome
    kSetupTimeout,   // the exchange did not complete in time
    kTieLost,        // the peer's SCCRQ crossed ours and won (section 4.4.3); it was told nothing
    kPeerIncapable,  // the peer does not offer what the call needs; it was told nothing
    kDisplaced,      // half-open for too long while others wanted in; the peer was told nothing
    kTunnel,         // a session went with its tunnel
  };
  Kind kind = Kind::kLocal;
  wire::ResultCode result;  // sent or received; result 0: neither
  std::string detail;       // for people; may be empty
  // CDN only, sent or received: what the line's signalling said, and why PPP ended (RFC 3145).
  std::optional<wire::Q931Cause> q931_cause;
  std::optional<wire::PppDisconnectCause> ppp_cause;
  Kind tunnel_kind = Kind::kLocal;  // with kTunnel: why the tunnel ended
};

// Send `datagram` to path.remote. path.local is unset until known. While the peer has not been
// heard, a tunnel opened by us has no fixed path.
struct Transmit {
  TunnelHandle tunnel;
  Path path;
  Bytes datagram;
};

// What is known of the peer once it has spoken.
struct PeerFacts {
  TunnelId peer_tunnel_id;
  std::string host_name;
  std::string vendor_name;
  uint16_t receive_window = 4;
  uint32_t framing_capabilities = 0;
  std::optional<uint32_t> bearer_capabilities;  // unset: it cannot place outgoing calls
};

// A peer's SCCRQ was accepted and SCCRP follows, on a path that may need a socket. The peer has
// proved nothing so far.
struct TunnelAccepted {
  TunnelHandle tunnel;
  std::string tag;  // of the Admission
  Path path;
};

// The three-way exchange is complete: calls may be placed. A tunnel that the peer opened is new to
// the caller.
struct TunnelEstablished {
  TunnelHandle tunnel;
  TunnelId tunnel_id;
  std::string tag;  // of the Admission; empty for a tunnel we opened
  Path path;
  PeerFacts peer;
};

// The tunnel is of no use any more. All its sessions have been reported closed before.
struct TunnelClosed {
  TunnelHandle tunnel;
  Path path;
  PeerFacts peer;
  std::string tag;
  Closure closure;
};

// A peer's SCCRQ was answered with StopCCN, or not at all. Nothing of it is kept.
struct TunnelRefused {
  Path path;
  std::string host_name;    // Host Name AVP; as unproved as the source address
  wire::ResultCode result;  // of the StopCCN; result 0: there was none
  std::string detail;       // for people
};

// A peer's ICRQ or OCRQ was answered with CDN before it became a session.
struct CallRefused {
  TunnelHandle tunnel;
  CallInfo call;  // as far as it could be read
  wire::ResultCode result;
};

// Our StopCCN was acknowledged.
struct TunnelDrained {
  TunnelHandle tunnel;
};

// No control message came for a quarter of the HELLO interval. Has data, which the engine does not
// see? Answer by QuietChecked(); without an answer a HELLO is sent when the interval is over once
// more.
struct TunnelQuiet {
  TunnelHandle tunnel;
};

// Retention is over (RFC 2661 section 5.7): the Tunnel ID is free, no further datagram is sent or
// wanted. The last effect of a tunnel.
struct TunnelReleased {
  TunnelHandle tunnel;
};

// A call that the peer places: ICRQ (we are LNS), make the data path, then call AcceptSession; or
// OCRQ (we are LAC), call AcceptSession, make the data path, then call ConfirmSession. Or
// CloseSession.
struct SessionRequested {
  SessionHandle session;
  TunnelHandle tunnel;
  CallSide side;
  SessionId session_id;
  SessionId peer_session_id;
  CallInfo call;
};

// A call that we place: the peer's ICRP (we are LAC) or OCRP (we are LNS). Make the data path, then
// call ConfirmSession or CloseSession.
struct SessionAnswered {
  SessionHandle session;
  SessionId peer_session_id;
};

struct SessionEstablished {
  SessionHandle session;
  CallInfo call;
};

// The last effect of a session.
struct SessionClosed {
  SessionHandle session;
  Closure closure;
};

// Set-Link-Info from the peer.
struct LinkInfoReceived {
  SessionHandle session;
  wire::Accm accm;
};

// Wan-Error-Notify from the peer.
struct CallErrorsReceived {
  SessionHandle session;
  wire::CallErrors errors;
};

using Effect = std::variant<Transmit, TunnelAccepted, TunnelEstablished, TunnelClosed,
                            TunnelDrained, TunnelQuiet, TunnelReleased, TunnelRefused,
                            SessionRequested, SessionAnswered, SessionEstablished, SessionClosed,
                            CallRefused, LinkInfoReceived, CallErrorsReceived>;

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_EFFECTS_H_
