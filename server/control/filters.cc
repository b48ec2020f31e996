#include "server/control/specs.h"
#include "server/events/event.h"

namespace l2tp::control {
namespace {

bool IsOrAny(const std::string& wanted, const std::string& value) {
  return wanted.empty() || wanted == value;
}

}  // namespace

bool TunnelFilter::Matches(const events::TunnelInfo& tunnel) const {
  return (states.empty() || states.contains(tunnel.state)) && IsOrAny(peer, tunnel.peer) &&
         (!remote.is_set() || remote == tunnel.remote.address) &&
         IsOrAny(profile, tunnel.profile) && events::HasLabels(tunnel.labels, labels);
}

bool ProfileFilter::Matches(const Profile& profile) const {
  return events::HasLabels(profile.labels, labels);
}

bool PoolFilter::Matches(const Pool& pool) const { return events::HasLabels(pool.labels, labels); }

bool UserFilter::Matches(const User& user) const {
  return enabled.value_or(user.enabled) == user.enabled && IsOrAny(profile, user.profile) &&
         events::HasLabels(user.labels, labels);
}

bool PeerFilter::Matches(const Peer& peer) const {
  return IsOrAny(profile, peer.profile) && events::HasLabels(peer.labels, labels);
}

bool SessionFilter::empty() const {
  return states.empty() && user.empty() && !address.is_set() && interface_name.empty() &&
         calling_number.empty() && called_number.empty() && profile.empty() && labels.empty();
}

bool SessionFilter::Matches(const events::SessionInfo& session) const {
  if (!states.empty() && !states.contains(session.state)) return false;
  if (!user.empty() && user != session.user && user != session.peer_user &&
      (!session.auth.has_value() || user != session.auth->user)) {
    return false;
  }
  if (address.is_set()) {
    const bool closed = session.state == events::State::kClosed;
    const auto& ipv4 = closed ? session.last_ipv4 : session.ipv4;
    if (!ipv4.has_value() || (address != ipv4->local && address != ipv4->remote)) return false;
  }
  return IsOrAny(interface_name, session.interface_name) &&
         IsOrAny(calling_number, session.calling_number) &&
         IsOrAny(called_number, session.called_number) && IsOrAny(profile, session.profile) &&
         events::HasLabels(session.labels, labels);
}

}  // namespace l2tp::control
