#include "server/api/from_proto.h"

#include "gtest/gtest.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

std::string Field(const absl::Status& status) {
  const auto info = GetErrorInfo(status);
  if (!info.has_value() || info->metadata.empty()) return "no field: " + status.ToString();
  return info->metadata[0].second;
}

v1::CreateTunnelRequest TunnelRequest() {
  v1::CreateTunnelRequest request;
  request.set_tunnel_id("lns1");
  request.mutable_tunnel()->set_remote_ip_address("192.0.2.1");
  return request;
}

v1::CreateSessionRequest SessionRequest() {
  v1::CreateSessionRequest request;
  request.set_parent("tunnels/lns1");
  request.set_session_id("home");
  return request;
}

v1::CreateProfileRequest ProfileRequest() {
  v1::CreateProfileRequest request;
  request.set_profile_id("p");
  request.mutable_profile();
  return request;
}

TEST(FromProtoTest, TunnelTakesOverEveryInputField) {
  v1::CreateTunnelRequest request = TunnelRequest();
  v1::Tunnel* tunnel = request.mutable_tunnel();
  tunnel->set_profile("profiles/p");
  tunnel->set_remote_port(1702);
  tunnel->set_local_ip_address("192.0.2.2");
  tunnel->set_local_port(1703);
  tunnel->set_host_name("lac");
  tunnel->set_secret("hush");
  const auto spec = FromProto(request);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->id, "lns1");
  EXPECT_EQ(spec->profile, "profiles/p");
  EXPECT_EQ(spec->remote.ToString(), "192.0.2.1:1702");
  EXPECT_EQ(spec->local.ToString(), "192.0.2.2:1703");
  EXPECT_EQ(spec->host_name, "lac");
  EXPECT_EQ(spec->secret, "hush");
}

TEST(FromProtoTest, TunnelErrorsNameTheFieldOfTheRequest) {
  const auto field_after = [](auto change) {
    v1::CreateTunnelRequest request = TunnelRequest();
    change(request);
    return Field(FromProto(request).status());
  };
  EXPECT_EQ(field_after([](auto& r) { r.clear_tunnel(); }), "tunnel");
  EXPECT_EQ(field_after([](auto& r) { r.set_tunnel_id("Bad_Id"); }), "tunnel_id");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_tunnel()->clear_remote_ip_address(); }),
            "tunnel.remote_ip_address");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_tunnel()->set_remote_ip_address("lns.example"); }),
            "tunnel.remote_ip_address");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_tunnel()->set_remote_port(65536); }),
            "tunnel.remote_port");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_tunnel()->set_local_port(-1); }),
            "tunnel.local_port");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_tunnel()->set_local_ip_address("2001:db8::1"); }),
            "tunnel.local_ip_address");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_tunnel()->set_profile("p"); }), "tunnel.profile");
}

TEST(FromProtoTest, SessionTakesOverEveryInputField) {
  v1::CreateSessionRequest request = SessionRequest();
  v1::Session* session = request.mutable_session();
  session->set_profile("profiles/p");
  session->set_user("alice");
  session->set_password("hush");
  session->set_interface_name("ppp7");
  session->set_called_number("1");
  session->set_calling_number("2");
  session->set_sub_address("3");
  const auto spec = FromProto(request);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->tunnel, "tunnels/lns1");
  EXPECT_EQ(spec->id, "home");
  EXPECT_EQ(spec->profile, "profiles/p");
  EXPECT_EQ(spec->user, "alice");
  EXPECT_EQ(spec->password, "hush");
  EXPECT_EQ(spec->interface_name, "ppp7");
  EXPECT_EQ(spec->called_number, "1");
  EXPECT_EQ(spec->calling_number, "2");
  EXPECT_EQ(spec->sub_address, "3");
}

TEST(FromProtoTest, SessionNeedsNothingButItsParent) {
  v1::CreateSessionRequest request;
  request.set_parent("tunnels/lns1");
  EXPECT_TRUE(FromProto(request).ok());
}

