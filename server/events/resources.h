// The public facts about tunnels, sessions and what is configured, as values. The controller fills
// them in; the API shows them; every event carries one.

#ifndef L2TP_SERVER_EVENTS_RESOURCES_H_
#define L2TP_SERVER_EVENTS_RESOURCES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/time.h"
#include "server/wire/avp_value.h"

namespace l2tp::control {
struct Peer;
struct Pool;
struct Profile;
struct User;
}  // namespace l2tp::control

namespace l2tp::events {

// Coarse on purpose: programs act on these. The RFC's own states are in `protocol_state`.
enum class State {
  kConnecting,   // being set up
  kEstablished,  // a tunnel accepts calls; a session has its data path and L2TP is up (PPP may not)
  kClosing,      // being torn down; nothing brings it back
  kClosed,       // gone; only seen in the last events of a resource
  kWaiting,      // sessions only: it has ended, and will be placed again
};

// Who opened a tunnel, or placed a call.
enum class Origin { kLocal, kPeer };

// The side of a call we are on (RFC 2661 section 2): the LAC answers the caller, the LNS
// terminates PPP.
enum class Role { kLac, kLns };

// Who asks for the call: the LAC for an incoming one, the LNS for an outgoing one.
enum class CallDirection { kIncoming, kOutgoing };

// Who ended a tunnel or session.
enum class ClosedBy {
  kNobody,    // it is still alive
  kOperator,  // an API call or a signal to the daemon
  kPeer,      // the L2TP peer sent StopCCN or CDN
  kPpp,       // PPP itself: the other PPP end, authentication, or a failure of pppd
  kDaemon,    // we gave up: timeout, protocol error, lack of resources
};

// Why. The API's names are these without the k, in upper case.
enum class CloseReason {
  kNone,
  kAdministrative,        // somebody asked for it
  kShutdown,              // the daemon is being stopped
  kPeerRequest,           // StopCCN or CDN from the peer; see the Result Code
  kPeerUnreachable,       // a control message stayed without acknowledgement (RFC 2661 section 5.8)
  kTunnelClosed,          // a session ended because its tunnel did
  kProtocolError,         // the peer broke the protocol; see message
  kNotAuthorized,         // tunnel authentication failed, or the peer is not welcome
  kNoResources,           // limits, ids, address pool
  kSetupTimeout,          // not established in time
  kKernelFailure,         // the kernel refused the data path; see message
  kPppdFailure,           // pppd could not start or failed inside (exit 1-4, 6-9, 18)
  kPppdKilled,            // pppd was ended by a signal that was not ours
  kPppTerminated,         // PPP was closed by the other end
  kPppNegotiationFailed,  // LCP or NCP did not come up (exit 10)
  kPppPeerAuthFailed,     // the peer's login was refused, or it refused to log in (exit 11)
  kPppOwnAuthFailed,      // the peer refused our login (exit 19)
  kPppPeerDead,           // LCP echoes stayed unanswered (exit 15)
  kPppHangup,             // the link went away under PPP (exit 16)
  kPppLoopback,           // the link is looped back (exit 17)
  kPppLimit,              // idle, connect time or traffic limit (exit 12, 13, 20)
  kTieLost,               // the peer opened a tunnel at the same time and won (RFC 2661 4.4.3)
  kPeerIncapable,         // the peer does not offer what the call needs
  kPppStalled,            // pppd stayed too long in one phase, or did not end; see message
  kDraining,              // we are draining: system, peer or tunnel
};

// Why a peer's login failed. The peer is not told.
enum class LoginFailure {
  kNone,
  kUnknownUser,
  kWrongPassword,
  kUserDisabled,
  kWrongProfile,              // the user is one of another profile
  kSessionLimit,              // the user has as many sessions as it may
  kNoAddress,                 // the pool is exhausted, or the user's own address is in use
  kRejected,                  // the authenticator said no
  kAuthenticatorUnavailable,  // it said nothing in time, or nothing that can be
};

// "PPP_PEER_DEAD" and so on; the names are part of the API.
const char* CloseReasonName(CloseReason reason);
const char* LoginFailureName(LoginFailure failure);  // "UNKNOWN_USER"
const char* ClosedByName(ClosedBy closed_by);
const char* StateName(State state);

// Why a tunnel or session is gone, for people and programs.
struct Cause {
  ClosedBy closed_by = ClosedBy::kNobody;
  CloseReason reason = CloseReason::kNone;
  // The Result Code that was received from the peer or sent to it; 0 when none was.
  uint16_t result_code = 0;
  uint16_t error_code = 0;
  std::string message;  // free text: the peer's, pppd's or ours
  // pppd's exit status 0-255, or -1 when pppd had no part in it.
  int pppd_exit_status = -1;
  // The signal that ended pppd, 0 when none did.
  int pppd_signal = 0;
  // Sessions only, of the CDN that was sent or received: what the line's signalling said, and why
  // PPP ended (RFC 3145).
  std::optional<wire::Q931Cause> q931_cause;
  std::optional<wire::PppDisconnectCause> ppp_cause;
};

// The operator's own keys; they mean nothing to the daemon (control/labels.h).
using Labels = std::map<std::string, std::string>;

struct TunnelInfo {
  std::string name;  // "tunnels/{id}"
  std::string uid;   // of this incarnation: 16 hex digits, new for each tunnel
  State state = State::kConnecting;
  std::string protocol_state;  // RFC 2661 section 7.2: "wait-ctl-reply"; for people
  Origin origin = Origin::kLocal;
  std::string profile;  // "profiles/{id}"
  std::string peer;     // "peers/{id}" that admitted a tunnel the other end opened; else empty
  Endpoint local;       // port 0 until known
  Endpoint remote;
  std::string host_name;             // our Host Name AVP on this tunnel
  TunnelId assigned_tunnel_id;       // ours, in what the peer sends
  TunnelId peer_assigned_tunnel_id;  // the peer's; 0 until known
  std::string peer_host_name;        // Host Name AVP
  std::string peer_vendor_name;      // Vendor Name AVP, may be empty
  uint16_t peer_receive_window = 0;  // messages; 0 until known
  int session_count = 0;
  int64_t retransmit_count = 0;       // control messages sent again
  bool draining = false;              // takes no new calls
  bool allow_calls = false;           // the peer may place incoming calls to us
  bool allow_outgoing_calls = false;  // the peer may ask us for outgoing calls
  bool debug = false;                 // its control messages and states are logged
  Labels labels;
  std::string etag;  // another one after every change of the labels or of debug
  WallTime create_time;
  WallTime establish_time;
  Cause cause;
};

// Data path counters since the session was created, from the kernel.
struct Counters {
  int64_t tx_packets = 0;
  int64_t tx_bytes = 0;
  int64_t tx_errors = 0;
  int64_t rx_packets = 0;
  int64_t rx_bytes = 0;
  int64_t rx_errors = 0;
  int64_t rx_sequence_discards = 0;
  int64_t rx_out_of_sequence = 0;
};

// Phases of the link (RFC 1661 section 3.2). kDead: pppd has not begun, or is gone.
enum class PppPhase { kDead, kEstablish, kAuthenticate, kNetwork, kTerminate };

const char* PppPhaseName(PppPhase phase);  // "AUTHENTICATE"

// Result of LCP (RFC 1661, RFC 1662), as pppd reports it.
struct LcpInfo {
  uint32_t send_accm = 0xffffffff;     // what we escape when sending
  uint32_t receive_accm = 0xffffffff;  // what the peer escapes
  uint32_t mru = 0;                    // octets we accept
  uint32_t peer_mru = 0;               // octets the peer accepts
  uint32_t magic = 0;                  // Magic-Numbers; 0: not negotiated
  uint32_t peer_magic = 0;
  // Numbers of LCP options, rising: what we asked for, what of it the peer took, and what the peer
  // asked for and got.
  std::vector<uint8_t> asked_options;
  std::vector<uint8_t> agreed_options;
  std::vector<uint8_t> peer_options;
  std::string auth_of_peer;  // how the peer has to log in to us, as in AuthInfo::method; "": not
  std::string auth_of_us;    // how we have to log in to the peer
};

// What CCP agreed on in one direction (RFC 1962).
struct Compression {
  std::string method;     // "MPPE", "Deflate", "BSD-Compress", "Predictor-1"; "" for none
  int key_bits = 0;       // MPPE's: 40, 56, 128
  bool stateful = false;  // MPPE changes its key every 256 packets, not with each
};
struct CcpInfo {
  Compression send;
  Compression receive;
};

// PPP's own counters since a network protocol came up first, as pppd told them last. Without the
// headers of L2TP; pppd 2.4.9 counts octets modulo 2^32.
struct PppCounters {
  int64_t connect_seconds = 0;
  int64_t tx_packets = 0;
  int64_t tx_bytes = 0;
  int64_t rx_packets = 0;
  int64_t rx_bytes = 0;
};

struct Ipv4Info {
  IpAddress local;
  IpAddress remote;
  std::vector<IpAddress> dns;  // given by the peer, when asked for
};

struct Ipv6Info {
  IpAddress local;   // link-local
  IpAddress remote;  // link-local
};

// Outcome of PPP authentication.
struct AuthInfo {
  bool succeeded = false;
  bool we_are_authenticator = false;  // true: the peer logged in to us; false: we logged in to it
  std::string user;
  std::string method;  // "PAP", "CHAP-MD5", "MS-CHAPv2", "EAP", or "" when not known
  LoginFailure failure = LoginFailure::kNone;  // of the peer's login
};

// The peer's or our own Set-Link-Info (RFC 2661 section 6.14).
struct LinkInfo {
  bool from_peer = false;
  uint32_t send_accm = 0xffffffff;
  uint32_t receive_accm = 0xffffffff;
};

// Results of LCP and PPP authentication at the LAC (RFC 2661 section 4.4.5), as octets. Unset: not
// told. The Proxy Authen Response is a secret and not here.
struct ProxyInfo {
  std::optional<std::string> initial_received_lcp_confreq;
  std::optional<std::string> last_sent_lcp_confreq;
  std::optional<std::string> last_received_lcp_confreq;
  std::optional<uint16_t> authen_type;  // 1 text, 2 CHAP, 3 PAP, 4 none, 5 MS-CHAPv1
  std::optional<std::string> authen_name;
  std::optional<std::string> authen_challenge;
  std::optional<uint16_t> authen_id;
  bool has_authen_response = false;

