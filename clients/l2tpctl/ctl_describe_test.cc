#include "clients/l2tpctl/describe.h"

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Session DeadSession() {
  v1::Session session;
  session.set_name("tunnels/a/sessions/b");
  session.set_state(v1::Session::STATE_CLOSED);
  session.mutable_lcp()->set_receive_accm(0xffffffff);
  session.mutable_lcp()->set_mru(1452);
  session.mutable_lcp()->set_peer_mru(1500);
  session.mutable_ipv4()->set_local_ip_address("198.51.100.2");
  session.mutable_ipv4()->set_remote_ip_address("198.51.100.1");
  session.set_interface_name("ppp0");
  v1::Cause* cause = session.mutable_cause();
  cause->set_closed_by(v1::Cause::CLOSED_BY_PPP);
  cause->set_reason(v1::Cause::REASON_PPP_PEER_DEAD);
  cause->set_result_code(3);
  cause->set_message("no \"reply\"");
  cause->set_pppd_exit_status(15);
  return session;
}

v1::Event SessionEvent(v1::Event::Type type) {
  v1::Event event;
  event.mutable_time()->set_seconds(1'767'225'600);
  event.mutable_time()->set_nanos(120'000'000);
  event.set_type(type);
  event.set_name("tunnels/a/sessions/b");
  *event.mutable_session() = DeadSession();
  event.mutable_session()->clear_cause();
  return event;
}

TEST(DescribeTest, DeadSessionSaysWhyAndWhatToDo) {
  const std::string page = Describe(DeadSession()).Render();
  EXPECT_NE(page.find("closed by:"), std::string::npos) << page;
  EXPECT_NE(page.find("LCP echo requests stayed unanswered"), std::string::npos);
  EXPECT_NE(page.find("what to do:"), std::string::npos);
  EXPECT_NE(page.find("pppd exit status:"), std::string::npos);
}

TEST(DescribeTest, LivingSessionSaysNothingOfAnEnd) {
  v1::Session session = DeadSession();
  session.clear_cause();
  EXPECT_EQ(Describe(session).Render().find("closed by"), std::string::npos);
}

TEST(DescribeTest, SessionShowsWhatPppdTells) {
  v1::Session session = DeadSession();
  session.set_ppp_phase(v1::Session::PPP_PHASE_NETWORK);
  for (const uint32_t option : {1, 3, 5}) session.mutable_lcp()->add_asked_options(option);
  session.mutable_lcp()->add_agreed_options(5);
  session.mutable_lcp()->set_magic(0xabc);
  session.mutable_lcp()->set_auth_of_peer("CHAP-MD5");
  session.mutable_ccp()->set_send_method("MPPE");
  session.mutable_ccp()->set_send_key_bits(128);
  session.set_unanswered_echo_count(2);
  session.mutable_ppp_counters()->mutable_connect_time()->set_seconds(61);
  session.mutable_last_ipv6()->set_local_ip_address("fe80::1");
  const std::string page = Describe(session).Render();
  for (const char* words :
       {"network", "asked mru auth magic, got magic; peer none", "0x00000abc, peer 0x00000000",
        "CHAP-MD5", "send MPPE/128, receive none", "unanswered echoes:", "61s", "fe80::1"}) {
    EXPECT_NE(page.find(words), std::string::npos) << words << "\n" << page;
  }
}

TEST(DescribeTest, EveryReasonHasWords) {
  for (int i = 1; i <= v1::Cause::Reason_MAX; ++i) {
    v1::Cause cause;
    cause.set_reason(static_cast<v1::Cause::Reason>(i));
    EXPECT_EQ(CauseInShort(cause).find("no reason"), std::string::npos) << i;
  }
}

TEST(DescribeTest, SystemSaysWhatPeersWantedAndDidNotGet) {
  v1::System system;
  system.set_refused_tunnel_count(11);
  system.set_refused_session_count(12);
  system.set_half_open_tunnel_count(13);
  system.set_dropped_sccrq_count(14);
  system.set_displaced_tunnel_count(15);
  system.set_lost_tie_count(16);
  system.set_malformed_datagram_count(17);
  system.set_unknown_tunnel_count(18);
  system.set_foreign_source_count(19);
  const std::string page = Describe(system).Render();
  for (const char* part : {"tunnels 11, calls 12", "tunnels 13, displaced 15, SCCRQs dropped 14",
                           "lost 16", "malformed 17, unknown tunnel 18, foreign source 19"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part << " in\n" << page;
  }
}

// "ppp.mtu" for everything that can be set and shown, "ppp.radius.server" below.
void AddPaths(const google::protobuf::Descriptor& type, const std::string& above,
              std::vector<std::string>* paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto* field = type.field(i);
    if (field->name() == "password" || field->name() == "secret") continue;
    const std::string path = above + field->name();
    const auto* inner = field->message_type();
    if (inner != nullptr && inner != google::protobuf::Duration::descriptor()) {
      AddPaths(*inner, path + ".", paths);
    } else {
      paths->push_back(path);
    }
  }
}

TEST(DescribeTest, ProfilePageHasEverySetting) {
  v1::Profile profile;
  auto* effective = profile.mutable_effective();
  effective->mutable_tunnel()->set_device("vrf-blue");
  auto* ppp = effective->mutable_ppp();
  ppp->mutable_radius()->set_server("192.0.2.9");
  ppp->set_authenticator("unix:/run/auth.sock");
  ppp->set_user("alice");
  ppp->set_local_ip_address("198.51.100.1");
  ppp->set_pool("pools/a");
  ppp->add_dns_ip_addresses("198.51.100.53");
  ppp->set_network_namespace("customers");
  ppp->set_vrf("vrf-red");
  ppp->add_pppd_options("idle 600");
  const std::string page = Describe(profile).Render();
  std::vector<std::string> paths;
  AddPaths(*v1::EffectiveSettings::descriptor(), "", &paths);
  for (const std::string& path : paths) EXPECT_THAT("\n" + page, HasSubstr("\n" + path + ":"));
}

TEST(DescribeTest, ProfilePageTellsWhatIsSetFromWhatHolds) {
  v1::Profile profile;
  profile.set_parent("profiles/top");
  auto* effective = profile.mutable_effective();
  effective->mutable_session()->set_max_reconnect_failures(5);
  auto* ppp = effective->mutable_ppp();
  ppp->mutable_radius()->set_server("192.0.2.9:1812");
  ppp->mutable_radius()->set_retries(4);
  std::string page = Describe(profile).Render();
  EXPECT_THAT(page, ContainsRegex("ppp.radius.server: +192.0.2.9:1812  \\(inherited\\)\n"));
  EXPECT_THAT(page, ContainsRegex("ppp.radius.retries: +4  \\(inherited\\)\n"));
  EXPECT_THAT(page, ContainsRegex("ppp.radius.accounting_server: +the same address  "));
  EXPECT_THAT(page, ContainsRegex("max_reconnect_failures: +5  \\(inherited\\)\n"));
  EXPECT_THAT(page, Not(HasSubstr("ppp.authenticator:")));

  *profile.mutable_ppp()->mutable_radius() = ppp->radius();
  profile.mutable_session()->set_max_reconnect_failures(5);
  page = Describe(profile).Render();
  EXPECT_THAT(page, ContainsRegex("ppp.radius.server: +192.0.2.9:1812\n"));
  EXPECT_THAT(page, ContainsRegex("ppp.radius.retries: +4\n"));
  EXPECT_THAT(page, ContainsRegex("max_reconnect_failures: +5\n"));

  // Turned off, above a parent that has them.
  ppp->mutable_radius()->Clear();
  profile.mutable_ppp()->mutable_radius()->Clear();
  profile.mutable_ppp()->set_authenticator("");
  page = Describe(profile).Render();
  EXPECT_THAT(page, ContainsRegex("ppp.radius.server: +none\n"));
  EXPECT_THAT(page, Not(HasSubstr("ppp.radius.retries")));
  EXPECT_THAT(page, ContainsRegex("ppp.authenticator: +none\n"));
}

TEST(EventLineTest, LcpUpShowsTheAccm) {
  EXPECT_EQ(EventLine(SessionEvent(v1::Event::TYPE_SESSION_LCP_UP)),
            "2026-01-01T00:00:00.120Z SESSION_LCP_UP tunnels/a/sessions/b "
            "accm=0x00000000/0xffffffff mru=1452/1500");
}

TEST(DescribeTest, EventsOfWhatIsConfiguredSayWhatItIs) {
  v1::Event event;
  event.set_type(v1::Event::TYPE_USER_UPDATED);
  event.set_name("users/alice");
  event.mutable_user()->set_name("users/alice");
  event.mutable_user()->set_login("alice@example.net");
  event.mutable_user()->set_profile("profiles/isp");
  EXPECT_EQ(EventLine(event),
            " USER_UPDATED users/alice login=alice@example.net enabled=false profile=profiles/isp");
  event.Clear();
  event.set_type(v1::Event::TYPE_POOL_CREATED);
  event.set_name("pools/a");
  event.mutable_pool()->add_ip_ranges("192.0.2.1-192.0.2.9");
  event.mutable_pool()->add_ip_ranges("192.0.2.20");
  EXPECT_EQ(EventLine(event), " POOL_CREATED pools/a ip_ranges=192.0.2.1-192.0.2.9,192.0.2.20");
  v1::InitialState initial;
  initial.mutable_peer()->set_name("peers/a");
  initial.mutable_peer()->set_ip_prefix("192.0.2.0/24");
  initial.mutable_peer()->set_draining(true);
  EXPECT_EQ(InitialStateLine(initial), "- STATE peers/a ip_prefix=192.0.2.0/24 draining=true");
  initial.Clear();
  initial.mutable_profile()->set_name("profiles/a");
  initial.mutable_profile()->set_parent("profiles/isp");
  EXPECT_EQ(InitialStateLine(initial), "- STATE profiles/a parent=profiles/isp");
}

TEST(EventLineTest, LcpUpShowsHowEitherEndHasToLogIn) {
  v1::Event event = SessionEvent(v1::Event::TYPE_SESSION_LCP_UP);
  event.mutable_session()->mutable_lcp()->set_auth_of_peer("MS-CHAPv2");
  event.mutable_session()->mutable_lcp()->set_auth_of_us("PAP");
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_LCP_UP tunnels/a/sessions/b "
            "accm=0x00000000/0xffffffff mru=1452/1500 auth_of_peer=MS-CHAPv2 auth_of_us=PAP");
}

