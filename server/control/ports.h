// What the controller needs from the world. Each port has a real adapter (net/, kernel/, ppp/,
// main/) and a fake in tests/support; one contract test holds both to the same behaviour.
//
// All calls are made on the loop thread, all completions and sinks are called on the loop thread,
// and never from inside the call that started the work.

#ifndef L2TP_SERVER_CONTROL_PORTS_H_
#define L2TP_SERVER_CONTROL_PORTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/time.h"
#include "server/base/unique_fd.h"
#include "server/events/resources.h"

namespace l2tp::control {

using Done = absl::AnyInvocable<void(absl::Status)>;
template <typename T>
using Completion = absl::AnyInvocable<void(absl::StatusOr<T>)>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
  virtual WallTime WallNow() const = 0;
};

// One alarm: the loop calls Controller::HandleTimeout when it rings.
class Alarm {
 public:
  virtual ~Alarm() = default;
  // Replaces the alarm that was set; nullopt: none. A time in the past rings at once.
  virtual void Set(std::optional<Instant> when) = 0;
};

// ---- UDP -------------------------------------------------------------------------------------

using SocketId = StrongId<struct SocketIdTag, uint64_t>;

// What IP does when a datagram of ours is larger than a link on its way (IP_MTU_DISCOVER).
enum class PathMtuDiscovery {
  kSystem,  // as the machine is set up: net.ipv4.ip_no_pmtu_disc
  kDont,    // never Don't Fragment: routers and we cut it into pieces
  kWant,    // Don't Fragment, and pieces as soon as the path is known to be narrower
  kDo,      // Don't Fragment, and what is too large is not sent
  kProbe,   // Don't Fragment, whatever is known of the path
};

// How a tunnel's datagrams go on their way, control and data messages alike unless it says
// otherwise.
struct SocketOptions {
  bool udp_checksums = true;  // over IPv6 also: take what comes without
  int dscp = 0;               // Differentiated Services Code Point (RFC 2474); 0..63
  PathMtuDiscovery path_mtu_discovery = PathMtuDiscovery::kSystem;  // Linux never sets Don't
                                                                    // Fragment on data messages
  std::string device;  // interface or VRF device they go and come by; empty: by the routes

  friend bool operator==(const SocketOptions&, const SocketOptions&) = default;
};

// Receives what arrives on any socket. `path.local` is the address the datagram was sent to.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void OnDatagram(const Path& path, ByteSpan datagram) = 0;
};

// UDP sockets: the listener on port 1701, and one connected socket a tunnel, which the kernel's
// data path uses too. Datagrams of a tunnel may arrive on any of them.
class DatagramPort {
 public:
  virtual ~DatagramPort() = default;

  // Sends through the listener, from `path.local` (0.0.0.0: the kernel chooses). Queued and sent
  // in batches at the end of the loop turn; a failure is counted, not reported: the protocol
  // retransmits.
  virtual void Send(const Path& path, Bytes datagram) = 0;

  // A socket of its own for a tunnel, bound to `local` (address unset: any; port 0: any free one).
  // `remote` decides the address family and is where Connect will go by default.
  virtual absl::StatusOr<SocketId> Open(const Endpoint& local, const Endpoint& remote,
                                        const SocketOptions& options) = 0;

  // Fixes the far end, as the kernel's data path requires. Gives the resulting path, with the
  // local address the kernel chose.
  virtual absl::StatusOr<Path> Connect(SocketId socket, const Endpoint& remote) = 0;

  // Sends on a tunnel's own socket, connected or not; otherwise like Send().
  virtual void SendOn(SocketId socket, const Endpoint& remote, Bytes datagram) = 0;

  // Octets of the largest IP packet that gets to the far end in one piece, as far as the kernel
  // knows now. 0: it does not, as before Connect().
  virtual int PathMtu(SocketId socket) = 0;

  // The descriptor, for KernelPort::CreateTunnel. Stays owned by the port. -1 for an unknown id.
  virtual int Descriptor(SocketId socket) = 0;

