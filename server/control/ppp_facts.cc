#include "server/control/ppp_facts.h"

#include <utility>
#include <variant>

namespace l2tp::control {
namespace {

using events::EventType;
using events::SessionInfo;

// `now` goes, and is remembered; `type` if it was there.
template <typename Info>
std::optional<EventType> GoDown(std::optional<Info>* now, std::optional<Info>* last,
                                EventType type) {
  if (!now->has_value()) return std::nullopt;
  *last = std::exchange(*now, std::nullopt);
  return type;
}

class Taker {
 public:
  explicit Taker(SessionInfo* info) : info_(*info) {}

  std::optional<EventType> operator()(const PppLcpUp& up) const {
    info_.lcp = up.lcp;
    return EventType::kSessionLcpUp;
  }
  std::optional<EventType> operator()(const PppAuth& result) const {
    info_.auth = result.auth;
    return EventType::kSessionAuthenticated;
  }
  std::optional<EventType> operator()(const PppIpUp& up) const {
    info_.interface_name = up.interface_name;
    info_.ipv4 = up.ipv4;
    info_.last_ipv4.reset();
    return EventType::kSessionIpUp;
  }
  std::optional<EventType> operator()(const PppIpDown&) const {
    return GoDown(&info_.ipv4, &info_.last_ipv4, EventType::kSessionIpDown);
  }
  std::optional<EventType> operator()(const PppIpv6Up& up) const {
    info_.interface_name = up.interface_name;
    info_.ipv6 = up.ipv6;
    info_.last_ipv6.reset();
    return EventType::kSessionIpv6Up;
  }
  std::optional<EventType> operator()(const PppIpv6Down&) const {
    return GoDown(&info_.ipv6, &info_.last_ipv6, EventType::kSessionIpv6Down);
  }
  std::optional<EventType> operator()(const PppPhaseChange& change) const {
    if (std::exchange(info_.ppp_phase, change.phase) == change.phase) return std::nullopt;
    return EventType::kSessionPppPhase;
  }
  std::optional<EventType> operator()(const PppCcpUp& up) const {
    info_.ccp = up.ccp;
    return EventType::kSessionCcpUp;
  }
  std::optional<EventType> operator()(const PppCcpDown&) const {
    if (!std::exchange(info_.ccp, std::nullopt).has_value()) return std::nullopt;
    return EventType::kSessionCcpDown;
  }
  std::optional<EventType> operator()(const PppEcho& echo) const {
    if (std::exchange(info_.unanswered_echoes, echo.unanswered) == echo.unanswered) {
      return std::nullopt;
    }
    return EventType::kSessionLcpEcho;
  }
  std::optional<EventType> operator()(const PppStatistics& statistics) const {
    info_.ppp_counters = statistics.counters;
    return std::nullopt;
  }
  std::optional<EventType> operator()(const PppExit& exit) const {
    if (exit.counters.has_value()) info_.ppp_counters = exit.counters;
    return std::nullopt;
  }

 private:
  SessionInfo& info_;
};

}  // namespace

std::optional<EventType> TakePppFacts(const PppEvent& event, SessionInfo* info) {
  return std::visit(Taker(info), event);
}

std::optional<EventType> ForgetPppFact(SessionInfo* info) {
  const Taker take(info);
  if (info->ipv4.has_value()) return take(PppIpDown());
  if (info->ipv6.has_value()) return take(PppIpv6Down());
  if (info->ccp.has_value()) return take(PppCcpDown());
  info->ppp_phase = events::PppPhase::kDead;
  return std::nullopt;
}

}  // namespace l2tp::control
