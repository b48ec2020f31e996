// What callers ask for, as plain values: the input side of the resources. The API and the
// configuration file make these; ValidateX() in validate.h says what is wrong with one.
//
// Fields marked "secret" are never logged, shown or put into an event.

#ifndef L2TP_SERVER_CONTROL_SPECS_H_
#define L2TP_SERVER_CONTROL_SPECS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "server/control/ports.h"
#include "server/events/resources.h"

namespace l2tp::control {

// How a control connection behaves (RFC 2661 section 5).
struct TunnelSettings {
  Duration hello_interval = Duration::Seconds(60);     // quiet time before a HELLO; 0: none
  Duration retransmit_timeout = Duration::Seconds(1);  // before the first retransmission; > 0
  Duration retransmit_cap = Duration::Seconds(16);     // longest wait; at least 8 s (5.8)
  int max_retransmits = 5;                             // then the tunnel is lost; 1..30
  int receive_window = 64;                             // messages we accept; 1..32768
  Duration setup_timeout = Duration::Seconds(60);      // for the whole exchange; 0: none
  bool hide_avps = false;                              // hide what may be, when a secret is set
  bool tie_breaker = false;  // our SCCRQ has one: of two that cross, one tunnel is left (4.4.3)
  int max_sessions = 0;      // calls a peer may have in the tunnel; 0: only the daemon's limit
  SocketOptions socket;      // of control and data messages
};

// How calls in a tunnel behave.
struct SessionSettings {
  bool send_sequence = false;     // Ns in data messages
  bool receive_sequence = false;  // drop data messages without Ns; asks Sequencing Required as LAC
  // How long what came too early waits; 0: not at all, and then the kernel takes no message after a
  // lost one until several have come in sequence.
  Duration reorder_timeout = Duration::Milliseconds(50);
  uint32_t tx_connect_speed = 100'000'000;         // bit/s, told in ICCN
  uint32_t rx_connect_speed = 0;                   // bit/s; 0: the same as tx, and not told
  Duration setup_timeout = Duration::Seconds(60);  // until L2TP is established; 0: none
  Duration ppp_timeout = Duration::Seconds(60);    // from there until PPP has an address; 0: none
  // A persistent session that has ended is placed again after a random time that is not longer than
  // this, and not than twice as much after each further failure, up to the other.
  Duration reconnect_min_delay = Duration::Seconds(1);    // > 0
  Duration reconnect_max_delay = Duration::Seconds(300);  // at least the other; at most a day
  int max_reconnect_failures = 0;                         // in a row; then it is given up; 0: never
};

// A RADIUS server that pppd's radius plugin asks.
struct RadiusSettings {
  Endpoint server;                          // IPv4; unset: RADIUS is not used. Port 0: 1812
  Endpoint accounting_server;               // unset: the same address. Port 0: 1813
  std::string secret;                       // secret; 1 to 48 characters without space
  Duration timeout = Duration::Seconds(3);  // of one attempt; whole seconds, 1 to 10
  int retries = 2;                          // 1 to 10
  std::string nas_identifier;               // empty: our Host Name AVP