TEST(EventLineTest, PhaseEchoAndCompressionShowTheirFact) {
  v1::Event event = SessionEvent(v1::Event::TYPE_SESSION_PPP_PHASE);
  event.mutable_session()->set_ppp_phase(v1::Session::PPP_PHASE_AUTHENTICATE);
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_PPP_PHASE tunnels/a/sessions/b phase=authenticate");
  event = SessionEvent(v1::Event::TYPE_SESSION_LCP_ECHO);
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_LCP_ECHO tunnels/a/sessions/b unanswered=0");
  event = SessionEvent(v1::Event::TYPE_SESSION_CCP_UP);
  v1::CcpInfo* ccp = event.mutable_session()->mutable_ccp();
  ccp->set_send_method("MPPE");
  ccp->set_send_key_bits(128);
  ccp->set_send_stateful(true);
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_CCP_UP tunnels/a/sessions/b "
            "send=\"MPPE/128 stateful\" receive=none");
}

TEST(EventLineTest, IpDownShowsWhatWentDown) {
  v1::Event event = SessionEvent(v1::Event::TYPE_SESSION_IP_DOWN);
  *event.mutable_session()->mutable_last_ipv4() = event.session().ipv4();
  event.mutable_session()->clear_ipv4();
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_IP_DOWN tunnels/a/sessions/b "
            "interface=ppp0 local=198.51.100.2 remote=198.51.100.1");
}