  friend bool operator==(const ProxyInfo&, const ProxyInfo&) = default;
};

// What the LAC told of the caller's access line (RFC 5515 section 5). Unset: not told.
struct AccessLine {
  std::string agent_circuit_id;  // 2 to 63 octets
  std::string agent_remote_id;   // 2 to 63 octets
  // bit/s
  std::optional<uint64_t> actual_rate_upstream;
  std::optional<uint64_t> actual_rate_downstream;
  std::optional<uint64_t> minimum_rate_upstream;
  std::optional<uint64_t> minimum_rate_downstream;
  std::optional<uint64_t> attainable_rate_upstream;
  std::optional<uint64_t> attainable_rate_downstream;
  std::optional<uint64_t> maximum_rate_upstream;
  std::optional<uint64_t> maximum_rate_downstream;
  std::optional<uint64_t> minimum_low_power_rate_upstream;
  std::optional<uint64_t> minimum_low_power_rate_downstream;
  // milliseconds
  std::optional<uint32_t> maximum_delay_upstream;
  std::optional<uint32_t> actual_delay_upstream;
  std::optional<uint32_t> maximum_delay_downstream;
  std::optional<uint32_t> actual_delay_downstream;
  std::optional<std::string> encapsulation;  // 3 octets: data link, encapsulation 1 and 2
  std::optional<uint32_t> line_type;         // the type in the highest octet
  std::optional<uint32_t> iwf_session;       // present: PPPoA to PPPoE interworking is done

