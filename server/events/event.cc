#include "server/events/event.h"

#include <algorithm>

namespace l2tp::events {

const char* EventTypeName(EventType type) {
  switch (type) {
    case EventType::kTunnelCreated: return "TUNNEL_CREATED";
    case EventType::kTunnelUp: return "TUNNEL_UP";
    case EventType::kTunnelDown: return "TUNNEL_DOWN";
    case EventType::kTunnelDeleted: return "TUNNEL_DELETED";
    case EventType::kSessionCreated: return "SESSION_CREATED";
    case EventType::kSessionUp: return "SESSION_UP";
    case EventType::kSessionLcpUp: return "SESSION_LCP_UP";
    case EventType::kSessionAuthenticated: return "SESSION_AUTHENTICATED";
    case EventType::kSessionIpUp: return "SESSION_IP_UP";
    case EventType::kSessionIpDown: return "SESSION_IP_DOWN";
    case EventType::kSessionIpv6Up: return "SESSION_IPV6_UP";
    case EventType::kSessionIpv6Down: return "SESSION_IPV6_DOWN";
    case EventType::kSessionLinkInfo: return "SESSION_LINK_INFO";
    case EventType::kSessionDown: return "SESSION_DOWN";
    case EventType::kSessionDeleted: return "SESSION_DELETED";
    case EventType::kSessionCallErrors: return "SESSION_CALL_ERRORS";
    case EventType::kTunnelRefused: return "TUNNEL_REFUSED";
    case EventType::kSessionRefused: return "SESSION_REFUSED";
    case EventType::kSessionPppPhase: return "SESSION_PPP_PHASE";
    case EventType::kSessionLcpEcho: return "SESSION_LCP_ECHO";
    case EventType::kSessionCcpUp: return "SESSION_CCP_UP";
    case EventType::kSessionCcpDown: return "SESSION_CCP_DOWN";
    case EventType::kSessionWaiting: return "SESSION_WAITING";
    case EventType::kSessionReconnecting: return "SESSION_RECONNECTING";
    case EventType::kTunnelUpdated: return "TUNNEL_UPDATED";
    case EventType::kSessionUpdated: return "SESSION_UPDATED";
    case EventType::kProfileCreated: return "PROFILE_CREATED";
    case EventType::kProfileUpdated: return "PROFILE_UPDATED";
    case EventType::kProfileDeleted: return "PROFILE_DELETED";
    case EventType::kPoolCreated: return "POOL_CREATED";
    case EventType::kPoolUpdated: return "POOL_UPDATED";
    case EventType::kPoolDeleted: return "POOL_DELETED";
    case EventType::kUserCreated: return "USER_CREATED";
    case EventType::kUserUpdated: return "USER_UPDATED";
    case EventType::kUserDeleted: return "USER_DELETED";
    case EventType::kPeerCreated: return "PEER_CREATED";
    case EventType::kPeerUpdated: return "PEER_UPDATED";
    case EventType::kPeerDeleted: return "PEER_DELETED";
  }
  return "UNKNOWN";
}

Kind KindOf(EventType type) {
  switch (type) {
    case EventType::kTunnelCreated:
    case EventType::kTunnelUp:
    case EventType::kTunnelDown:
    case EventType::kTunnelDeleted:
    case EventType::kTunnelUpdated: return Kind::kTunnel;
    case EventType::kTunnelRefused:
    case EventType::kSessionRefused: return Kind::kRefusal;
    case EventType::kProfileCreated:
    case EventType::kProfileUpdated:
    case EventType::kProfileDeleted: return Kind::kProfile;
    case EventType::kPoolCreated:
    case EventType::kPoolUpdated:
    case EventType::kPoolDeleted: return Kind::kPool;
    case EventType::kUserCreated:
    case EventType::kUserUpdated:
    case EventType::kUserDeleted: return Kind::kUser;
    case EventType::kPeerCreated:
    case EventType::kPeerUpdated:
    case EventType::kPeerDeleted: return Kind::kPeer;
    case EventType::kSessionCreated:
    case EventType::kSessionUp:
    case EventType::kSessionLcpUp:
    case EventType::kSessionAuthenticated:
    case EventType::kSessionIpUp:
    case EventType::kSessionIpDown:
    case EventType::kSessionIpv6Up:
    case EventType::kSessionIpv6Down:
    case EventType::kSessionLinkInfo:
    case EventType::kSessionDown:
    case EventType::kSessionDeleted:
    case EventType::kSessionCallErrors:
    case EventType::kSessionPppPhase:
    case EventType::kSessionLcpEcho:
    case EventType::kSessionCcpUp:
    case EventType::kSessionCcpDown:
    case EventType::kSessionWaiting:
    case EventType::kSessionReconnecting:
    case EventType::kSessionUpdated: return Kind::kSession;
  }
  return Kind::kSession;
}

Kind KindOf(const Resource& resource) {
  if (std::holds_alternative<TunnelInfo>(resource)) return Kind::kTunnel;
  if (std::holds_alternative<SessionInfo>(resource)) return Kind::kSession;
  if (std::holds_alternative<RefusalInfo>(resource)) return Kind::kRefusal;
  switch (std::get<ConfigInfo>(resource).config.index()) {
    case 0: return Kind::kProfile;
    case 1: return Kind::kPool;
    case 2: return Kind::kUser;
    default: return Kind::kPeer;
  }
}

const Labels& LabelsOf(const Resource& resource) {
  static const auto& none = *new Labels;
  if (const auto* tunnel = std::get_if<TunnelInfo>(&resource)) return tunnel->labels;
  if (const auto* session = std::get_if<SessionInfo>(&resource)) return session->labels;
  if (const auto* config = std::get_if<ConfigInfo>(&resource)) return config->labels;
  return none;
}

bool HasLabels(const Labels& labels, const Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&labels](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

const std::string& NameOf(const Resource& resource) {
  if (const auto* refusal = std::get_if<RefusalInfo>(&resource)) return refusal->tunnel;
  if (const auto* tunnel = std::get_if<TunnelInfo>(&resource)) return tunnel->name;
  if (const auto* config = std::get_if<ConfigInfo>(&resource)) return config->name;
  return std::get<SessionInfo>(resource).name;
}

}  // namespace l2tp::events