  // What is queued is sent first. Unknown ids are ignored.
  virtual void Close(SocketId socket) = 0;
};

// ---- Kernel ----------------------------------------------------------------------------------

struct KernelTunnel {
  TunnelId tunnel_id;
  TunnelId peer_tunnel_id;
  int socket = -1;  // a connected UDP socket, borrowed until the completion is called
};

struct KernelSession {
  TunnelId tunnel_id;
  TunnelId peer_tunnel_id;
  SessionId session_id;
  SessionId peer_session_id;
  Path path;                      // of the tunnel; the PPPoX socket's address repeats it
  bool send_sequence = false;     // put Ns into data messages
  bool receive_sequence = false;  // drop data messages without Ns
  bool lns_mode = false;
  Duration reorder_timeout;  // 0: no reordering
};

// The L2TP data path. Operations run on a worker thread: deleting a session makes the kernel wait
// for a grace period (before 6.12), and nothing on the loop may wait.
//
// Errors: KERNEL_REQUEST_FAILED with metadata "operation" and "errno" (a number), NOT_FOUND code
// for objects that are not there, NO_CAPABILITY, KERNEL_UNSUPPORTED.
class KernelPort {
 public:
  virtual ~KernelPort() = default;
  virtual void CreateTunnel(const KernelTunnel& tunnel, Done done) = 0;
  // Deletes the tunnel and its sessions. NOT_FOUND is success.
  virtual void DeleteTunnel(TunnelId tunnel, Done done) = 0;
  // Creates the session and gives a PPPoL2TP socket connected to it, non-blocking and
  // close-on-exec, for pppd to inherit. Closing the last copy deletes the session.
  virtual void CreateSession(const KernelSession& session, Completion<UniqueFd> done) = 0;
  // Data messages of the session carry Ns from now on, and those received without are dropped.
  virtual void RequireSequencing(TunnelId tunnel, SessionId session, Done done) = 0;
  // NOT_FOUND is success.
  virtual void DeleteSession(TunnelId tunnel, SessionId session, Done done) = 0;
  virtual void GetCounters(TunnelId tunnel, SessionId session,
                           Completion<events::Counters> done) = 0;
  // Data messages that the tunnel's sessions have received since it was created.
  virtual void GetReceivedPackets(TunnelId tunnel, Completion<int64_t> done) = 0;
  // The ids of all L2TP tunnels in this network namespace, ours or not.
  virtual void ListTunnels(Completion<std::vector<TunnelId>> done) = 0;
};

// ---- PPP -------------------------------------------------------------------------------------

using PppId = StrongId<struct PppIdTag, uint64_t>;

enum class AuthMethod { kPap, kChapMd5, kMsChapV2 };

// pppd's radius plugin checks the peer's login.
struct RadiusSpec {
  Endpoint server;             // IPv4
  Endpoint accounting_server;  // IPv4
  std::string secret;          // secret
  int timeout = 0;             // seconds, of one attempt
  int retries = 0;
  std::string nas_identifier;

  friend bool operator==(const RadiusSpec&, const RadiusSpec&) = default;
};