  friend bool operator==(const RadiusSettings&, const RadiusSettings&) = default;
};

// How PPP behaves on a session.
struct PppSettings {
  std::vector<AuthMethod> require_auth;  // how the peer must log in to us; empty: need not
  std::string authenticator;             // who decides about logins: "unix:/path"; empty: our users
  Duration authenticator_timeout = Duration::Seconds(5);  // whole seconds, 1 to 10
  RadiusSettings radius;                                  // who decides, likewise
  std::string user;                                       // how we log in; a session may override
  std::string password;                                   // secret
  IpAddress local_address;                                // unset: from the peer
  std::string pool;            // "pools/x": where the peer's address comes from
  std::vector<IpAddress> dns;  // told to the peer
  bool ask_dns = false;
  bool ipv6 = false;
  bool default_route = false;
  bool mppe_required = false;
  // Octets. 1500 less IP, UDP, L2TP and PPP headers, rounded down; 0: what the path to the peer
  // leaves (ppp_sizes.h).
  int mtu = 1452;
  int mru = 1452;
  int lcp_echo_interval = 30;  // seconds; 0: none
  int lcp_echo_failures = 4;
  uint32_t asyncmap = 0;
  bool debug = false;
  bool scripts = false;                   // run pppd's in /etc/ppp
  std::string network_namespace;          // of /run/netns, for the interface; empty: the daemon's
  std::string vrf;                        // of that namespace, for the interface; empty: none
  std::vector<std::string> pppd_options;  // more of pppd's options, as on its list (pppd_options.h)
};

// A named set of settings. Tunnels and sessions refer to one; changes act on the next tunnel or
// session, never on a live one.
struct Profile {
  std::string name;  // "profiles/{id}"
  std::string display_name;
  // Where the settings come from that are not in `set`; empty: they are the built-in defaults. At
  // most 8 profiles in a row.
  std::string parent;
  // Paths of the settings that are the profile's own (profile_fields.h). All settings below have
  // the values that hold, inherited ones included.
  std::set<std::string, std::less<>> set;
  TunnelSettings tunnel;
  SessionSettings session;
  PppSettings ppp;
  events::Labels labels;
  uint64_t version = 0;  // output only; another one after every change
};

// Inclusive, both of one family.
struct AddressRange {
  IpAddress first;
  IpAddress last;

  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// How much there is of something, and how much of it is left.
struct PoolUsage {
  int64_t total = 0;
  int64_t used = 0;       // sessions have it
  int64_t set_aside = 0;  // the users whose own it is do not use it now
};

// What sessions take their addresses from: one of each kind that there is.
struct Pool {
  std::string name;                              // "pools/{id}"
  std::vector<AddressRange> ip_ranges;           // IPv4; together at most 2^20 addresses
  std::vector<AddressRange> ipv6_interface_ids;  // upper 64 bits 0; together at most 2^32
  std::vector<IpPrefix> ipv6_prefixes;           // /32 to /64, cut into /64s; at most 2^32 of them
  // Output only.
  PoolUsage addresses;
  PoolUsage interface_ids;
  PoolUsage prefixes;
  events::Labels labels;
  uint64_t version = 0;  // output only; another one after every change
};

// What one session has of a pool, or of its user's own. Unset: none.
struct Lease {
  std::string name;  // of the session
  std::string pool;  // "pools/{id}"; empty: nothing of it is a pool's
  std::string user;  // "users/{id}"; empty: nothing of it is a user's own
  IpAddress address;
  IpAddress interface_id;  // upper 64 bits 0
  IpPrefix prefix;         // a /64
};

// Somebody who may log in to us.
struct User {
  std::string name;  // "users/{id}"
  // What the peer calls itself in PPP: UTF-8, or as pppd spells it (see login_name.h). Empty: the
  // id of the resource.
  std::string login;
  std::string password;  // secret
  bool enabled = true;
  std::string profile;  // "profiles/x": in sessions of this profile only; empty: in any
  // The user's own, which no pool gives to others. Whoever has one has one session at a time.
  IpAddress address;
  IpAddress interface_id;
  IpPrefix prefix;
  int max_sessions = 0;   // at a time; 0: no limit
  int session_count = 0;  // output only
  events::Labels labels;
  uint64_t version = 0;  // output only; another one after every change
};

// Who may open a tunnel to us, and who may not. The address decides first: of the peers whose
// prefix contains the source address, only those with the longest count. Of these the one whose
// host name equals the Host Name AVP is it, else the one without a host name, else nobody: the
// tunnel is refused. The Host Name AVP is as unproved as the address, so it cannot choose to need
// no secret: of peers with the same prefix either all that admit have a secret or none has.
struct Peer {
  std::string name;  // "peers/{id}"
  IpPrefix prefix;   // unset: any address
  std::string host_name;
  std::string secret;  // secret; empty: no tunnel authentication
  std::string profile;
  bool allow_calls = true;            // may place incoming calls to us (we are LNS)
  bool allow_outgoing_calls = false;  // may ask us for outgoing calls (we are LAC)
  bool draining = false;              // output only; takes no new tunnels and calls
  bool deny = false;                  // may not open tunnels; everything above is without meaning
  events::Labels labels;
  uint64_t version = 0;  // output only; another one after every change
};

// A tunnel to be opened.
struct TunnelSpec {
  std::string id;                     // "tunnels/{id}"; empty: the controller makes one up
  std::string profile;                // "profiles/x"; empty: built-in defaults
  Endpoint remote;                    // port 0: 1701
  Endpoint local;                     // unset address: the kernel's choice; port 0: any free one
  std::string host_name;              // our Host Name AVP; empty: the daemon's
  std::string secret;                 // secret; empty: no tunnel authentication, no hiding
  bool allow_calls = false;           // may the peer place incoming calls to us in this tunnel
  bool allow_outgoing_calls = false;  // may it ask us for outgoing calls
  bool debug = false;                 // log its control messages and states
  events::Labels labels;
};

// What can change of a tunnel that is there; unset: stays.
struct TunnelChange {
  std::optional<events::Labels> labels;
  std::optional<bool> debug;
};

// Results of LCP and authentication to be passed on (RFC 2661 section 4.4.5).
struct ProxySpec {
  events::ProxyInfo info;
  std::optional<std::string> authen_response;  // secret