  friend bool operator==(const AccessLine&, const AccessLine&) = default;
};

// How it stands with placing a persistent session again.
struct ReconnectInfo {
  int failures = 0;            // in a row; an end after a minute with an address is none
  int max_failures = 0;        // then it is given up; 0: never
  WallTime next_attempt_time;  // while it waits
};

struct SessionInfo {
  std::string name;    // "tunnels/{id}/sessions/{id}"
  std::string uid;     // as in TunnelInfo
  std::string tunnel;  // "tunnels/{id}"
  State state = State::kConnecting;
  std::string protocol_state;  // RFC 2661 section 7.4: "wait-reply"; for people
  Origin origin = Origin::kLocal;
  Role role = Role::kLac;
  CallDirection direction = CallDirection::kIncoming;
  std::string profile;
  SessionId assigned_session_id;
  SessionId peer_assigned_session_id;
  uint32_t call_serial_number = 0;
  std::string called_number;
  std::string calling_number;
  std::string sub_address;
  std::string user;               // how we log in to the peer, "" when we do not; see auth besides
  uint32_t tx_connect_speed = 0;  // bit/s
  uint32_t rx_connect_speed = 0;  // bit/s; equal to tx when the LAC told only one
  bool sequencing_required = false;
  std::optional<uint32_t> bearer_type;  // bits of the AVP
  uint32_t framing_type = 0;            // bits of the AVP
  std::optional<uint32_t> physical_channel_id;
  uint32_t minimum_bps = 0;  // bit/s; outgoing calls only
  uint32_t maximum_bps = 0;
  std::string private_group_id;
  std::optional<ProxyInfo> proxy;
  std::optional<AccessLine> access_line;
  std::optional<wire::CallErrors> call_errors;  // as the LAC reported last, since the call began
  std::string interface_name;                   // "" until PPP has one
  int mtu = 0;                                  // octets; what pppd is told, 0 until it is
  int mru = 0;
  int64_t pppd_pid = 0;  // 0: none is running
  std::optional<LcpInfo> lcp;
  std::optional<AuthInfo> auth;
  PppPhase ppp_phase = PppPhase::kDead;
  std::optional<CcpInfo> ccp;               // set while CCP is up
  std::optional<Ipv4Info> ipv4;             // set while IPCP is up
  std::optional<Ipv6Info> ipv6;             // set while IPv6CP is up
  std::optional<Ipv4Info> last_ipv4;        // what went down last; unset while IPCP is up
  std::optional<Ipv6Info> last_ipv6;        // likewise
  int unanswered_echoes = 0;                // LCP Echo-Requests of ours, in a row
  std::optional<PppCounters> ppp_counters;  // as told now and then, and at the end
  std::string peer_user;                    // "users/{id}" the peer has logged in as; "" if none
  IpPrefix ipv6_prefix;                     // a /64 that is the session's; unset: none
  // What an authenticator said, for whoever applies it.
  std::vector<IpPrefix> routes;
  int64_t downstream_rate = 0;  // bit/s; 0: no limit
  int64_t upstream_rate = 0;
  std::optional<LinkInfo> link_info;
  Counters counters;                       // refreshed by Get and read once more before the end
  std::optional<ReconnectInfo> reconnect;  // set: the session is persistent
  Labels labels;
  std::string etag;  // another one after every change of the labels
  WallTime create_time;
  WallTime establish_time;
  Cause cause;
};

// Peers whose SCCRQ or call we did not take. Nothing in here is proved but the tunnel of a call:
// anybody can send an SCCRQ in anybody's name.
struct RefusalInfo {
  bool of_call = false;  // a call was refused, not a tunnel
  std::string tunnel;    // of the call; empty when several are told together
  Endpoint remote;       // where the SCCRQ came from; unset: several, more than are told apart
  std::string host_name;
  std::string called_number;
  std::string calling_number;
  Cause cause;        // Result Code 0: the peer got no answer
  int64_t count = 1;  // how many this event stands for
};

// What somebody has configured. Its contents are the controller's and the API's business: events
// only pass them on. No secret is in it.
struct ConfigInfo {
  std::string name;  // "profiles/{id}", "pools/{id}", "users/{id}", "peers/{id}"
  Labels labels;
  std::variant<std::shared_ptr<const control::Profile>, std::shared_ptr<const control::Pool>,
               std::shared_ptr<const control::User>, std::shared_ptr<const control::Peer>>
      config;
};

}  // namespace l2tp::events

#endif  // L2TP_SERVER_EVENTS_RESOURCES_H_
