#include "server/metrics/event_metrics.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace l2tp::metrics {
namespace {

using events::EventType;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kMillisecond = 1'000'000;

class EventMetricsTest : public ::testing::Test {
 protected:
  void Tell(EventType type, int64_t milliseconds, events::Resource resource) {
    const WallTime time{1'700'000'000'000'000'000 + milliseconds * kMillisecond};
    metrics_.Take(std::make_shared<const events::Event>(
        events::Event{++revision_, time, type, std::move(resource)}));
  }
  void TellSession(EventType type, int64_t milliseconds, events::State state) {
    session_.state = state;
    Tell(type, milliseconds, session_);
  }
  std::string Page() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }
  static events::SessionInfo MakeSession() {
    events::SessionInfo session;
    session.name = "tunnels/a/sessions/b";
    session.role = events::Role::kLns;
    return session;
  }

  prometheus::Registry registry_;
  EventMetrics metrics_{&registry_};
  events::SessionInfo session_ = MakeSession();
  int64_t revision_ = 0;
};

TEST_F(EventMetricsTest, SessionsAreCountedByStateAndRole) {
  TellSession(EventType::kSessionCreated, 0, events::State::kConnecting);
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"connecting\"} 1"));
  TellSession(EventType::kSessionUp, 10, events::State::kEstablished);
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"connecting\"} 0"));
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"established\"} 1"));
  TellSession(EventType::kSessionDown, 20, events::State::kClosed);
  TellSession(EventType::kSessionDeleted, 20, events::State::kClosed);
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"established\"} 0"));
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"closed\"} 0"));
}

TEST_F(EventMetricsTest, EachPhaseHasItsTime) {
  TellSession(EventType::kSessionCreated, 0, events::State::kConnecting);
  TellSession(EventType::kSessionUp, 20, events::State::kEstablished);
  TellSession(EventType::kSessionPppPhase, 25, events::State::kEstablished);
  TellSession(EventType::kSessionLcpUp, 60, events::State::kEstablished);
  session_.auth = events::AuthInfo();
  session_.auth->succeeded = true;
  session_.auth->we_are_authenticator = true;
  TellSession(EventType::kSessionAuthenticated, 70, events::State::kEstablished);
  TellSession(EventType::kSessionIpUp, 150, events::State::kEstablished);
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("l2tp_session_setup_seconds_sum{phase=\"l2tp\"} 0.02"));
  EXPECT_THAT(page, HasSubstr("l2tp_session_setup_seconds_sum{phase=\"lcp\"} 0.04"));
  EXPECT_THAT(page, HasSubstr("l2tp_session_setup_seconds_sum{phase=\"login\"} 0.01"));
  EXPECT_THAT(page, HasSubstr("l2tp_session_setup_seconds_sum{phase=\"address\"} 0.08"));
  EXPECT_THAT(page, HasSubstr("l2tp_session_setup_seconds_sum{phase=\"all\"} 0.15"));
  EXPECT_THAT(page, HasSubstr("l2tp_logins_total{result=\"accepted\",whose=\"peer\"} 1"));
  // IPCP that comes up once more is no set-up.
  TellSession(EventType::kSessionIpUp, 9000, events::State::kEstablished);
  EXPECT_THAT(Page(), HasSubstr("l2tp_session_setup_seconds_count{phase=\"all\"} 1"));
}

TEST_F(EventMetricsTest, EndsAreCountedByWhoAndWhyAndNoPeerCanMakeUpValues) {
  session_.cause.closed_by = events::ClosedBy::kPeer;
  session_.cause.reason = events::CloseReason::kPeerRequest;
  session_.cause.result_code = 3;
  session_.counters.tx_bytes = 7;
  TellSession(EventType::kSessionDown, 0, events::State::kClosed);
  session_.cause.result_code = 4711;
  TellSession(EventType::kSessionDown, 0, events::State::kClosed);
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("l2tp_session_ends_total{closed_by=\"peer\",reason=\"peer_request\","
                              "result_code=\"3\"} 1"));
  EXPECT_THAT(page, HasSubstr("result_code=\"other\"} 1"));
  EXPECT_THAT(page, Not(HasSubstr("4711")));
  EXPECT_THAT(page, HasSubstr("l2tp_ended_session_octets_total{direction=\"sent\"} 14"));
}

TEST_F(EventMetricsTest, TunnelsOfOursHaveATimeAndThoseOfPeersHaveNone) {
  events::TunnelInfo tunnel;
  tunnel.name = "tunnels/a";
  tunnel.origin = events::Origin::kLocal;
  Tell(EventType::kTunnelCreated, 0, tunnel);
  tunnel.state = events::State::kEstablished;
  Tell(EventType::kTunnelUp, 40, tunnel);
  EXPECT_THAT(Page(), HasSubstr("l2tp_tunnel_setup_seconds_sum 0.04"));
  EXPECT_THAT(Page(), HasSubstr("l2tp_tunnels{opened_by=\"local\",state=\"established\"} 1"));
  tunnel.name = "tunnels/b";
  tunnel.origin = events::Origin::kPeer;
  Tell(EventType::kTunnelCreated, 0, tunnel);
  Tell(EventType::kTunnelUp, 40, tunnel);
  EXPECT_THAT(Page(), HasSubstr("l2tp_tunnel_setup_seconds_count 1"));
}

TEST_F(EventMetricsTest, AfterAResetTheInitialStateCounts) {
  TellSession(EventType::kSessionCreated, 0, events::State::kConnecting);
  metrics_.Reset();
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"connecting\"} 0"));
  session_.state = events::State::kEstablished;
  metrics_.Take(events::InitialState{session_});
  metrics_.Take(events::Synced{1});
  EXPECT_THAT(Page(), HasSubstr("l2tp_sessions{role=\"lns\",state=\"established\"} 1"));
}

}  // namespace
}  // namespace l2tp::metrics
