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
  }
  return "UNKNOWN";
}

const Labels& LabelsOf(const Resource& resource) {
  static const auto& none = *new Labels;
  if (const auto* tunnel = std::get_if<TunnelInfo>(&resource)) return tunnel->labels;
  if (const auto* session = std::get_if<SessionInfo>(&resource)) return session->labels;
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
  return std::get<SessionInfo>(resource).name;
}

}  // namespace l2tp::events
