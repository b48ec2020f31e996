#include "tests/sim/invariants.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/protocol/reliable_channel.h"

namespace l2tp::testing {
namespace {

using events::SessionInfo;
using events::State;
using events::TunnelInfo;

// Bounds are exact but for the moment within which a check and a timer fall together.
constexpr Duration kMoment = Duration::Milliseconds(1);
// A session's end: its pppd, then some operations of the kernel one after the other, which others
// may delay. Nothing of this is the protocol's.
constexpr Duration kLongestCleanUp = Duration::Seconds(60);

Duration Since(WallTime then, Instant now) {
  return Duration::Nanoseconds(now.nanoseconds() - then.nanoseconds);
}

std::string Seconds(Duration duration) {
  return absl::StrCat(static_cast<double>(duration.milliseconds()) / 1000.0, " s");
}

Duration GiveUpTime(const control::TunnelSettings& settings) {
  protocol::ChannelOptions channel;
  channel.retransmit_timeout = settings.retransmit_timeout;
  channel.retransmit_cap = settings.retransmit_cap;
  channel.max_retransmits = settings.max_retransmits;
  return channel.GiveUpTime();
}

}  // namespace

Duration SilenceLimit(const control::TunnelSettings& settings) {
  // When the interval is over the kernel is asked whether data came. It may take long to answer,
  // but after a second interval a HELLO goes out without it.
  return settings.hello_interval * 2 + GiveUpTime(settings);
}

Duration Retention(const control::TunnelSettings& settings) {
  return std::max(GiveUpTime(settings), Duration::Seconds(31));
}

ApiView::ApiView(SimDaemon* daemon) {
  control::PageRequest all;
  all.size = 1000;
  tunnels = daemon->controller()->ListTunnels(all).items;
  sessions = daemon->controller()->ListSessions("", all)->items;
}

// ---- At any time -------------------------------------------------------------------------------

std::string AlarmIsNotInThePast(const SimDaemon& daemon, Instant now) {
  if (!daemon.running()) return "";
  if (!daemon.alarm().when().has_value()) return "no timer is set, not even for bookmarks";
  if (*daemon.alarm().when() >= now) return "";
  return absl::StrCat("the next timer is ", Seconds(now - *daemon.alarm().when()), " in the past");
}

std::string KernelHoldsOnlyWhatIsKnown(SimDaemon* daemon, const ApiView& api) {
  const std::set<TunnelId>& leftovers = daemon->leftovers();
  std::map<absl::string_view, TunnelId> tunnels;
  std::set<TunnelId> tunnel_ids = leftovers;
  for (const TunnelInfo& tunnel : api.tunnels) {
    tunnels[tunnel.name] = tunnel.assigned_tunnel_id;
    tunnel_ids.insert(tunnel.assigned_tunnel_id);
  }
  std::set<std::pair<TunnelId, SessionId>> session_ids;
  for (const SessionInfo& session : api.sessions) {
    if (session.state == State::kWaiting) continue;
    session_ids.insert({tunnels[session.tunnel], session.assigned_session_id});
  }
  for (const control::KernelSession& session : daemon->kernel().KernelSessions()) {
    if (session_ids.contains({session.tunnel_id, session.session_id})) continue;
    if (leftovers.contains(session.tunnel_id)) continue;
    return absl::StrCat("nobody knows the kernel's session ", session.tunnel_id.value(), "/",
                        session.session_id.value());
  }
  int unknown = 0;
  for (const control::KernelTunnel& tunnel : daemon->kernel().KernelTunnels()) {
    if (!tunnel_ids.contains(tunnel.tunnel_id)) ++unknown;
  }
  if (unknown <= daemon->failed_tunnel_deletions()) return "";
  return absl::StrCat("nobody knows ", unknown, " of the kernel's tunnels");
}

std::string IdsAreUniqueAndNotZero(const ApiView& api) {
  std::set<TunnelId> tunnel_ids;
  std::set<absl::string_view> uids;
  std::set<std::tuple<IpAddress, uint16_t, IpAddress, uint16_t>> paths;
  for (const TunnelInfo& tunnel : api.tunnels) {
    if (!tunnel.assigned_tunnel_id || !tunnel_ids.insert(tunnel.assigned_tunnel_id).second) {
      return absl::StrCat(tunnel.name, " has the Tunnel ID ", tunnel.assigned_tunnel_id.value());
    }
    if (!uids.insert(tunnel.uid).second) return absl::StrCat(tunnel.name, " has another's uid");
    if (tunnel.state != State::kEstablished) continue;
    if (!tunnel.peer_assigned_tunnel_id) return absl::StrCat(tunnel.name, " has no peer");
    const Endpoint& local = tunnel.local;
    const Endpoint& remote = tunnel.remote;
    if (!paths.insert({local.address, local.port, remote.address, remote.port}).second) {
      return absl::StrCat("two tunnels from ", local.ToString(), " to ", remote.ToString());
    }
  }
  std::set<std::pair<absl::string_view, SessionId>> session_ids;
  std::set<std::pair<absl::string_view, SessionId>> peer_ids;
  std::set<IpAddress> leased;
  for (const SessionInfo& session : api.sessions) {
    if (session.state == State::kWaiting) continue;
    if (!session.assigned_session_id ||
        !session_ids.insert({session.tunnel, session.assigned_session_id}).second) {
      return absl::StrCat(session.name, " has the Session ID ",
                          session.assigned_session_id.value());
    }
    if (!uids.insert(session.uid).second) return absl::StrCat(session.name, " has another's uid");
    if (session.state == State::kEstablished &&
        (!session.peer_assigned_session_id ||
         !peer_ids.insert({session.tunnel, session.peer_assigned_session_id}).second)) {
      return absl::StrCat(session.name, " has the peer's Session ID ",
                          session.peer_assigned_session_id.value());
    }
    if (session.role == events::Role::kLns && session.ipv4.has_value() &&
        !leased.insert(session.ipv4->remote).second) {
      return absl::StrCat(session.ipv4->remote.ToString(), " is leased twice");
    }
  }
  return "";
}

// ---- Time --------------------------------------------------------------------------------------

std::string Deadlines::Check(const SimDaemon& daemon, const ApiView& api, const WireMonitor& wire,
                             Instant now) {
  for (const TunnelInfo& tunnel : api.tunnels) {
    if (std::string fault = CheckTunnel(daemon, tunnel, wire, now); !fault.empty()) return fault;
  }
  for (const SessionInfo& session : api.sessions) {
    if (std::string fault = CheckSession(daemon, session, now); !fault.empty()) return fault;
  }
  return "";
}

std::string Deadlines::CheckTunnel(const SimDaemon& daemon, const TunnelInfo& tunnel,
                                   const WireMonitor& wire, Instant now) {
  const control::TunnelSettings& settings = daemon.options().profile.tunnel;
  switch (tunnel.state) {
    case State::kConnecting: {
      const Duration age = Since(tunnel.create_time, now);
      if (age <= settings.setup_timeout + kMoment) return "";
      return absl::StrCat(tunnel.name, " has been connecting for ", Seconds(age));
    }
    case State::kEstablished: {
      Duration silence = Since(tunnel.establish_time, now);
      if (const auto heard = wire.LastHeard(daemon.address(), tunnel.assigned_tunnel_id)) {
        silence = std::min(silence, now - *heard);
      }
      if (silence <= SilenceLimit(settings) + kMoment) return "";
      return absl::StrCat(tunnel.name, " is established, and nothing came for ", Seconds(silence));
    }
    default: return CheckClosing(tunnel.name, tunnel.uid, now);
  }
}

std::string Deadlines::CheckSession(const SimDaemon& daemon, const SessionInfo& session,
                                    Instant now) {
  const control::SessionSettings& settings = daemon.options().profile.session;
  switch (session.state) {
    case State::kConnecting: {
      closing_since_.erase(session.uid);
      const std::pair call(session.uid,
                           session.assigned_session_id);  // a restart places another one
      const Duration age = now - connecting_since_.try_emplace(call, now).first->second;
      if (age <= settings.setup_timeout + kMoment) return "";
      return absl::StrCat(session.name, " has been connecting for ", Seconds(age));
    }
    case State::kEstablished: {
      closing_since_.erase(session.uid);
      const Duration age = Since(session.establish_time, now);
      const bool up = session.ipv4.has_value() || session.ipv6.has_value();
      if (up || age <= settings.ppp_timeout + kMoment) return "";
      return absl::StrCat(session.name, " has had no address for ", Seconds(age));
    }
    case State::kWaiting: {
      closing_since_.erase(session.uid);
      const Duration late = Since(session.reconnect->next_attempt_time, now);
      if (late <= kLongestCleanUp + kMoment) return "";
      return absl::StrCat(session.name, " has been waiting for ", Seconds(late), " too long");
    }
    default: return CheckClosing(session.name, session.uid, now);
  }
}

std::string Deadlines::CheckClosing(const std::string& name, const std::string& uid, Instant now) {
  const Instant since = closing_since_.try_emplace(uid, now).first->second;
  if (now - since <= kLongestCleanUp) return "";
  return absl::StrCat(name, " has been closing for ", Seconds(now - since));
}

// ---- In the end --------------------------------------------------------------------------------

std::string EndsAgree(const std::vector<SimDaemon*>& daemons) {
  using TunnelKey = std::tuple<IpAddress, IpAddress, TunnelId, TunnelId>;
  std::set<TunnelKey> tunnels;
  std::set<std::tuple<TunnelKey, SessionId, SessionId>> sessions;
  std::set<IpAddress> addresses;
  for (SimDaemon* daemon : daemons) {
    addresses.insert(daemon->address());
    const ApiView api(daemon);
    std::map<absl::string_view, TunnelKey> keys;
    for (const TunnelInfo& tunnel : api.tunnels) {
      const TunnelKey key{daemon->address(), tunnel.remote.address, tunnel.assigned_tunnel_id,
                          tunnel.peer_assigned_tunnel_id};
      keys[tunnel.name] = key;
      if (tunnel.state == State::kEstablished) tunnels.insert(key);
    }
    for (const SessionInfo& session : api.sessions) {
      if (session.state != State::kEstablished) continue;
      sessions.insert(
          {keys[session.tunnel], session.assigned_session_id, session.peer_assigned_session_id});
    }
  }
  const auto mirrored = [](const TunnelKey& key) {
    return TunnelKey{std::get<1>(key), std::get<0>(key), std::get<3>(key), std::get<2>(key)};
  };
  for (const TunnelKey& key : tunnels) {
    if (!addresses.contains(std::get<1>(key)) || tunnels.contains(mirrored(key))) continue;
    return absl::StrCat(std::get<0>(key).ToString(), " has tunnel ", std::get<2>(key).value(),
                        ", and ", std::get<1>(key).ToString(), " does not");
  }
  for (const auto& [key, own, peer] : sessions) {
    if (!addresses.contains(std::get<1>(key)) || sessions.contains({mirrored(key), peer, own})) {
      continue;
    }
    return absl::StrCat(std::get<0>(key).ToString(), " has session ", own.value(), " in tunnel ",
                        std::get<2>(key).value(), ", and ", std::get<1>(key).ToString(),
                        " does not");
  }
  return "";
}

std::string NothingIsLeft(SimDaemon* daemon) {
  const control::SystemInfo system = daemon->controller()->GetSystem();
  if (system.tunnel_count != 0) return absl::StrCat(system.tunnel_count, " tunnels are left");
  if (system.session_count != 0) return absl::StrCat(system.session_count, " sessions are left");
  if (system.established_session_count != 0) return "sessions were counted wrongly";
  if (!daemon->kernel().KernelTunnels().empty()) return "the kernel has tunnels";
  if (!daemon->kernel().KernelSessions().empty()) return "the kernel has sessions";
  if (daemon->kernel().has_pending()) return "something is asked of the kernel";
  if (daemon->ppp().running() != 0) return "pppds run";
  if (!daemon->port().sockets().empty()) return "tunnel sockets are open";
  if (daemon->owed_answers() != 0) {
    return absl::StrCat(daemon->owed_answers(), " deletions were never answered");
  }
  const auto pool = daemon->controller()->GetPool(daemon->options().pool.name);
  if (pool->addresses.used != 0) {
    return absl::StrCat(pool->addresses.used, " addresses are leased");
  }
  if (!daemon->controller()->ListLeases("", {})->items.empty()) return "a lease is left";
  for (const control::User& user : daemon->controller()->ListUsers({}).items) {
    if (user.session_count != 0) return absl::StrCat(user.name, " still has a session");
  }
  return "";
}

}  // namespace l2tp::testing