// One pppd to be run on one session. But for that of RADIUS it carries no secret: pppd's plugin
// asks for it.
struct PppSpec {
  std::string name;  // "tunnels/a/sessions/b", for logs
  TunnelId tunnel_id;
  SessionId session_id;
  bool lns = false;            // let the other end, which is made later, speak first
  std::string interface_name;  // "": pppd chooses pppN
  // Where the interface goes once it is made: into a network namespace of /run/netns, into a VRF.
  std::string network_namespace;  // "": it stays
  std::string vrf;                // of that namespace; "": none
  int mtu = 0;                    // octets; 0: pppd's default
  int mru = 0;
  // How the peer must log in to us; empty: it need not. pppd offers CHAP-MD5, then MS-CHAPv2, then
  // PAP, whatever the order here.
  std::vector<AuthMethod> require_auth;
  std::optional<RadiusSpec> radius;  // who checks that; nullopt: we do
  std::string called_number;         // for RADIUS, as the L2TP peer told them
  std::string calling_number;
  // How we log in when the peer asks; "" means we do not.
  std::string user;
  // Addresses to use; unset: taken from the peer.
  IpAddress local_address;
  IpAddress peer_address;
  IpAddress peer_interface_id;  // IPv6, upper 64 bits 0; the peer may insist on another
  std::vector<IpAddress> dns;   // told to the peer; at most two IPv4 addresses are
  bool ask_dns = false;         // ask the peer for its DNS servers
  bool ipv6 = false;            // negotiate IPv6CP
  bool default_route = false;
  bool mppe_required = false;
  int lcp_echo_interval = 0;              // seconds; 0: no echoes
  int lcp_echo_failures = 0;              // unanswered echoes after which the peer is dead
  uint32_t asyncmap = 0;                  // ACCM to ask for
  bool debug = false;                     // pppd logs every control packet (never secrets)
  bool scripts = false;                   // pppd runs its scripts in /etc/ppp: ip-up, ...
  bool proxyarp = false;                  // more_options has it
  std::vector<std::string> more_options;  // further words, after those for all of the above
};

struct PppLcpUp {
  events::LcpInfo lcp;
};
struct PppAuth {
  events::AuthInfo auth;
};
struct PppIpUp {
  std::string interface_name;
  events::Ipv4Info ipv4;
};
struct PppIpDown {};
struct PppIpv6Up {
  std::string interface_name;
  events::Ipv6Info ipv6;
};
struct PppIpv6Down {};
struct PppPhaseChange {
  events::PppPhase phase = events::PppPhase::kDead;
};
struct PppCcpUp {
  events::CcpInfo ccp;
};
struct PppCcpDown {};
// LCP Echo-Requests of ours.
struct PppEcho {
  int unanswered = 0;  // in a row; 0: answered again
};
// Every now and then while a network protocol is up. One that finds no room is lost, unlike all
// others here.
struct PppStatistics {
  events::PppCounters counters;
};

// pppd is gone and has been reaped; the last event of a PppId.
struct PppExit {
  // pppd's own word for its exit, 0-255, which pppd 2.4.9 does not always exit with; -1: ended by
  // `signal`, or never started.
  int status = -1;
  int signal = 0;
  bool stopped_by_us = false;  // Stop() had been called
  // It was ended because it stayed too long in a phase or at its end, as `message` says.
  bool stalled = false;
  std::string message;                          // pppd's last words, or why it could not be started
  std::optional<events::PppCounters> counters;  // unset when pppd could not tell
};
using PppEvent =
    std::variant<PppLcpUp, PppAuth, PppIpUp, PppIpDown, PppIpv6Up, PppIpv6Down, PppPhaseChange,
                 PppCcpUp, PppCcpDown, PppEcho, PppStatistics, PppExit>;

// A peer wants to log in to us. What pppd could not print of names and passwords it has spelt out
// (login_name.h).
struct PeerLogin {
  AuthMethod method = AuthMethod::kPap;
  std::string user;
  uint8_t chap_id = 0;
  std::string challenge;  // of CHAP, ours
  std::string response;   // of CHAP; of PAP the password. Secret
};

// What becomes of a login.
struct LoginAnswer {
  enum class Verdict {
    kRefused,   // whatever the peer proves
    kCheck,     // against `secret`
    kAccepted,  // it has been checked
  };
  Verdict verdict = Verdict::kRefused;
  std::string secret;  // secret
  // The login's octets, of which MS-CHAPv2 makes its response; empty: as they are spelt.
  std::string name;
};

// What a peer gets that has proved who it is.
struct PeerAdmission {
  bool admitted = false;
  std::string message;          // for the peer, when it is not
  IpAddress peer_address;       // in place of the PppSpec's; unset: that one
  IpAddress peer_interface_id;  // likewise
  std::vector<IpAddress> dns;   // at most two, likewise; empty: those
  Duration session_timeout;     // whole seconds; 0: none
  Duration idle_timeout;
};

