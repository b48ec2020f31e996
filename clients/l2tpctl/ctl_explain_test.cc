#include "clients/l2tpctl/explain.h"

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

v1::Session Established() {
  v1::Session session;
  session.set_name("tunnels/a/sessions/b");
  session.set_state(v1::Session::STATE_ESTABLISHED);
  return session;
}

std::string Text(const v1::Session& session) { return Explain(session, {}, {}); }

TEST(ExplainTest, SaysHowFarACallIs) {
  v1::Session session = Established();
  session.set_state(v1::Session::STATE_CONNECTING);
  session.set_protocol_state("wait-tunnel");
  EXPECT_THAT(Text(session), HasSubstr("the call is placed as soon as its tunnel is up"));
  EXPECT_THAT(Text(session), HasSubstr("\"l2tpctl explain a\""));
  session.set_protocol_state("wait-reply");
  EXPECT_THAT(Text(session), HasSubstr("it has not answered yet"));
}

TEST(ExplainTest, SaysHowFarPppIs) {
  v1::Session session = Established();
  EXPECT_THAT(Text(session), HasSubstr("its pppd has not been started yet"));
  session.set_pppd_pid(7);
  EXPECT_THAT(Text(session), HasSubstr("PPP has not begun"));
  session.set_ppp_phase(v1::Session::PPP_PHASE_ESTABLISH);
  EXPECT_THAT(Text(session), HasSubstr("LCP is being negotiated"));
  session.set_ppp_phase(v1::Session::PPP_PHASE_AUTHENTICATE);
  EXPECT_THAT(Text(session), HasSubstr("logins are under way"));
  session.set_ppp_phase(v1::Session::PPP_PHASE_NETWORK);
  EXPECT_THAT(Text(session), HasSubstr("addresses are being negotiated"));
  session.mutable_last_ipv4()->set_local_ip_address("192.0.2.1");
  EXPECT_THAT(Text(session), HasSubstr("has lost the addresses"));
  session.mutable_ipv4()->set_local_ip_address("192.0.2.1");
  EXPECT_THAT(Text(session), HasSubstr("it is up, PPP with IPv4\n"));
  EXPECT_THAT(Text(session), Not(HasSubstr("what to do")));
}

TEST(ExplainTest, PointsAtWhatIsOdd) {
  v1::Session session = Established();
  session.mutable_ipv4();
  session.set_unanswered_echo_count(3);
  session.mutable_counters()->set_tx_packet_count(5);
  session.mutable_counters()->set_rx_sequence_discard_count(2);
  session.mutable_auth()->set_user("alice");
  session.mutable_auth()->set_we_are_authenticator(true);
  session.mutable_auth()->set_failure(v1::AuthInfo::FAILURE_WRONG_PASSWORD);
  const std::string text = Text(session);
  EXPECT_THAT(text, HasSubstr("the last 3 LCP echo requests stayed unanswered"));
  EXPECT_THAT(text, HasSubstr("5 packets were sent and none received"));
  EXPECT_THAT(text, HasSubstr("2 packets were dropped for their sequence number"));
  EXPECT_THAT(text,
              HasSubstr("the peer logged in as alice, and was refused: the password is another"));
}

TEST(ExplainTest, SaysWhyItEndedAndWhenItComesBack) {
  v1::Session session = Established();
  session.set_state(v1::Session::STATE_WAITING);
  session.mutable_reconnect()->set_failure_count(3);
  session.mutable_reconnect()->mutable_next_attempt_time()->set_seconds(1'767'225'600);
  session.mutable_cause()->set_reason(v1::Cause::REASON_PPP_PEER_DEAD);
  session.mutable_cause()->set_closed_by(v1::Cause::CLOSED_BY_PPP);
  const std::string text = Text(session);
  EXPECT_THAT(text, HasSubstr("will be placed again at 2026-01-01T00:00:00.000Z"));
  EXPECT_THAT(text, HasSubstr("3 in a row"));
  EXPECT_THAT(text, ContainsRegex("closed by: +PPP\n"));
  EXPECT_THAT(text, ContainsRegex("why: +LCP echo requests stayed unanswered\n"));
  EXPECT_THAT(text, ContainsRegex("what to do: +the other end"));
}

TEST(ExplainTest, SaysThatTheDaemonEndedWithIt) {
  v1::Session session = Established();
  session.set_state(v1::Session::STATE_CLOSED);
  EXPECT_THAT(Text(session), HasSubstr("it is gone, with the run of the daemon that had it"));
  session.mutable_cause()->set_reason(v1::Cause::REASON_ADMINISTRATIVE);
  EXPECT_THAT(Text(session), HasSubstr("it is gone\n"));
}

TEST(ExplainTest, TellsTheStoryFirstAndFitsTheTerminal) {
  v1::Event event;
  event.set_type(v1::Event::TYPE_TUNNEL_CREATED);
  event.set_name("tunnels/a");
  v1::Tunnel tunnel;
  tunnel.set_name("tunnels/a");
  tunnel.set_state(v1::Tunnel::STATE_CONNECTING);
  tunnel.set_protocol_state("wait-ctl-reply");
  tunnel.set_retransmit_count(4);
  const std::string text = Explain(tunnel, {event, event}, {.width = 80});
  EXPECT_THAT(text, StartsWith(" TUNNEL_CREATED tunnels/a\n TUNNEL_CREATED tunnels/a\n\nname:"));
  EXPECT_THAT(text, HasSubstr("we have sent SCCRQ, and the peer has not answered yet"));
  EXPECT_THAT(text, HasSubstr("check that UDP port 1701 gets through"));
  for (absl::string_view line : absl::StrSplit(text, '\n')) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
}  // namespace l2tp::ctl