TEST(EventLineTest, IpUpShowsInterfaceAndAddresses) {
  EXPECT_EQ(EventLine(SessionEvent(v1::Event::TYPE_SESSION_IP_UP)),
            "2026-01-01T00:00:00.120Z SESSION_IP_UP tunnels/a/sessions/b "
            "interface=ppp0 local=198.51.100.2 remote=198.51.100.1");
}

TEST(EventLineTest, DownShowsTheCauseWithQuotesEscaped) {
  v1::Event event = SessionEvent(v1::Event::TYPE_SESSION_DOWN);
  *event.mutable_session() = DeadSession();
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_DOWN tunnels/a/sessions/b cause=ppp_peer_dead "
            "closed_by=ppp result_code=3 pppd_exit_status=15 message=\"no \\\"reply\\\"\"");
}

TEST(EventLineTest, ControlCharactersAreEscaped) {
  v1::Event event = SessionEvent(v1::Event::TYPE_SESSION_AUTHENTICATED);
  event.mutable_session()->mutable_auth()->set_user("a\x1b[2J");
  EXPECT_EQ(EventLine(event),
            "2026-01-01T00:00:00.120Z SESSION_AUTHENTICATED tunnels/a/sessions/b "
            "result=refused who=us user=\"a\\x1b[2J\"");
}

TEST(EventLineTest, OnATerminalFactsGoOnInTheNextLineAndNothingIsCut) {
  v1::Event event = SessionEvent(v1::Event::TYPE_SESSION_DOWN);
  *event.mutable_session() = DeadSession();
  const std::string text = EventLine(event, {.width = 80});
  EXPECT_EQ(absl::StrReplaceAll(text, {{"\n   ", ""}}), EventLine(event));
  for (absl::string_view line : absl::StrSplit(text, '\n')) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_THAT(EventLine(event, {.colors = true}),
              HasSubstr("\x1b[31mSESSION_DOWN\x1b[0m \x1b[1mtunnels/a/sessions/b\x1b[0m "));
}

TEST(FormatTest, WritesEndpointsAsPeopleExpect) {
  EXPECT_EQ(FormatEndpoint("192.0.2.1", 1701), "192.0.2.1:1701");
  EXPECT_EQ(FormatEndpoint("2001:db8::1", 1701), "[2001:db8::1]:1701");
  EXPECT_EQ(FormatEndpoint("192.0.2.1", 0), "192.0.2.1");
  EXPECT_EQ(FormatEndpoint("", 1701), "*:1701");
  EXPECT_EQ(FormatEndpoint("", 0), "");
}

}  // namespace
}  // namespace l2tp::ctl
