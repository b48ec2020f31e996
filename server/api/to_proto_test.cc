#include "server/api/to_proto.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/api/from_proto.h"
#include "server/control/profile_fields.h"

namespace l2tp::api {
namespace {

events::SessionInfo FullSession() {
  events::SessionInfo session;
  session.name = "tunnels/a/sessions/b";
  session.state = events::State::kEstablished;
  session.role = events::Role::kLns;
  session.interface_name = "ppp0";
  session.lcp = events::LcpInfo{.send_accm = 0, .receive_accm = 0xffffffff, .mru = 1452};
  session.auth = events::AuthInfo{.succeeded = true, .user = "al\xffice", .method = "PAP"};
  session.auth->failure = events::LoginFailure::kSessionLimit;
  session.ipv4 = events::Ipv4Info{.local = *IpAddress::Parse("198.51.100.1"),
                                  .remote = *IpAddress::Parse("198.51.100.2"),
                                  .dns = {*IpAddress::Parse("198.51.100.53")}};
  session.counters.rx_bytes = 77;
  session.create_time = WallTime{1'500'000'000};
  session.cause = {.closed_by = events::ClosedBy::kPpp,
                   .reason = events::CloseReason::kPppPeerDead,
                   .message = "no echo",
                   .pppd_exit_status = 15};
  return session;
}

TEST(ToProtoTest, SessionShowsWhatIsKnown) {
  v1::Session message;
  ToProto(FullSession(), &message);
  EXPECT_EQ(message.name(), "tunnels/a/sessions/b");
  EXPECT_EQ(message.state(), v1::Session::STATE_ESTABLISHED);
  EXPECT_EQ(message.role(), v1::Session::ROLE_LNS);
  EXPECT_EQ(message.lcp().receive_accm(), 0xffffffff);
  EXPECT_EQ(message.ipv4().remote_ip_address(), "198.51.100.2");
  EXPECT_EQ(message.ipv4().dns_ip_addresses(0), "198.51.100.53");
  EXPECT_EQ(message.counters().rx_byte_count(), 77);
  EXPECT_EQ(message.create_time().seconds(), 1);
  EXPECT_EQ(message.create_time().nanos(), 500'000'000);
  EXPECT_EQ(message.cause().reason(), v1::Cause::REASON_PPP_PEER_DEAD);
  EXPECT_EQ(message.cause().pppd_exit_status(), 15);
}

TEST(ToProtoTest, SessionShowsWhatPppdTells) {
  events::SessionInfo session;
  session.ppp_phase = events::PppPhase::kNetwork;
  session.lcp = events::LcpInfo{.magic = 7,
                                .peer_magic = 8,
                                .asked_options = {1, 5},
                                .agreed_options = {5},
                                .peer_options = {2},
                                .auth_of_peer = "CHAP-MD5",
                                .auth_of_us = "PAP"};
  session.ccp = events::CcpInfo{.send = {"MPPE", 128, true}, .receive = {"Deflate", 0, false}};
  session.unanswered_echoes = 3;
  session.ppp_counters = events::PppCounters{60, 1, 2, 3, 4};
  session.last_ipv4 = events::Ipv4Info{.local = *IpAddress::Parse("198.51.100.1"),
                                       .dns = {*IpAddress::Parse("198.51.100.53")}};
  session.last_ipv6 = events::Ipv6Info{.remote = *IpAddress::Parse("fe80::2")};
  v1::Session message;
  ToProto(session, &message);
  EXPECT_EQ(message.ppp_phase(), v1::Session::PPP_PHASE_NETWORK);
  EXPECT_EQ(message.lcp().magic(), 7u);
  EXPECT_EQ(message.lcp().peer_magic(), 8u);
  ASSERT_EQ(message.lcp().asked_options_size(), 2);
  EXPECT_EQ(message.lcp().asked_options(1), 5u);
  EXPECT_EQ(message.lcp().agreed_options(0), 5u);
  EXPECT_EQ(message.lcp().peer_options(0), 2u);
  EXPECT_EQ(message.lcp().auth_of_peer(), "CHAP-MD5");
  EXPECT_EQ(message.lcp().auth_of_us(), "PAP");
  EXPECT_EQ(message.ccp().send_method(), "MPPE");
  EXPECT_EQ(message.ccp().send_key_bits(), 128);
  EXPECT_TRUE(message.ccp().send_stateful());
  EXPECT_EQ(message.ccp().receive_method(), "Deflate");
  EXPECT_EQ(message.ccp().receive_key_bits(), 0);
  EXPECT_FALSE(message.ccp().receive_stateful());
  EXPECT_EQ(message.unanswered_echo_count(), 3);
  EXPECT_EQ(message.ppp_counters().connect_time().seconds(), 60);
  EXPECT_EQ(message.ppp_counters().tx_packet_count(), 1);
  EXPECT_EQ(message.ppp_counters().tx_byte_count(), 2);
  EXPECT_EQ(message.ppp_counters().rx_packet_count(), 3);
  EXPECT_EQ(message.ppp_counters().rx_byte_count(), 4);
  EXPECT_EQ(message.last_ipv4().local_ip_address(), "198.51.100.1");
  EXPECT_EQ(message.last_ipv4().dns_ip_addresses(0), "198.51.100.53");
  EXPECT_EQ(message.last_ipv6().remote_ip_address(), "fe80::2");
}

TEST(ToProtoTest, WhatIsNotKnownIsNotSet) {
  v1::Session message;
  ToProto(events::SessionInfo(), &message);
  EXPECT_FALSE(message.has_lcp());
  EXPECT_FALSE(message.has_auth());
  EXPECT_FALSE(message.has_ipv4());
  EXPECT_FALSE(message.has_ipv6());
  EXPECT_FALSE(message.has_link_info());
  EXPECT_FALSE(message.has_ccp());
  EXPECT_FALSE(message.has_ppp_counters());
  EXPECT_FALSE(message.has_last_ipv4());
  EXPECT_FALSE(message.has_last_ipv6());
  EXPECT_FALSE(message.has_create_time());
  EXPECT_FALSE(message.has_establish_time());
  EXPECT_FALSE(message.has_cause());
}

TEST(ToProtoTest, CauseWithoutPppdHasNoExitStatus) {
  events::TunnelInfo tunnel;
  tunnel.cause = {.closed_by = events::ClosedBy::kPeer,
                  .reason = events::CloseReason::kPeerRequest,
                  .result_code = 6};
  v1::Tunnel message;
  ToProto(tunnel, &message);
  EXPECT_EQ(message.cause().result_code(), 6u);
  EXPECT_FALSE(message.cause().has_pppd_exit_status());
}

TEST(ToProtoTest, OctetsOfPeersBecomeUtf8) {
  v1::Session message;
  ToProto(FullSession(), &message);
  EXPECT_EQ(message.auth().user(), "al\xef\xbf\xbdice");
  EXPECT_EQ(message.auth().failure(), v1::AuthInfo::FAILURE_SESSION_LIMIT);
  v1::Session again;
  EXPECT_TRUE(again.ParseFromString(message.SerializeAsString()));
}

TEST(ToProtoTest, EventCarriesItsResourceUnderItsName) {
  events::Event event{7, WallTime{1}, events::EventType::kSessionDown, FullSession()};
  v1::WatchResponse message;
  ToProto(events::Item(std::make_shared<const events::Event>(event)), &message);
  EXPECT_EQ(message.event().revision(), 7);
  EXPECT_EQ(message.event().type(), v1::Event::TYPE_SESSION_DOWN);
  EXPECT_EQ(message.event().name(), "tunnels/a/sessions/b");
  EXPECT_EQ(message.event().session().interface_name(), "ppp0");
}

TEST(ToProtoTest, MarkersOfAStreamKeepTheirRevision) {
  v1::WatchResponse message;
  ToProto(events::Item(events::Synced{3}), &message);
  EXPECT_EQ(message.synced().revision(), 3);
  message.Clear();
  ToProto(events::Item(events::Bookmark{4}), &message);
  EXPECT_EQ(message.bookmark().revision(), 4);
  message.Clear();
  ToProto(events::Item(events::InitialState{events::TunnelInfo{.name = "tunnels/a"}}), &message);
  EXPECT_EQ(message.initial_state().tunnel().name(), "tunnels/a");
}

v1::Profile ProfileWithEverything() {
  v1::Profile profile;
  profile.set_name("profiles/p");
  profile.set_display_name("P");
  auto* tunnel = profile.mutable_tunnel();
  tunnel->mutable_hello_interval()->set_seconds(30);
  tunnel->mutable_retransmit_timeout()->set_nanos(500'000'000);
  tunnel->mutable_retransmit_cap()->set_seconds(8);
  tunnel->set_max_retransmits(3);
  tunnel->set_receive_window(10);
  tunnel->mutable_setup_timeout()->set_seconds(5);
  tunnel->set_hide_avps(true);
  tunnel->set_udp_checksums(false);
  tunnel->set_dscp(46);
  tunnel->set_path_mtu_discovery(v1::TunnelSettings::PATH_MTU_DISCOVERY_PROBE);
  tunnel->set_device("vrf-blue");
  auto* session = profile.mutable_session();
  session->set_send_sequence(true);
  session->set_receive_sequence(true);
  session->mutable_reorder_timeout()->set_nanos(50'000'000);
  session->set_tx_connect_speed_bps(4294967295);
  session->set_rx_connect_speed_bps(1);
  session->mutable_setup_timeout()->set_seconds(6);
  session->mutable_ppp_timeout()->set_seconds(7);
  session->mutable_reconnect_min_delay()->set_seconds(2);
  session->mutable_reconnect_max_delay()->set_seconds(20);
  session->set_max_reconnect_failures(4);
  auto* ppp = profile.mutable_ppp();
  ppp->add_require_auth(v1::PppSettings::AUTH_METHOD_MSCHAPV2);
  ppp->mutable_authenticator_timeout()->set_seconds(3);
  auto* radius = ppp->mutable_radius();
  radius->set_server("192.0.2.9:1645");
  radius->set_accounting_server("192.0.2.10");
  radius->mutable_timeout()->set_seconds(4);
  radius->set_retries(1);
  radius->set_nas_identifier("lns1");
  ppp->set_user("alice");
  ppp->set_local_ip_address("198.51.100.1");
  ppp->set_pool("pools/x");
  ppp->add_dns_ip_addresses("198.51.100.53");
  ppp->set_ask_dns(true);
  ppp->set_network_namespace("customers");
  ppp->set_vrf("vrf-red");
  ppp->set_ipv6(true);
  ppp->set_default_route(true);
  ppp->set_mppe_required(true);
  ppp->set_mtu(1400);
  ppp->set_mru(1401);
  ppp->mutable_lcp_echo_interval()->set_seconds(9);
  ppp->set_lcp_echo_failures(2);
  ppp->set_asyncmap(0xa0000);
  ppp->set_debug(true);
  return profile;
}

TEST(ToProtoTest, ProfileComesBackAsItWasGivenButForSecrets) {
  const v1::Profile expected = ProfileWithEverything();
  v1::CreateProfileRequest request;
  request.set_profile_id("p");
  *request.mutable_profile() = expected;
  request.mutable_profile()->mutable_ppp()->set_password("hush");
  request.mutable_profile()->mutable_ppp()->mutable_radius()->set_secret("hush");
  const auto profile = FromProto(request);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->ppp.password, "hush");
  EXPECT_EQ(profile->ppp.radius.secret, "hush");

  v1::Profile shown;
  ToProto(*profile, &shown);
  EXPECT_EQ(shown.effective().ppp().user(), "alice");
  EXPECT_EQ(shown.effective().ppp().password(), "");
  shown.clear_effective();
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(expected, shown)) << differences;
}

TEST(ToProtoTest, ProfileShowsWhatItSetsApartFromWhatHolds) {
  v1::CreateProfileRequest request;
  request.set_profile_id("p");
  request.mutable_profile()->set_parent("profiles/top");
  request.mutable_profile()->mutable_ppp()->set_mtu(1400);
  request.mutable_profile()->mutable_ppp()->set_ask_dns(false);
  request.mutable_profile()->mutable_ppp()->add_pppd_options("idle 600");
  auto profile = FromProto(request);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_THAT(profile->set, ::testing::ElementsAre("ppp.ask_dns", "ppp.mtu", "ppp.pppd_options"));
  v1::Profile shown;
  ToProto(*profile, &shown);
  EXPECT_EQ(shown.parent(), "profiles/top");
  EXPECT_EQ(shown.ppp().mtu(), 1400);
  EXPECT_TRUE(shown.ppp().has_ask_dns());
  EXPECT_FALSE(shown.ppp().has_mru());
  EXPECT_FALSE(shown.tunnel().has_hello_interval());
  EXPECT_EQ(shown.effective().ppp().mru(), 1452);
  EXPECT_EQ(shown.effective().tunnel().hello_interval().seconds(), 60);
  EXPECT_EQ(shown.effective().ppp().pppd_options(0), "idle 600");
}

TEST(ToProtoTest, ProfileShowsWhatItHasTurnedOff) {
  v1::CreateProfileRequest request;
  request.set_profile_id("p");
  request.mutable_profile()->mutable_ppp()->mutable_radius();
  request.mutable_profile()->mutable_ppp()->set_authenticator("");
  request.mutable_profile()->mutable_session()->set_max_reconnect_failures(0);
  const auto profile = FromProto(request);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_THAT(profile->set, ::testing::ElementsAre("ppp.authenticator", "ppp.radius",
                                                   "session.max_reconnect_failures"));
  v1::Profile shown;
  ToProto(*profile, &shown);
  EXPECT_TRUE(shown.ppp().has_radius());
  EXPECT_EQ(shown.ppp().radius().server(), "");
  EXPECT_TRUE(shown.ppp().has_authenticator());
  EXPECT_TRUE(shown.session().has_max_reconnect_failures());
  // What was shown can be given again.
  *request.mutable_profile() = shown;
  EXPECT_TRUE(FromProto(request).ok());
}

// Whoever adds a setting to the API has to say how it is inherited.
TEST(ToProtoTest, EverySettingOfTheApiCanBeInherited) {
  std::set<std::string> known;
  for (const control::ProfileField& field : control::ProfileFields()) {
    known.emplace(field.path);
  }
  std::set<std::string> there;
  for (const char* section : {"tunnel", "session", "ppp"}) {
    const auto* settings = v1::Profile::descriptor()->FindFieldByName(section)->message_type();
    for (int i = 0; i < settings->field_count(); ++i) {
      there.insert(std::string(section) + "." + settings->field(i)->name());
    }
  }
  EXPECT_EQ(known, there);
}

TEST(ToProtoTest, PeerPoolAndUserComeBackWithoutSecrets) {
  v1::Peer peer;
  ToProto(
      control::Peer{
          .name = "peers/x", .prefix = *IpPrefix::Parse("192.0.2.0/24"), .secret = "hush"},
      &peer);
  EXPECT_EQ(peer.ip_prefix(), "192.0.2.0/24");
  EXPECT_EQ(peer.secret(), "");
  v1::Pool pool;
  const IpAddress first = *IpAddress::Parse("192.0.2.1");
  const IpAddress last = *IpAddress::Parse("192.0.2.9");
  ToProto(control::Pool{.name = "pools/x",
                        .ip_ranges = {{first, last}, {last, last}},
                        .ipv6_prefixes = {*IpPrefix::Parse("2001:db8::/48")},
                        .addresses = {.total = 9, .used = 2, .set_aside = 1}},
          &pool);
  EXPECT_EQ(pool.ip_ranges(0), "192.0.2.1-192.0.2.9");
  EXPECT_EQ(pool.ip_ranges(1), "192.0.2.9");
  EXPECT_EQ(pool.ipv6_prefixes(0), "2001:db8::/48");
  EXPECT_EQ(pool.addresses().total_count(), 9);
  EXPECT_EQ(pool.addresses().used_count(), 2);
  EXPECT_EQ(pool.addresses().reserved_count(), 1);
  EXPECT_EQ(pool.addresses().free_count(), 6);
  v1::User user;
  ToProto(control::User{.name = "users/alice",
                        .login = "alice@example.net",
                        .password = "hush",
                        .enabled = false,
                        .address = first,
                        .max_sessions = 1,
                        .session_count = 1},
          &user);
  EXPECT_EQ(user.login(), "alice@example.net");
  EXPECT_EQ(user.password(), "");
  EXPECT_TRUE(user.has_enabled());
  EXPECT_EQ(user.ip_address(), "192.0.2.1");
  EXPECT_EQ(user.ipv6_prefix(), "");
  EXPECT_EQ(user.session_count(), 1);
}

TEST(ToProtoTest, SystemShowsStateAndListeners) {
  control::SystemInfo info;
  info.shutting_down = true;
  info.listeners = {{*IpAddress::Parse("0.0.0.0"), 1701}};
  v1::System message;
  ToProto(info, &message);
  EXPECT_EQ(message.name(), "system");
  EXPECT_EQ(message.state(), v1::System::STATE_SHUTTING_DOWN);
  EXPECT_EQ(message.listeners(0).port(), 1701);
}

}  // namespace
}  // namespace l2tp::api
