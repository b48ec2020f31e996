// One event.

#ifndef L2TP_SERVER_EVENTS_EVENT_H_
#define L2TP_SERVER_EVENTS_EVENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "server/base/time.h"
#include "server/events/resources.h"

namespace l2tp::events {

enum class EventType {
  kTunnelCreated,
  kTunnelUp,
  kTunnelDown,     // no longer usable; cause is set
  kTunnelDeleted,  // left the API; the last event of a tunnel
  kSessionCreated,
  kSessionUp,             // L2TP established and the data path in place
  kSessionLcpUp,          // lcp is set
  kSessionAuthenticated,  // auth is set; look at auth.succeeded
  kSessionIpUp,           // ipv4 and interface_name are set
  kSessionIpDown,         // last_ipv4 is set; likewise for IPv6
  kSessionIpv6Up,
  kSessionIpv6Down,
  kSessionLinkInfo,    // Set-Link-Info sent or received; link_info is set
  kSessionDown,        // cause is set
  kSessionDeleted,     // counters are final; the last event of a session
  kSessionCallErrors,  // the LAC reported errors of the line (WEN); call_errors is set
  kTunnelRefused,      // somebody's SCCRQ was not taken; those alike are told together
  kSessionRefused,     // the same for calls
  kSessionPppPhase,    // ppp_phase is another
  kSessionLcpEcho,  // LCP echoes stay unanswered, or are answered again; unanswered_echoes is set
  kSessionCcpUp,    // ccp is set
  kSessionCcpDown,
  kSessionWaiting,       // a persistent session will be placed again; reconnect and cause are set
  kSessionReconnecting,  // it is being placed again
  kTunnelUpdated,        // a caller has changed labels or debug; or draining has
  kSessionUpdated,
  kProfileCreated,
  kProfileUpdated,  // or what it inherits
  kProfileDeleted,
  kPoolCreated,
  kPoolUpdated,
  kPoolDeleted,
  kUserCreated,
  kUserUpdated,
  kUserDeleted,
  kPeerCreated,
  kPeerUpdated,  // or draining has
  kPeerDeleted,
};

const char* EventTypeName(EventType type);  // "SESSION_LCP_UP"

// What kind of thing an event is about.
enum class Kind { kTunnel, kSession, kRefusal, kProfile, kPool, kUser, kPeer };

Kind KindOf(EventType type);

// What an event is about.
using Resource = std::variant<TunnelInfo, SessionInfo, RefusalInfo, ConfigInfo>;

Kind KindOf(const Resource& resource);
// "tunnels/a", "tunnels/a/sessions/b", "users/a"; of a refusal the tunnel in which it was, or "".
const std::string& NameOf(const Resource& resource);
// None of a refusal.
const Labels& LabelsOf(const Resource& resource);

// All of `wanted`, with these values.
bool HasLabels(const Labels& labels, const Labels& wanted);

struct Event {
  int64_t revision = 0;  // 1, 2, 3 ... over all resources of this daemon run
  WallTime time;
  EventType type = EventType::kTunnelCreated;
  // The resource just after what happened.
  Resource resource;
  // What is updated: what it had before. Filters look at both.
  Labels labels_before = {};

  bool is_session() const { return std::holds_alternative<SessionInfo>(resource); }
  const std::string& name() const { return NameOf(resource); }
};

// Events are shared between all subscribers and never change.
using EventPtr = std::shared_ptr<const Event>;

}  // namespace l2tp::events

#endif  // L2TP_SERVER_EVENTS_EVENT_H_
