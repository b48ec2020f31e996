#include "server/metrics/event_metrics.h"

#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace l2tp::metrics {
namespace {

using events::EventType;

// Seconds: from a LAN to a peer that has to be asked again.
const prometheus::Histogram::BucketBoundaries& SetupBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  return buckets;
}

std::string Lower(absl::string_view name) { return absl::AsciiStrToLower(name); }

const char* OriginName(events::Origin origin) {
  return origin == events::Origin::kPeer ? "peer" : "local";
}

const char* RoleName(events::Role role) { return role == events::Role::kLns ? "lns" : "lac"; }

// A peer can send any code: what RFC 2661 does not know is one value.
std::string ResultName(uint16_t code, uint16_t most) {
  return code <= most ? absl::StrCat(code) : "other";
}

prometheus::Histogram& PhaseOf(prometheus::Family<prometheus::Histogram>& family,
                               const char* phase) {
  return family.Add({{"phase", phase}}, SetupBuckets());
}

prometheus::Family<prometheus::Histogram>& SessionSetup(prometheus::Registry* registry) {
  return prometheus::BuildHistogram()
      .Name("l2tp_session_setup_seconds")
      .Help("Time that sessions took for each phase of coming up, and for all of it")
      .Register(*registry);
}

}  // namespace

EventMetrics::EventMetrics(prometheus::Registry* registry)
    : tunnels_(prometheus::BuildGauge()
                   .Name("l2tp_tunnels")
                   .Help("Tunnels by state and by who opened them")
                   .Register(*registry)),
      sessions_(prometheus::BuildGauge()
                    .Name("l2tp_sessions")
                    .Help("Sessions by state and by our role")
                    .Register(*registry)),
      tunnel_ends_(prometheus::BuildCounter()
                       .Name("l2tp_tunnel_ends_total")
                       .Help("Tunnels that ended, by who ended them and why")
                       .Register(*registry)),
      session_ends_(prometheus::BuildCounter()
                        .Name("l2tp_session_ends_total")
                        .Help("Sessions that ended, by who ended them and why")
                        .Register(*registry)),
      logins_(prometheus::BuildCounter()
                  .Name("l2tp_logins_total")
                  .Help("PPP logins, by whose they were and how they went")
                  .Register(*registry)),
      octets_(prometheus::BuildCounter()
                  .Name("l2tp_ended_session_octets_total")
                  .Help("Octets that sessions had carried when they ended")
                  .Register(*registry)),
      tunnel_setup_(prometheus::BuildHistogram()
                        .Name("l2tp_tunnel_setup_seconds")
                        .Help("Time from a tunnel's beginning until it was established")
                        .Register(*registry)
                        .Add({}, SetupBuckets())),
      session_l2tp_(PhaseOf(SessionSetup(registry), "l2tp")),
      session_lcp_(PhaseOf(SessionSetup(registry), "lcp")),
      session_login_(PhaseOf(SessionSetup(registry), "login")),
      session_address_(PhaseOf(SessionSetup(registry), "address")),
      session_whole_(PhaseOf(SessionSetup(registry), "all")) {}

void EventMetrics::Observe(prometheus::Histogram* histogram, WallTime from, WallTime until) {
  if (from == WallTime() || until < from) return;  // the clock was set
  histogram->Observe(static_cast<double>(until.nanoseconds - from.nanoseconds) / 1e9);
}

void EventMetrics::Reset() {
  for (const auto& [name, seen] : seen_) seen.gauge->Decrement();
  seen_.clear();
}

void EventMetrics::Take(const events::Item& item) {
  if (const auto* initial = std::get_if<events::InitialState>(&item)) {
    Count(initial->resource, &seen_[events::NameOf(initial->resource)]);
  } else if (const auto* event = std::get_if<events::EventPtr>(&item)) {
    TakeEvent(**event);
  }
}