TEST(FromProtoTest, SessionErrorsNameTheFieldOfTheRequest) {
  const auto field_after = [](auto change) {
    v1::CreateSessionRequest request = SessionRequest();
    change(request);
    return Field(FromProto(request).status());
  };
  EXPECT_EQ(field_after([](auto& r) { r.clear_parent(); }), "parent");
  EXPECT_EQ(field_after([](auto& r) { r.set_parent("lns1"); }), "parent");
  EXPECT_EQ(field_after([](auto& r) { r.set_session_id("-x"); }), "session_id");
  EXPECT_EQ(field_after([](auto& r) { r.mutable_session()->set_profile("pools/x"); }),
            "session.profile");
  EXPECT_EQ(
      field_after([](auto& r) { r.mutable_session()->set_interface_name("much-too-long-name"); }),
      "session.interface_name");
}

TEST(FromProtoTest, ProfileWithoutSettingsHasTheDefaults) {
  const auto profile = FromProto(ProfileRequest());
  ASSERT_TRUE(profile.ok()) << profile.status();
  const control::Profile defaults;
  EXPECT_EQ(profile->name, "profiles/p");
  EXPECT_EQ(profile->tunnel.hello_interval, defaults.tunnel.hello_interval);
  EXPECT_EQ(profile->tunnel.max_retransmits, defaults.tunnel.max_retransmits);
  EXPECT_EQ(profile->session.tx_connect_speed, defaults.session.tx_connect_speed);
  EXPECT_EQ(profile->ppp.mtu, defaults.ppp.mtu);
  EXPECT_EQ(profile->ppp.lcp_echo_interval, defaults.ppp.lcp_echo_interval);
}

TEST(FromProtoTest, ZeroIsNotTheSameAsNotSet) {
  v1::CreateProfileRequest request = ProfileRequest();
  request.mutable_profile()->mutable_tunnel()->mutable_hello_interval();
  request.mutable_profile()->mutable_ppp()->mutable_lcp_echo_interval();
  request.mutable_profile()->mutable_session()->set_tx_connect_speed_bps(0);
  const auto profile = FromProto(request);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->tunnel.hello_interval, Duration());
  EXPECT_EQ(profile->ppp.lcp_echo_interval, 0);
  EXPECT_EQ(profile->session.tx_connect_speed, 0u);
}

TEST(FromProtoTest, ProfileErrorsNameTheFieldOfTheRequest) {
  const auto field_after = [](auto change) {
    v1::CreateProfileRequest request = ProfileRequest();
    change(*request.mutable_profile());
    return Field(FromProto(request).status());
  };
  EXPECT_EQ(field_after([](auto& p) { p.mutable_ppp()->set_mtu(1); }), "profile.ppp.mtu");
  EXPECT_EQ(field_after([](auto& p) { p.mutable_tunnel()->set_dscp(64); }), "profile.tunnel.dscp");
  EXPECT_EQ(field_after([](auto& p) {
              p.mutable_tunnel()->set_path_mtu_discovery(
                  static_cast<v1::TunnelSettings::PathMtuDiscovery>(9));
            }),
            "profile.tunnel.path_mtu_discovery");
  EXPECT_EQ(field_after([](auto& p) { p.mutable_ppp()->set_network_namespace("a/b"); }),
            "profile.ppp.network_namespace");
  EXPECT_EQ(field_after([](auto& p) { p.mutable_ppp()->mutable_radius()->set_server("radius"); }),
            "profile.ppp.radius.server");
  EXPECT_EQ(
      field_after([](auto& p) { p.mutable_ppp()->mutable_radius()->set_server("192.0.2.9"); }),
      "profile.ppp.radius.secret");
  EXPECT_EQ(field_after([](auto& p) { p.mutable_ppp()->set_authenticator("nobody"); }),
            "profile.ppp.authenticator");
  EXPECT_EQ(field_after([](auto& p) {
              p.mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_UNSPECIFIED);
            }),
            "profile.ppp.require_auth[0]");
  EXPECT_EQ(field_after([](auto& p) { p.mutable_ppp()->add_dns_ip_addresses("::1"); }),
            "profile.ppp.dns_ip_addresses[0]");
  EXPECT_EQ(field_after([](auto& p) {
              for (int i = 0; i < 3; ++i) p.mutable_ppp()->add_dns_ip_addresses("192.0.2.1");
            }),
            "profile.ppp.dns_ip_addresses");
  EXPECT_EQ(
      field_after([](auto& p) { p.mutable_ppp()->mutable_lcp_echo_interval()->set_nanos(1); }),
      "profile.ppp.lcp_echo_interval");
  EXPECT_EQ(field_after([](auto& p) {
              p.mutable_tunnel()->mutable_hello_interval()->set_seconds(INT64_MAX);
            }),
            "profile.tunnel.hello_interval");
  EXPECT_EQ(
      field_after([](auto& p) { p.mutable_tunnel()->mutable_hello_interval()->set_seconds(-1); }),
      "profile.tunnel.hello_interval");
  EXPECT_EQ(field_after([](auto& p) { p.mutable_session()->set_rx_connect_speed_bps(-1); }),
            "profile.session.rx_connect_speed_bps");
  EXPECT_EQ(Field(FromProto(v1::CreateProfileRequest()).status()), "profile_id");
}