  friend bool operator==(const ProxySpec&, const ProxySpec&) = default;
};

// A call to be placed: an incoming one, we are LAC and the peer is LNS (RFC 2661 section 7.4.1), or
// an outgoing one, we are LNS and the peer is LAC (7.5.2).
struct SessionSpec {
  std::string tunnel;  // "tunnels/{id}"; without meaning when there is a tunnel_to
  // The call goes into the tunnel that we opened to this peer with this profile; it is opened when
  // there is none (RFC 2661 sections 7.4.1 and 7.5.2, wait-tunnel).
  std::optional<TunnelSpec> tunnel_to;
  std::string id;              // "tunnels/{t}/sessions/{id}"; empty: the controller makes one up
  std::string profile;         // empty: the tunnel's
  std::string user;            // overrides the profile's
  std::string password;        // secret; goes with user
  std::string interface_name;  // empty: pppd chooses; at most 15 characters
  // When the session ends and no operator wanted that, it is placed again, and its tunnel opened
  // again if it is gone. Only in tunnels that we opened.
  bool persistent = false;
  events::CallDirection direction = events::CallDirection::kIncoming;
  std::string called_number;   // AVPs of ICRQ or OCRQ; empty: left out, or empty in OCRQ
  std::string calling_number;  // incoming calls only
  std::string sub_address;
  std::optional<uint32_t> bearer_type;          // bits; outgoing, unset: all that the peer offers
  std::optional<uint32_t> physical_channel_id;  // incoming calls only
  uint32_t minimum_bps = 0;                     // bit/s; outgoing calls only
  uint32_t maximum_bps = 0;                     // bit/s; outgoing calls only; 0: no limit is told
  std::string private_group_id;                 // incoming calls only
  ProxySpec proxy;                              // incoming calls only
  events::AccessLine access_line;               // incoming calls only
  events::Labels labels;
};

// Whether something is done, or only looked at.
enum class Mode {
  kDo,
  kValidateOnly,  // everything that can be wrong is told, and nothing changes
};

struct CloseOptions {
  bool force = false;        // close a tunnel although it has sessions
  uint16_t result_code = 0;  // StopCCN or CDN Result Code; 0: 1 for tunnels, 3 for sessions
  uint16_t error_code = 0;
  std::string message;
  std::optional<wire::Q931Cause> q931_cause;  // sessions only
};

// One page of a listing, in the order of names.
struct PageRequest {
  std::string after;  // name of the last item of the page before; empty: from the start
  int size = 100;     // 1..1000
};
template <typename T>
struct Page {
  std::vector<T> items;
  bool more = false;  // there are items after this page
  std::string last;   // name of the last item that was looked at; the next page begins after it
};

// Which tunnels, profiles and so on: what is empty does not matter.
struct TunnelFilter {
  std::set<events::State> states;
  std::string peer;
  IpAddress remote;
  std::string profile;
  events::Labels labels;

  bool Matches(const events::TunnelInfo& tunnel) const;
};

struct ProfileFilter {
  events::Labels labels;

  bool Matches(const Profile& profile) const;
};

struct PoolFilter {
  events::Labels labels;

  bool Matches(const Pool& pool) const;
};

struct UserFilter {
  std::optional<bool> enabled;
  std::string profile;
  events::Labels labels;

  bool Matches(const User& user) const;
};

struct PeerFilter {
  std::string profile;
  events::Labels labels;

  bool Matches(const Peer& peer) const;
};

struct SessionFilter {
  std::set<events::State> states;
  std::string user;  // "users/x", or what it calls itself
  IpAddress address;
  std::string interface_name;
  std::string calling_number;
  std::string called_number;
  std::string profile;
  events::Labels labels;

  bool empty() const;
  bool Matches(const events::SessionInfo& session) const;
};

struct SystemInfo {
  std::string version;
  std::string host_name;  // our Host Name AVP
  bool shutting_down = false;
  bool draining = false;  // takes no new tunnels and calls
  WallTime start_time;
  int64_t revision = 0;  // of the event log
  int tunnel_count = 0;
  int established_tunnel_count = 0;
  int session_count = 0;
  int established_session_count = 0;
  int waiting_session_count = 0;  // persistent, ended, and to be placed again
  int watcher_count = 0;
  PppCounts ppp;
  int64_t refused_tunnel_count = 0;  // SCCRQs not taken, since the start
  int64_t refused_session_count = 0;
  int64_t malformed_count = 0;       // datagrams without a sound control header
  int64_t unknown_tunnel_count = 0;  // control messages for a Tunnel ID that is not ours
  int half_open_tunnel_count = 0;    // begun by peers and not established
  int64_t dropped_sccrq_count = 0;   // had to come again, because of too many half-open tunnels
  int64_t displaced_count = 0;       // half-open tunnels that made room for others
  int64_t retransmit_count = 0;      // control messages that were sent again
  int64_t duplicate_count = 0;       // that came again
  Duration window_full_time;         // messages waited for room in a window; tunnels added up
  int64_t lost_tie_count = 0;        // SCCRQs of peers that crossed ours and lost
  int64_t foreign_source_count = 0;  // control messages for a tunnel from another address
  std::vector<Endpoint> listeners;
  std::string pppd_path;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_SPECS_H_
