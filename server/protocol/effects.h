// What comes out of the engine: effects as values, in the order in which they are to be carried
// out.

#ifndef L2TP_SERVER_PROTOCOL_EFFECTS_H_
#define L2TP_SERVER_PROTOCOL_EFFECTS_H_

#include <string>
#include <variant>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
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
    kTunnel,         // a session went with its tunnel
  };
  Kind kind = Kind::kLocal;
  wire::ResultCode result;          // sent or received; result 0: neither
  std::string detail;               // for people; may be empty
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
};

// A peer's SCCRQ was accepted and SCCRP follows. The tunnel is new to the caller.
struct TunnelAccepted {
  TunnelHandle tunnel;
  TunnelId tunnel_id;
  std::string tag;  // of the Admission
  Path path;
  PeerFacts peer;
};

// The three-way exchange is complete: calls may be placed.
struct TunnelEstablished {
  TunnelHandle tunnel;
  Path path;
  PeerFacts peer;
};

// The tunnel is of no use any more. All its sessions have been reported closed before.
struct TunnelClosed {
  TunnelHandle tunnel;
  Closure closure;
};

// Our StopCCN was acknowledged.
struct TunnelDrained {
  TunnelHandle tunnel;
};

// Retention is over (RFC 2661 section 5.7): the Tunnel ID is free, no further datagram is sent or
// wanted. The last effect of a tunnel.
struct TunnelReleased {
  TunnelHandle tunnel;
};

// LNS: a peer's ICRQ. Make the data path, then call AcceptSession or CloseSession.
struct SessionRequested {
  SessionHandle session;
  TunnelHandle tunnel;
  SessionId session_id;
  SessionId peer_session_id;
  CallInfo call;
};

// LAC: the peer's ICRP. Make the data path, then call ConfirmSession or CloseSession.
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

using Effect = std::variant<Transmit, TunnelAccepted, TunnelEstablished, TunnelClosed,
                            TunnelDrained, TunnelReleased, SessionRequested, SessionAnswered,
                            SessionEstablished, SessionClosed, LinkInfoReceived>;

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_EFFECTS_H_