TEST(FromProtoTest, PoolUserAndPeerErrorsNameTheFieldOfTheRequest) {
  v1::CreatePoolRequest pool;
  pool.set_pool_id("x");
  EXPECT_EQ(Field(FromProto(pool).status()), "pool");
  pool.mutable_pool()->add_ip_ranges("192.0.2.9");
  EXPECT_TRUE(FromProto(pool).ok());
  pool.mutable_pool()->add_ip_ranges("192.0.2.8-192.0.2.1");
  EXPECT_EQ(Field(FromProto(pool).status()), "pool.ip_ranges[1]");
  pool.mutable_pool()->set_ip_ranges(1, "192.0.2.0/24");
  EXPECT_EQ(Field(FromProto(pool).status()), "pool.ip_ranges[1]");
  pool.mutable_pool()->set_ip_ranges(1, "192.0.2.1-192.0.2.8");
  pool.mutable_pool()->add_ipv6_interface_id_ranges("::-::9");
  EXPECT_EQ(Field(FromProto(pool).status()), "pool.ipv6_interface_id_ranges[0]");
  pool.mutable_pool()->set_ipv6_interface_id_ranges(0, "::1-::9");
  pool.mutable_pool()->add_ipv6_prefixes("2001:db8::");
  EXPECT_EQ(Field(FromProto(pool).status()), "pool.ipv6_prefixes[0]");
  v1::CreateUserRequest user;
  user.set_user_id("alice");
  EXPECT_EQ(Field(FromProto(user).status()), "user");
  user.mutable_user()->set_login("alice@example.net");
  EXPECT_EQ(Field(FromProto(user).status()), "user.password");
  user.mutable_user()->set_password("x");
  EXPECT_TRUE(FromProto(user)->enabled);
  user.mutable_user()->set_enabled(false);
  EXPECT_FALSE(FromProto(user)->enabled);
  user.mutable_user()->set_ip_address("alice");
  EXPECT_EQ(Field(FromProto(user).status()), "user.ip_address");
  user.mutable_user()->set_ip_address("");
  user.mutable_user()->set_ipv6_interface_id("1.2.3.4");
  EXPECT_EQ(Field(FromProto(user).status()), "user.ipv6_interface_id");
  user.mutable_user()->set_ipv6_interface_id("");
  user.mutable_user()->set_ipv6_prefix("2001:db8::/48");
  EXPECT_EQ(Field(FromProto(user).status()), "user.ipv6_prefix");

  v1::CreatePeerRequest peer;
  peer.set_peer_id("x");
  peer.mutable_peer()->set_ip_prefix("192.0.2.0/33");
  EXPECT_EQ(Field(FromProto(peer).status()), "peer.ip_prefix");
}

TEST(FromProtoTest, PeerMayPlaceCallsUnlessToldOtherwise) {
  v1::CreatePeerRequest request;
  request.set_peer_id("x");
  request.mutable_peer();
  EXPECT_TRUE(FromProto(request)->allow_calls);
  request.mutable_peer()->set_allow_calls(false);
  EXPECT_FALSE(FromProto(request)->allow_calls);
}