prometheus::Gauge* EventMetrics::GaugeOf(const events::Resource& resource) {
  if (const auto* tunnel = std::get_if<events::TunnelInfo>(&resource)) {
    return &tunnels_.Add({{"state", Lower(events::StateName(tunnel->state))},
                          {"opened_by", OriginName(tunnel->origin)}});
  }
  const auto& session = std::get<events::SessionInfo>(resource);
  return &sessions_.Add(
      {{"state", Lower(events::StateName(session.state))}, {"role", RoleName(session.role)}});
}

void EventMetrics::Count(const events::Resource& resource, Seen* seen) {
  prometheus::Gauge* gauge = GaugeOf(resource);
  if (seen->gauge == gauge) return;
  if (seen->gauge != nullptr) seen->gauge->Decrement();
  gauge->Increment();
  seen->gauge = gauge;
}

void EventMetrics::TakeEvent(const events::Event& event) {
  const bool gone =
      event.type == EventType::kTunnelDeleted || event.type == EventType::kSessionDeleted;
  if (gone) {
    const auto found = seen_.find(event.name());
    if (found == seen_.end()) return;
    found->second.gauge->Decrement();
    seen_.erase(found);
    return;
  }
  Seen& seen = seen_[event.name()];
  Count(event.resource, &seen);
  if (const auto* session = std::get_if<events::SessionInfo>(&event.resource)) {
    return TakeStep(event, *session, &seen);
  }
  const auto& tunnel = std::get<events::TunnelInfo>(event.resource);
  if (event.type == EventType::kTunnelCreated) seen.created = event.time;
  // A peer's tunnel is told of when it is up; its beginning is not known.
  if (event.type == EventType::kTunnelUp && tunnel.origin == events::Origin::kLocal) {
    Observe(&tunnel_setup_, seen.created, event.time);
  }
  if (event.type == EventType::kTunnelDown) CountEnd(tunnel);
}

void EventMetrics::TakeStep(const events::Event& event, const events::SessionInfo& session,
                            Seen* seen) {
  switch (event.type) {
    case EventType::kSessionCreated:
    case EventType::kSessionReconnecting: seen->created = seen->last_step = event.time; return;
    case EventType::kSessionUp: Observe(&session_l2tp_, seen->last_step, event.time); break;
    case EventType::kSessionLcpUp: Observe(&session_lcp_, seen->last_step, event.time); break;
    case EventType::kSessionAuthenticated: {
      const bool good = session.auth.has_value() && session.auth->succeeded;
      const bool ours = session.auth.has_value() && !session.auth->we_are_authenticator;
      logins_.Add({{"whose", ours ? "ours" : "peer"}, {"result", good ? "accepted" : "refused"}})
          .Increment();
      if (good) Observe(&session_login_, seen->last_step, event.time);
      break;
    }
    case EventType::kSessionIpUp:
      Observe(&session_address_, seen->last_step, event.time);
      Observe(&session_whole_, seen->created, event.time);
      seen->created = WallTime();  // once
      break;
    case EventType::kSessionDown: CountEnd(session); return;
    default: return;
  }
  seen->last_step = event.time;
}

void EventMetrics::CountEnd(const events::SessionInfo& session) {
  constexpr uint16_t kMostCdnResult = 11;
  session_ends_
      .Add({{"reason", Lower(events::CloseReasonName(session.cause.reason))},
            {"closed_by", Lower(events::ClosedByName(session.cause.closed_by))},
            {"result_code", ResultName(session.cause.result_code, kMostCdnResult)}})
      .Increment();
  octets_.Add({{"direction", "sent"}}).Increment(static_cast<double>(session.counters.tx_bytes));
  octets_.Add({{"direction", "received"}})
      .Increment(static_cast<double>(session.counters.rx_bytes));
}

void EventMetrics::CountEnd(const events::TunnelInfo& tunnel) {
  constexpr uint16_t kMostStopCcnResult = 7;
  tunnel_ends_
      .Add({{"reason", Lower(events::CloseReasonName(tunnel.cause.reason))},
            {"closed_by", Lower(events::ClosedByName(tunnel.cause.closed_by))},
            {"result_code", ResultName(tunnel.cause.result_code, kMostStopCcnResult)}})
      .Increment();
}

}  // namespace l2tp::metrics