class PppSink {
 public:
  virtual ~PppSink() = default;
  virtual void OnPppEvent(PppId ppp, const PppEvent& event) = 0;
  // The secret for our own login, under the PppSpec's user. nullopt: there is none.
  virtual std::optional<std::string> SecretFor(PppId ppp) = 0;
  // `answer` is called once, at once or later; pppd waits for it, but not longer than 15 s.
  virtual void OnPeerLogin(PppId ppp, const PeerLogin& login,
                           absl::AnyInvocable<void(LoginAnswer)> answer) = 0;
  // The peer has proved that it is `user`, in the way that the answer said.
  virtual PeerAdmission Admit(PppId ppp, absl::string_view user) = 0;
};

// How the pppds are.
struct PppCounts {
  int queued = 0;        // to be started
  int starting = 0;      // started, and not heard of so far
  int running = 0;       // heard of, and not ended
  int64_t forked = 0;    // ever started by a fork of the zygote,
  int64_t executed = 0;  // and by an exec of pppd
};

// Runs pppd, one process a session.
class PppPort {
 public:
  virtual ~PppPort() = default;
  // Starts a pppd on `pppox`, which says nothing before Begin(): now, or when fewer are being
  // started. Always followed by exactly one PppExit, at once when it cannot be started. The
  // daemon's copy of `pppox` is closed when pppd has been started or has failed.
  virtual PppId Start(const PppSpec& spec, UniqueFd pppox) = 0;
  // The call is established: PPP may begin. What has come in until now is not lost. Unknown ids and
  // a second time are ignored.
  virtual void Begin(PppId ppp) = 0;
  // Its call is over: HUP, so that it does not wait for a peer (plugin/hangup.h), with TERM, and
  // KILL when it has not ended after a grace period. Unknown ids are ignored.
  virtual void Stop(PppId ppp) = 0;
  // The process id; 0 when it is not running.
  virtual int64_t Pid(PppId ppp) const = 0;
  virtual PppCounts Counts() const = 0;
};

// ---- Authenticators --------------------------------------------------------------------------

// What an operator's own server is told of a session.
struct SessionFacts {
  std::string session;  // name
  std::string session_uid;
  std::string profile;
  std::string user;  // as pppd spells it
  IpAddress peer_address;
  std::string peer_host_name;
  std::string called_number;
  std::string calling_number;
};

struct AuthorizationRequest {
  SessionFacts facts;
  std::string request_id;  // of this login
  PeerLogin login;         // holds secrets
  Duration timeout;        // for the answer, whatever it takes to get one
};

// The decision.
struct Authorization {
  bool accepted = false;
  std::string reason;                   // for operators, when it is not
  std::optional<std::string> password;  // secret: to be checked against; nullopt: it has been
  // What the session gets in place of its pool's and its profile's. Unset, empty or 0: that.
  IpAddress address;
  IpAddress interface_id;
  IpPrefix prefix;
  std::vector<IpAddress> dns;
  Duration session_timeout;
  Duration idle_timeout;
  Duration interim_interval;     // between accounting records; 0: none
  std::vector<IpPrefix> routes;  // shown, not applied, and so are the rates
  int64_t downstream_rate = 0;   // bit/s
  int64_t upstream_rate = 0;
};

struct AccountingRecord {
  enum class Type { kStart, kInterim, kStop };
  Type type = Type::kStart;
  SessionFacts facts;
  IpAddress address;
  IpPrefix prefix;
  Duration duration;  // since kStart
  events::Counters counters;
  std::string cause;  // kStop: name of a CloseReason
};

// Operators' own servers, by address: "unix:/path", "127.0.0.1:50052".
class AuthenticatorPort {
 public:
  virtual ~AuthenticatorPort() = default;
  // An error when no decision was to be had in time, or one that cannot be.
  virtual void Authorize(const std::string& server, const AuthorizationRequest& request,
                         Completion<Authorization> done) = 0;
  // Sent as well as it can be.
  virtual void Account(const std::string& server, const AccountingRecord& record) = 0;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PORTS_H_