TEST(FromProtoTest, WatchChecksItsFilter) {
  v1::WatchRequest request;
  request.add_types(v1::Event::TYPE_TUNNEL_UP);
  request.set_name("tunnels/a/sessions/b");
  const auto options = FromProto(request);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->filter.types[0], events::EventType::kTunnelUp);
  request.set_name("tunnels");
  EXPECT_EQ(Field(FromProto(request).status()), "name");
  request.set_name("tunnels/a/sessions/");
  EXPECT_EQ(Field(FromProto(request).status()), "name");
  request.add_types(static_cast<v1::Event::Type>(99));
  EXPECT_EQ(Field(FromProto(request).status()), "types[1]");
}

TEST(FromProtoTest, WatchTakesKindsAndNamesOfWhatIsConfigured) {
  v1::WatchRequest request;
  for (const char* name : {"users/a", "pools/a", "profiles/a", "peers/a"}) {
    request.set_name(name);
    EXPECT_TRUE(FromProto(request).ok()) << name;
  }
  request.add_kinds(v1::Event::KIND_USER);
  request.add_kinds(v1::Event::KIND_USER);
  EXPECT_EQ(Field(FromProto(request).status()), "kinds") << "a peer is no user";
  request.set_name("tunnels/a");
  EXPECT_EQ(Field(FromProto(request).status()), "kinds");
  request.set_name("users/a");
  const auto options = FromProto(request);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->filter.kinds, std::vector<events::Kind>{events::Kind::kUser});
  request.set_name("users/a/sessions/b");
  EXPECT_EQ(Field(FromProto(request).status()), "name");
  request.clear_name();
  request.add_types(v1::Event::TYPE_TUNNEL_UP);
  EXPECT_EQ(Field(FromProto(request).status()), "kinds") << "nothing can match";
  request.add_types(v1::Event::TYPE_USER_CREATED);
  EXPECT_TRUE(FromProto(request).ok());
  request.add_kinds(static_cast<v1::Event::Kind>(8));
  EXPECT_EQ(Field(FromProto(request).status()), "kinds[2]");
}

TEST(FromProtoTest, WatchTakesEachTypeOnce) {
  v1::WatchRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.add_types(v1::Event::TYPE_TUNNEL_UP);
    request.add_types(v1::Event::TYPE_TUNNEL_DOWN);
  }
  const auto options = FromProto(request);
  ASSERT_TRUE(options.ok()) << options.status();
  const std::vector<events::EventType> expected = {events::EventType::kTunnelUp,
                                                   events::EventType::kTunnelDown};
  EXPECT_EQ(options->filter.types, expected);
}

TEST(FromProtoTest, DeletionCarriesTheResultCode) {
  v1::DeleteTunnelRequest request;
  request.set_name("tunnels/a");
  request.set_force(true);
  request.set_allow_missing(true);
  request.set_result_code(1);
  request.set_error_code(2);
  request.set_message("bye");
  const auto deletion = FromProto(request);
  ASSERT_TRUE(deletion.ok()) << deletion.status();
  EXPECT_TRUE(deletion->allow_missing);
  EXPECT_TRUE(deletion->close.force);
  EXPECT_EQ(deletion->close.result_code, 1);
  EXPECT_EQ(deletion->close.error_code, 2);
  EXPECT_EQ(deletion->close.message, "bye");
  request.set_result_code(65536);
  EXPECT_EQ(Field(FromProto(request).status()), "result_code");
  request.set_result_code(0);
  request.set_message(std::string(201, 'x'));
  EXPECT_EQ(Field(FromProto(request).status()), "message");
}

TEST(FromProtoTest, NamesMustBeOfTheirCollection) {
  EXPECT_TRUE(ParseName("tunnels", "tunnels/a").ok());
  EXPECT_TRUE(ParseName("sessions", "tunnels/a/sessions/b").ok());
  EXPECT_EQ(Field(ParseName("tunnels", "").status()), "name");
  EXPECT_EQ(Field(ParseName("tunnels", "pools/a").status()), "name");
  EXPECT_EQ(Field(ParseName("sessions", "sessions/b").status()), "name");
  EXPECT_EQ(Field(ParseName("sessions", "tunnels/a/sessions/b/sessions/c").status()), "name");
}

}  // namespace
}  // namespace l2tp::api
