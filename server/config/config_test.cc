#include "server/config/config.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace l2tp::config {
namespace {

constexpr char kEverything[] = R"(
daemon:
  host_name: lac1.example.net
  listen: ["192.0.2.1:1701", "[2001:db8::1]:1702"]
  api_listen: ["unix:/run/x/api.sock", "127.0.0.1:50051"]
  api_group: l2tp
  log_level: debug
  pppd_path: /opt/sbin/pppd
  pppd_plugin_dir: /opt/lib/pppd
  pppd_zygote: false
  max_pppd_starts: 3
  pppd_start_timeout: 10s
  pppd_phase_timeout: 2m
  run_dir: /run/x
  max_tunnels: 10
  max_sessions: 100
  max_half_open_tunnels: 20
  max_half_open_tunnels_per_address: 2
api:
  tls:
    certificate_file: /etc/x/api.crt
    key_file: /etc/x/api.key
    client_ca_file: clients.crt
    client_certificates: require
  plaintext_loopback: true
  anonymous_role: none
  roles:
    - {role: admin, unix_user: alice}
    - {role: operator, unix_group: noc}
    - {role: viewer, certificate: monitor.example.net}
  max_message_size: 65536
  max_streams_per_connection: 7
  max_callers: 8
  max_connections_per_caller: 9
  max_watchers: 10
pools:
  - name: pools/customers
    ip_ranges: [198.51.100.10-198.51.100.250, 198.51.101.7]
    ipv6_interface_id_ranges: ["::1:0-::1:ffff"]
    ipv6_prefixes: ["2001:db8:100::/48"]
profiles:
  - name: profiles/wholesale
    display_name: Wholesale
    tunnel:
      hello_interval: 30s
      retransmit_timeout: 1500ms
      retransmit_cap: 8s
      max_retransmits: 3
      receive_window: 10
      setup_timeout: 1m
      hide_avps: true
      tie_breaker: true
      udp_checksums: false
      dscp: 46
      path_mtu_discovery: want
      device: vrf-blue
      max_sessions: 7
    session:
      send_sequence: true
      receive_sequence: true
      reorder_timeout: 50ms
      tx_connect_speed_bps: 4294967295
      rx_connect_speed_bps: 1
      setup_timeout: 20s
      ppp_timeout: 0s
      reconnect_min_delay: 5s
      reconnect_max_delay: 60s
      max_reconnect_failures: 10
    ppp:
      require_auth: [chap_md5, AUTH_METHOD_MSCHAPV2]
      authenticator: unix:/run/auth.sock
      authenticator_timeout: 3s
      user: alice
      password: "0123"
      local_ip_address: 198.51.100.1
      pool: pools/customers
      dns_ip_addresses: [198.51.100.53]
      ask_dns: true
      ipv6: true
      default_route: true
      mppe_required: true
      mtu: 1400
      mru: 1401
      lcp_echo_interval: 10s
      lcp_echo_failures: 2
      network_namespace: customers
      vrf: vrf-red
      asyncmap: 0xa0000
      debug: true
users:
  - name: users/bob
    login: bob@example.net
    password: bobs
    enabled: false
    profile: profiles/wholesale
    ip_address: 198.51.100.77
    ipv6_interface_id: "::1:7"
    ipv6_prefix: 2001:db8:100:7::/64
    max_sessions: 1
peers:
  - name: peers/isp1
    ip_prefix: 192.0.2.0/24
    host_name: lns.example.net
    secret: hush
    profile: profiles/wholesale
    allow_calls: false
tunnels:
  - name: tunnels/lns1
    profile: profiles/wholesale
    remote_ip_address: 192.0.2.9
    remote_port: 1702
    local_ip_address: 192.0.2.1
    local_port: 1703
    host_name: other
    secret: hush2
sessions:
  - name: tunnels/lns1/sessions/home
    profile: profiles/wholesale
    user: carol
    password: carols
    interface_name: l2tp0
    persistent: true
    called_number: "5551000"
    calling_number: "5552000"
    sub_address: line-7
)";

std::string Problem(const std::string& text) {
  return std::string(ParseConfig(text, "f").status().message());
}

TEST(ConfigTest, ReadsDaemonSettings) {
  const auto config = ParseConfig(kEverything, "f");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->host_name, "lac1.example.net");
  ASSERT_EQ(config->listen.size(), 2u);
  EXPECT_EQ(config->listen[1].ToString(), "[2001:db8::1]:1702");
  EXPECT_EQ(config->api_listen[1], "127.0.0.1:50051");
  EXPECT_EQ(config->api_group, "l2tp");
  EXPECT_EQ(config->log_level, "debug");
  EXPECT_EQ(config->pppd_path, "/opt/sbin/pppd");
  EXPECT_EQ(config->pppd_plugin_dir, "/opt/lib/pppd");
  EXPECT_FALSE(config->pppd_zygote);
  EXPECT_EQ(config->max_pppd_starts, 3);
  EXPECT_EQ(config->pppd_start_timeout, Duration::Seconds(10));
  EXPECT_EQ(config->pppd_phase_timeout, Duration::Seconds(120));
  EXPECT_EQ(config->run_dir, "/run/x");
  EXPECT_EQ(config->max_tunnels, 10);
  EXPECT_EQ(config->max_sessions, 100);
  EXPECT_EQ(config->max_half_open_tunnels, 20);
  EXPECT_EQ(config->max_half_open_tunnels_per_address, 2);
}

TEST(ConfigTest, ReadsWhoMayUseTheApi) {
  const auto config = ParseConfig(kEverything, "dir/f");
  ASSERT_TRUE(config.ok()) << config.status();
  const ApiSettings& api = config->api;
  EXPECT_EQ(api.certificate_file, "/etc/x/api.crt");
  EXPECT_EQ(api.key_file, "/etc/x/api.key");
  EXPECT_EQ(api.client_ca_file, "dir/clients.crt");
  EXPECT_TRUE(api.plaintext_loopback);
  EXPECT_EQ(api.anonymous_role, Role::kNone);
  const std::vector<RoleRule> rules = {
      {.role = Role::kAdmin, .unix_user = "alice"},
      {.role = Role::kOperator, .unix_group = "noc"},
      {.role = Role::kViewer, .certificate = "monitor.example.net"}};
  EXPECT_EQ(api.roles, rules);
  EXPECT_EQ(api.max_message_size, 65536);
  EXPECT_EQ(api.max_streams_per_connection, 7);
  EXPECT_EQ(api.max_callers, 8);
  EXPECT_EQ(api.max_connections_per_caller, 9);
  EXPECT_EQ(api.max_watchers, 10);
}

TEST(ConfigTest, TcpForTheApiNeedsTlsUnlessItIsLoopbackAndThatIsAllowed) {
  EXPECT_EQ(Problem("daemon: {api_listen: [\"192.0.2.1:50051\"]}"),
            "f:1:22: daemon.api_listen: 192.0.2.1:50051 is TCP, which needs TLS: see api.tls");
  EXPECT_EQ(Problem("daemon: {api_listen: [\"0.0.0.0:1\"]}\napi: {plaintext_loopback: true}"),
            "f:1:22: daemon.api_listen: 0.0.0.0:1 is TCP, which needs TLS: see api.tls");
  EXPECT_EQ(Problem("daemon: {api_listen: [\"[::1]:50051\"]}"),
            "f:1:22: daemon.api_listen: [::1]:50051 is TCP, which needs TLS (api.tls), or, since "
            "it is a loopback address, api.plaintext_loopback: true");
  EXPECT_EQ(Problem("api: {plaintext_loopback: true}\n"
                    "daemon: {api_listen: [\"[::1]:50051\", \"127.0.0.7:1\"]}"),
            "");
  EXPECT_EQ(Problem("daemon: {api_listen: [\"0.0.0.0:1\"]}\n"
                    "api: {tls: {certificate_file: a, key_file: b, client_ca_file: c}}"),
            "");
}

TEST(ConfigTest, TlsWithoutClientCertificatesHasToBeAskedForByName) {
  EXPECT_EQ(Problem("api: {tls: {certificate_file: a, key_file: b}}"),
            "f:1:12: api.tls.client_ca_file: is missing; clients without certificates need "
            "client_certificates: none");
  EXPECT_EQ(Problem("api: {tls: {certificate_file: a, key_file: b, client_certificates: none}}"),
            "");
  EXPECT_EQ(Problem("api: {tls: {certificate_file: a, key_file: b, client_ca_file: c, "
                    "client_certificates: none}}"),
            "f:1:63: api.tls.client_ca_file: cannot be given together with client_certificates: "
            "none");
  EXPECT_EQ(Problem("api: {tls: {certificate_file: a, client_ca_file: c}}"),
            "f:1:12: api.tls.key_file: is missing");
  EXPECT_EQ(Problem("api: {tls: {key_file: a, client_ca_file: c}}"),
            "f:1:12: api.tls.certificate_file: is missing");
  EXPECT_EQ(Problem("api: {tls: {client_certificates: maybe}}"),
            "f:1:34: api.tls.client_certificates: is not require or none");
}

TEST(ConfigTest, ARoleIsGivenToOneUserGroupOrCertificate) {
  EXPECT_EQ(Problem("api: {roles: [{role: admin}]}"),
            "f:1:22: api.roles[0].role: needs one of unix_user, unix_group, certificate");
  EXPECT_EQ(Problem("api: {roles: [{role: admin, unix_user: a, certificate: b}]}"),
            "f:1:22: api.roles[0].role: needs one of unix_user, unix_group, certificate");
  EXPECT_EQ(Problem("api: {roles: [{unix_user: a}]}"), "f:1:15: api.roles[0].role: is missing");
  EXPECT_EQ(Problem("api: {roles: [{role: king, unix_user: a}]}"),
            "f:1:22: api.roles[0].role: \"king\" is not one of none, viewer, operator, admin");
}

TEST(ConfigTest, ReadsEverySettingOfAProfile) {
  const auto config = ParseConfig(kEverything, "f");
  ASSERT_TRUE(config.ok()) << config.status();
  const control::Profile& profile = config->profiles.at(0);
  EXPECT_EQ(profile.name, "profiles/wholesale");
  EXPECT_EQ(profile.display_name, "Wholesale");
  EXPECT_EQ(profile.tunnel.hello_interval, Duration::Seconds(30));
  EXPECT_EQ(profile.tunnel.retransmit_timeout, Duration::Milliseconds(1500));
  EXPECT_EQ(profile.tunnel.retransmit_cap, Duration::Seconds(8));
  EXPECT_EQ(profile.tunnel.max_retransmits, 3);
  EXPECT_EQ(profile.tunnel.receive_window, 10);
  EXPECT_EQ(profile.tunnel.setup_timeout, Duration::Seconds(60));
  EXPECT_TRUE(profile.tunnel.hide_avps);
  EXPECT_TRUE(profile.tunnel.tie_breaker);
  EXPECT_EQ(profile.tunnel.max_sessions, 7);
  EXPECT_TRUE(profile.session.send_sequence);
  EXPECT_TRUE(profile.session.receive_sequence);
  EXPECT_EQ(profile.session.reorder_timeout, Duration::Milliseconds(50));
  EXPECT_EQ(profile.session.tx_connect_speed, 4294967295u);
  EXPECT_EQ(profile.session.rx_connect_speed, 1u);
  EXPECT_EQ(profile.session.setup_timeout, Duration::Seconds(20));
  EXPECT_EQ(profile.session.ppp_timeout, Duration());
  EXPECT_EQ(profile.session.reconnect_min_delay, Duration::Seconds(5));
  EXPECT_EQ(profile.session.reconnect_max_delay, Duration::Seconds(60));
  EXPECT_EQ(profile.session.max_reconnect_failures, 10);
  EXPECT_EQ(profile.ppp.require_auth,
            (std::vector{control::AuthMethod::kChapMd5, control::AuthMethod::kMsChapV2}));
  EXPECT_EQ(profile.ppp.authenticator, "unix:/run/auth.sock");
  EXPECT_EQ(profile.ppp.authenticator_timeout, Duration::Seconds(3));
  EXPECT_EQ(profile.ppp.user, "alice");
  EXPECT_EQ(profile.ppp.password, "0123");
  EXPECT_EQ(profile.ppp.local_address.ToString(), "198.51.100.1");
  EXPECT_EQ(profile.ppp.pool, "pools/customers");
  EXPECT_EQ(profile.ppp.dns.at(0).ToString(), "198.51.100.53");
  EXPECT_TRUE(profile.ppp.ask_dns && profile.ppp.ipv6 && profile.ppp.default_route &&
              profile.ppp.mppe_required && profile.ppp.debug);
  EXPECT_EQ(profile.ppp.network_namespace, "customers");
  EXPECT_EQ(profile.ppp.vrf, "vrf-red");
  const control::SocketOptions socket = {false, 46, control::PathMtuDiscovery::kWant, "vrf-blue"};
  EXPECT_EQ(profile.tunnel.socket, socket);
  EXPECT_EQ(profile.ppp.mtu, 1400);
  EXPECT_EQ(profile.ppp.mru, 1401);
  EXPECT_EQ(profile.ppp.lcp_echo_interval, 10);
  EXPECT_EQ(profile.ppp.lcp_echo_failures, 2);
  EXPECT_EQ(profile.ppp.asyncmap, 0xa0000u);
}

TEST(ConfigTest, ReadsPoolsUsersPeersTunnelsAndSessions) {
  const auto config = ParseConfig(kEverything, "f");
  ASSERT_TRUE(config.ok()) << config.status();
  const control::Pool& pool = config->pools.at(0);
  EXPECT_EQ(pool.ip_ranges.at(0).last.ToString(), "198.51.100.250");
  EXPECT_EQ(pool.ip_ranges.at(1).first, pool.ip_ranges.at(1).last);
  EXPECT_EQ(InterfaceIdText(pool.ipv6_interface_ids.at(0).first), "::1:0");
  EXPECT_EQ(pool.ipv6_prefixes.at(0).ToString(), "2001:db8:100::/48");
  const control::User& user = config->users.at(0);
  EXPECT_EQ(user.login, "bob@example.net");
  EXPECT_EQ(user.password, "bobs");
  EXPECT_FALSE(user.enabled);
  EXPECT_EQ(user.profile, "profiles/wholesale");
  EXPECT_EQ(user.address.ToString(), "198.51.100.77");
  EXPECT_EQ(InterfaceIdText(user.interface_id), "::1:7");
  EXPECT_EQ(user.prefix.ToString(), "2001:db8:100:7::/64");
  EXPECT_EQ(user.max_sessions, 1);
  EXPECT_EQ(config->peers.at(0).prefix.ToString(), "192.0.2.0/24");
  EXPECT_EQ(config->peers.at(0).secret, "hush");
  EXPECT_FALSE(config->peers.at(0).allow_calls);
  EXPECT_EQ(config->tunnels.at(0).id, "lns1");
  EXPECT_EQ(config->tunnels.at(0).remote.ToString(), "192.0.2.9:1702");
  EXPECT_EQ(config->tunnels.at(0).local.ToString(), "192.0.2.1:1703");
  EXPECT_EQ(config->tunnels.at(0).secret, "hush2");
  EXPECT_EQ(config->sessions.at(0).tunnel, "tunnels/lns1");
  EXPECT_EQ(config->sessions.at(0).id, "home");
  EXPECT_EQ(config->sessions.at(0).password, "carols");
  EXPECT_EQ(config->sessions.at(0).interface_name, "l2tp0");
  EXPECT_EQ(config->sessions.at(0).called_number, "5551000");
}

TEST(ConfigTest, ReadsWhatPeersMayDoAndWhichWayCallsGo) {
  const auto config = ParseConfig(R"(
peers:
  - { name: peers/a, host_name: a, allow_outgoing_calls: true }
  - { name: peers/b, host_name: b, deny: true }
tunnels:
  - { name: tunnels/t, remote_ip_address: 192.0.2.1, allow_calls: true, allow_outgoing_calls: true }
sessions:
  - { name: tunnels/t/sessions/s, direction: DIRECTION_OUTGOING }
)",
                                  "f");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->peers.at(0).allow_outgoing_calls);
  EXPECT_TRUE(config->peers.at(1).deny);
  EXPECT_TRUE(config->tunnels.at(0).allow_calls && config->tunnels.at(0).allow_outgoing_calls);
  EXPECT_EQ(config->sessions.at(0).direction, events::CallDirection::kOutgoing);
}

TEST(ConfigTest, PeersOfWhichAHostNameWouldChooseTheWeakerAreRefused) {
  const auto config = ParseConfig(
      "peers:\n  - {name: peers/a, secret: hush}\n  - {name: peers/b, host_name: b}\n", "f");
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.status().message().find("secret"), std::string::npos) << config.status();
}

TEST(ConfigTest, EmptyFileHasTheDefaults) {
  for (const char* text : {"", "# nothing\n", "{}", "daemon: {}\nprofiles: []\n", "tunnels:\n",
                           "daemon:\n  #log_level: info\ntunnels: []\n", "\xef\xbb\xbf# BOM\n",
                           "---\ndaemon: {}\n...\n"}) {
    const auto config = ParseConfig(text, "f");
    ASSERT_TRUE(config.ok()) << text << config.status();
    EXPECT_EQ(config->listen.at(0).ToString(), "0.0.0.0:1701");
    EXPECT_EQ(config->max_sessions, 65536);
  }
}

TEST(ConfigTest, SectionsOfAProfileMayBeEmpty) {
  const auto config = ParseConfig(
      "profiles:\n  - name: profiles/a\n    tunnel:\n    session:\n    ppp:\n      #mtu: 1\n", "f");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->profiles.at(0).ppp.mtu, control::PppSettings().mtu);
}

TEST(ConfigTest, WhatIsNoYamlIsToldWithItsPlace) {
  const std::string problem =
      "is not valid YAML; check indentation, quotes, brackets and the space after each colon";
  EXPECT_EQ(Problem("daemon: {a: 1\n"), "f:2:1: " + problem);
  EXPECT_EQ(Problem("a: b: c"), "f:1:5: " + problem);
  EXPECT_EQ(Problem("just text"), "f:1:1: is not a mapping of keys to values");
}

TEST(ConfigTest, QuotesMustBeClosed) {
  for (const char* bad : {"'a", "'a\n", "'a''", "\"a", "\"a\n\n", "\"a\\\""}) {
    EXPECT_NE(Problem(std::string("daemon:\n  host_name: ") + bad), "") << bad;
  }
  EXPECT_EQ(Problem("daemon:\n  host_name: 'a\n"), "f:2:14: has no closing quote");
  for (const char* good : {"'a'", "'a''b'", "''''", "\"a\\\"b\"", "\"\\\\\"", "''\n", "\"'\""}) {
    EXPECT_EQ(Problem(std::string("daemon:\n  host_name: ") + good), "") << good;
  }
}

TEST(ConfigTest, OnlyOnePlainDocumentIsTaken) {
  const std::string tag = "tags are not supported; quote text that starts with !";
  const std::string anchor =
      "anchors and aliases are not supported; quote text that starts with & or *";
  const std::string second = "there is more after the end of the document";
  EXPECT_EQ(Problem("daemon: {host_name: !!str a}"), "f:1:21: " + tag);
  EXPECT_EQ(Problem("# \u00e9\ndaemon: {host_name: ! a}"), "f:2:21: " + tag);
  EXPECT_EQ(Problem("daemon: {host_name: !x }"), "f:1:21: " + tag);
  EXPECT_EQ(Problem("daemon: !!map {}"), "f:1:9: " + tag);
  EXPECT_EQ(Problem("daemon: {listen: ! ['0.0.0.0:1701']}"), "f:1:18: " + tag);
  EXPECT_EQ(Problem("daemon: &a {}"), "f:1:9: " + anchor);
  EXPECT_EQ(Problem("daemon: {host_name: &a }"), "f:1:21: " + anchor);
  EXPECT_EQ(Problem("daemon: {listen: &a ['0.0.0.0:1701']}"), "f:1:18: " + anchor);
  EXPECT_EQ(Problem("a: *b").substr(0, 7), "f:1:4: ");
  EXPECT_EQ(Problem("daemon: {}\n---\npools: []\n"), "f:2:1: " + second);
  EXPECT_EQ(Problem("{}\npools: []\n"), "f:2:1: " + second);
  EXPECT_EQ(Problem("{}\n]").substr(0, 7), "f:2:1: ");
}

TEST(ConfigTest, TextMustBeUtf8WithoutControlCharacters) {
  const std::string problem = "is not UTF-8, or a control character";
  EXPECT_EQ(Problem(std::string("daemon: {}\n# \0", 14)), "f:2:3: " + problem);
  EXPECT_EQ(Problem("daemon: {}\n\x04rest: unseen"), "f:2:1: " + problem);
  for (const char* bad :
       {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xff", "\x7f"}) {
    EXPECT_EQ(Problem(std::string("# ") + bad), "f:1:3: " + problem);
  }
  for (const char* good : {"\t\r\n", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(Problem(std::string("# ") + good), "");
  }
}

TEST(ConfigTest, ValuesHaveNoControlCharacters) {
  const std::string problem = "has a control character";
  EXPECT_EQ(Problem("tunnels: [{name: tunnels/a, remote_ip_address: \"192.0.2.1\\0junk\"}]"),
            "f:1:48: tunnels[0].remote_ip_address: " + problem);
  EXPECT_EQ(Problem("peers: [{name: peers/a, ip_prefix: \"192.0.2.1\\0/24\"}]"),
            "f:1:36: peers[0].ip_prefix: " + problem);
  EXPECT_EQ(Problem("daemon: {listen: [\"192.0.2.1\\0:1701\"]}"),
            "f:1:19: daemon.listen[0]: " + problem);
  EXPECT_EQ(Problem("daemon: {run_dir: \"/run\\0x\"}"), "f:1:19: daemon.run_dir: " + problem);
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret_file: \"/x\\0y\"}]"),
            "f:1:38: peers[0].secret_file: " + problem);
  EXPECT_EQ(Problem("daemon: {metrics_listen: \"1\\v7.0.0.1:9752\"}"),
            "f:1:26: daemon.metrics_listen: " + problem);
  EXPECT_EQ(Problem("pools: [{name: pools/a, labels: {\"si\\vte\": [x]}}]"),
            "f:1:34: pools[0].labels: " + problem);
  EXPECT_EQ(Problem("pools: [{name: pools/a, labels: {site: a, \"site\\0\": b}}]"),
            "f:1:43: pools[0].labels: " + problem);
  // Secrets may, NUL excepted.
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret: \"a\\tb\"}]"), "");
}

TEST(ConfigTest, ProblemsOfLabelsAreToldWhole) {
  EXPECT_EQ(Problem("pools: [{name: pools/a, labels: {Site: a}}]"),
            "f:1:33: pools[0].labels: have a key that is not 1 to 63 characters of a-z, 0-9, and "
            ". _ - /, beginning with a letter");
}

TEST(ConfigTest, SizeAndDepthAreBounded) {
  const std::string mebibyte(1 << 20, '#');
  EXPECT_EQ(Problem(mebibyte), "");
  EXPECT_EQ(Problem(mebibyte + "#"), "f: is larger than 1 MiB");
  const std::string problem = "is nested too deeply";
  EXPECT_EQ(Problem(std::string(16, '[') + std::string(16, ']')),
            "f:1:1: is not a mapping of keys to values");
  EXPECT_EQ(Problem(std::string(17, '[') + std::string(17, ']')), "f:1:17: " + problem);
  std::string blocks;
  for (int i = 0; i < 500'000; ++i) blocks += "- ";
  EXPECT_EQ(Problem(blocks), "f:1:33: " + problem);
  EXPECT_EQ(Problem(std::string(1'000'000, '[')).substr(0, 4), "f:1:");
  EXPECT_EQ(Problem(std::string(1'000'000, '{')).substr(0, 4), "f:1:");
}

TEST(ConfigTest, UnknownKeysAreErrors) {
  EXPECT_EQ(Problem("deamon: {}\n"), "f:1:1: deamon: is not a known key");
  EXPECT_EQ(Problem("daemon:\n  hostname: x\n"), "f:2:3: daemon.hostname: is not a known key");
  EXPECT_EQ(Problem("profiles:\n  - name: profiles/p\n    ppp: {mtoo: 1}\n"),
            "f:3:11: profiles[0].ppp.mtoo: is not a known key");
}

TEST(ConfigTest, WrongTypesAreErrors) {
  EXPECT_EQ(Problem("daemon: {max_tunnels: many}"),
            "f:1:23: daemon.max_tunnels: \"many\" is not a plain number such as 10");
  EXPECT_EQ(Problem("daemon: {host_name: [a]}"), "f:1:21: daemon.host_name: is not a single value");
  EXPECT_EQ(Problem("daemon: {host_name: }"), "f:1:21: daemon.host_name: has no value");
  EXPECT_EQ(Problem("daemon: {listen: 1701}"), "f:1:18: daemon.listen: is not a list");
  EXPECT_EQ(Problem("daemon: {listen: ['192.0.2.1']}"),
            "f:1:19: daemon.listen[0]: \"192.0.2.1\" is not an address with a port, as in "
            "0.0.0.0:1701");
  EXPECT_EQ(Problem("profiles: {}"), "f:1:11: profiles: is not a list");
  EXPECT_EQ(Problem("profiles: [3]"), "f:1:12: profiles[0]: is not a mapping of keys to values");
  EXPECT_EQ(Problem("peers: [{name: peers/a, allow_calls: maybe}]"),
            "f:1:38: peers[0].allow_calls: \"maybe\" is not true or false");
  EXPECT_EQ(Problem("peers: [{name: peers/a, ip_prefix: x}]"),
            "f:1:36: peers[0].ip_prefix: \"x\" is not an address prefix such as 192.0.2.0/24");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, tunnel: {hello_interval: 60}}]"),
            "f:1:56: profiles[0].tunnel.hello_interval: \"60\" is not a duration such as 60s or "
            "1500ms");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {require_auth: [eap]}}]"),
            "f:1:52: profiles[0].ppp.require_auth[0]: \"eap\" is not one of pap, chap_md5, "
            "mschapv2");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {lcp_echo_interval: 1500ms}}]"),
            "f:1:56: profiles[0].ppp.lcp_echo_interval: is not whole seconds");
}

TEST(ConfigTest, NumbersArePlainDecimals) {
  for (const char* bad : {"010", "00", "-010", "'10'", "\"10\"", "+1", "0x10", "1_0", "1.0", "1e2",
                          "99999999999999999999"}) {
    const std::string problem = Problem(std::string("daemon: {max_tunnels: ") + bad + "}");
    EXPECT_EQ(problem.substr(0, 29), "f:1:23: daemon.max_tunnels: \"") << bad;
  }
  EXPECT_EQ(Problem("daemon: {max_tunnels: '10'}"),
            "f:1:23: daemon.max_tunnels: \"10\" is not a plain number such as 10");
  EXPECT_EQ(Problem("daemon: {max_tunnels: -1}"),
            "f:1:23: daemon.max_tunnels: -1 is not between 1 and 65535");
  EXPECT_NE(Problem("daemon: {listen: ['0.0.0.0:01701']}"), "");
  EXPECT_NE(Problem("daemon: {listen: ['0.0.0.0:+1701']}"), "");
  EXPECT_NE(Problem("daemon: {listen: ['0.0.0.0: 1701']}"), "");
}

TEST(ConfigTest, AsyncmapMayBeHexadecimal) {
  const auto parse = [](const std::string& value) {
    return ParseConfig("profiles: [{name: profiles/a, ppp: {asyncmap: " + value + "}}]", "f");
  };
  for (const char* good : {"10", "0xa", "0x0000000A"}) {
    ASSERT_TRUE(parse(good).ok()) << parse(good).status();
    EXPECT_EQ(parse(good)->profiles.at(0).ppp.asyncmap, 10u);
  }
  for (const char* bad : {"0x", "0x-1", "0x0xa", "0x100000000", "'0xa'", "0xg", "010"}) {
    EXPECT_FALSE(parse(bad).ok()) << bad;
  }
}

TEST(ConfigTest, ListenMustNotBeEmpty) {
  EXPECT_EQ(Problem("daemon: {listen: []}"), "f:1:18: daemon.listen: is empty");
}

TEST(ConfigTest, ApiListensOnSocketsAndAddresses) {
  for (const char* good : {"unix:/run/x", "unix:///run/x", "127.0.0.1:1", "'[::1]:50051'"}) {
    EXPECT_EQ(Problem(std::string("api: {plaintext_loopback: true}\ndaemon: {api_listen: [") +
                      good + "]}"),
              "")
        << good;
  }
  for (const char* bad : {"unix:run/x", "unix:/", "unix:", "/run/x", "localhost:50051", "127.0.0.1",
                          "127.0.0.1:0", "'::1:50051'", "unix-abstract:x"}) {
    EXPECT_NE(Problem(std::string("daemon: {api_listen: [") + bad + "]}"), "") << bad;
  }
  EXPECT_EQ(Problem("daemon: {api_listen: ['127.0.0.1:1', api.sock]}"),
            "f:1:38: daemon.api_listen[1]: \"api.sock\" is not unix:/PATH or an address with a "
            "port, as in 127.0.0.1:50051");
}

TEST(ConfigTest, EventsAreKeptOnDiskWhereTheFileSaysSo) {
  const auto read = [](const std::string& text) {
    const auto config = ParseConfig(text, "f");
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? config->event_history : EventHistorySettings();
  };
  EXPECT_EQ(read("").directory, "");
  EventHistorySettings history = read("event_history: {directory: /var/lib/x}");
  EXPECT_EQ(history.directory, "/var/lib/x");
  EXPECT_EQ(history.keep, Duration::Seconds(7 * 24 * 3600));
  EXPECT_EQ(history.max_size, int64_t{1} << 30);
  history = read("event_history: {directory: /x, keep: 400d, max_size: 64MiB}");
  EXPECT_EQ(history.keep, Duration::Seconds(400 * 24 * 3600));
  EXPECT_EQ(history.max_size, 64 << 20);
  history = read("event_history: {directory: /x, keep: 36h, max_size: 1048576}");
  EXPECT_EQ(history.keep, Duration::Seconds(36 * 3600));
  EXPECT_EQ(history.max_size, 1 << 20);
}

TEST(ConfigTest, WhatCannotBeOfEventsOnDiskIsAnError) {
  const auto problem = [](const std::string& rest) {
    return Problem("event_history: {" + rest + "}");
  };
  EXPECT_EQ(problem("directory: x"), "f:1:28: event_history.directory: is not an absolute path");
  EXPECT_EQ(problem("directory: \"\""), "f:1:28: event_history.directory: is not an absolute path");
  EXPECT_EQ(problem("keep: 2d"), "f:1:16: event_history.directory: is missing");
  EXPECT_EQ(problem("directory: /x, keep: 1m"),
            "f:1:38: event_history.keep: is not between 1h and 1000d");
  EXPECT_EQ(problem("directory: /x, keep: 1001d"),
            "f:1:38: event_history.keep: is not between 1h and 1000d");
  for (const char* days : {"-1d", "d", "1.5d", "9999999999999999999d", "100001d"}) {
    EXPECT_EQ(problem(absl::StrCat("directory: /x, keep: ", days)),
              absl::StrCat("f:1:38: event_history.keep: \"", days,
                           "\" is not a duration such as 7d or 36h"));
  }
  EXPECT_EQ(problem("directory: /x, max_size: 1023KiB"),
            "f:1:42: event_history.max_size: is not between 1MiB and 1TiB");
  for (const char* size : {"1GB", "GiB", "-1", "1.5GiB", "9999999999TiB"}) {
    EXPECT_EQ(problem(absl::StrCat("directory: /x, max_size: ", size)),
              absl::StrCat("f:1:42: event_history.max_size: \"", size,
                           "\" is not a size such as 1048576, 64MiB or 1GiB"));
  }
}

TEST(ConfigTest, ValuesOutOfRangeAreErrorsAtTheirPlace) {
  EXPECT_EQ(Problem("daemon: {max_tunnels: 0}"),
            "f:1:23: daemon.max_tunnels: 0 is not between 1 and 65535");
  EXPECT_EQ(Problem("daemon: {log_level: loud}"),
            "f:1:21: daemon.log_level: \"loud\" is not one of trace, debug, info, warning, error");
  EXPECT_EQ(Problem("daemon: {pppd_path: pppd}"),
            "f:1:21: daemon.pppd_path: is not an absolute path");
  EXPECT_EQ(Problem("daemon: {pppd_start_timeout: 0s}"),
            "f:1:30: daemon.pppd_start_timeout: is not between 1s and 1h");
  EXPECT_EQ(Problem("daemon: {pppd_phase_timeout: 0s}"), "");
  EXPECT_EQ(Problem("daemon: {pppd_phase_timeout: 2h}"),
            "f:1:30: daemon.pppd_phase_timeout: is not between 1s and 1h");
  EXPECT_EQ(Problem("api: {max_message_size: 1000}"),
            "f:1:25: api.max_message_size: 1000 is not between 65536 and 67108864");
  EXPECT_EQ(Problem("api: {max_streams_per_connection: 0}"),
            "f:1:35: api.max_streams_per_connection: 0 is not between 1 and 100000");
  EXPECT_EQ(Problem("api: {max_callers: 1001}"),
            "f:1:20: api.max_callers: 1001 is not between 1 and 1000");
  EXPECT_EQ(Problem("api: {max_connections_per_caller: 0}"),
            "f:1:35: api.max_connections_per_caller: 0 is not between 1 and 10000");
  EXPECT_EQ(Problem("api: {max_watchers: 1}"),
            "f:1:21: api.max_watchers: 1 is not between 2 and 65535");
  EXPECT_EQ(Problem("profiles:\n  - name: profiles/a\n    ppp:\n      mtu: 1\n"),
            "f:4:12: profiles[0].ppp.mtu: 1 is not between 128 and 16384");
  EXPECT_EQ(Problem("users: [{name: users/a}]"), "f:1:9: users[0].password: is required");
  EXPECT_EQ(Problem("users: [{name: users/a, password: x, ip_address: 10.0.0.1, max_sessions: 2}]"),
            "f:1:74: users[0].max_sessions: more than 1 session cannot have the same address");
  EXPECT_EQ(Problem("pools: [{name: pools/a, ip_ranges: [10.0.0.2-10.0.0.1]}]"),
            "f:1:37: pools[0].ip_ranges[0]: its last is before its first");
  EXPECT_EQ(Problem("pools: [{name: pools/a, ip_ranges: [10.0.0.2-x]}]"),
            "f:1:37: pools[0].ip_ranges[0]: \"10.0.0.2-x\" is not an address or FIRST-LAST");
  EXPECT_EQ(Problem("tunnels:\n  - name: tunnels/a\n"),
            "f:2:5: tunnels[0].remote_ip_address: is required");
  EXPECT_EQ(Problem("tunnels: [{name: a}]").substr(0, 6), "f:1:18");
  EXPECT_EQ(Problem("tunnels: [{name: tunnels/a, remote_port: 65536}]"),
            "f:1:42: tunnels[0].remote_port: 65536 is not between 0 and 65535");
  EXPECT_EQ(Problem("profiles:\n  - name: profiles/a\n    ppp: {dns_ip_addresses: ['::1']}\n"),
            "f:3:29: profiles[0].ppp.dns_ip_addresses: PPP can tell at most two servers, by their "
            "IPv4 addresses");
}

TEST(ConfigTest, KeysAndNamesMustBeUnique) {
  EXPECT_EQ(Problem("daemon: {run_dir: /a, run_dir: /b}"),
            "f:1:23: daemon.run_dir: stands here for the second time");
  EXPECT_EQ(Problem("peers: [{name: peers/a}, {name: peers/a}]"),
            "f:1:33: peers[1].name: there is another peers/a");
}

TEST(ConfigTest, WhatIsReferredToMustBeThere) {
  EXPECT_EQ(Problem("peers: [{name: peers/a, profile: profiles/none}]"),
            "f:1:34: peers[0].profile: there is no profiles/none in this file");
  EXPECT_EQ(Problem("sessions: [{name: tunnels/none/sessions/a}]"),
            "f:1:19: sessions[0].name: there is no tunnels/none in this file");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {pool: pools/x, local_ip_address: "
                    "192.0.2.1}}]"),
            "f:1:43: profiles[0].ppp.pool: there is no pools/x in this file");
  EXPECT_EQ(Problem("users: [{name: users/a, password: x, profile: profiles/none}]"),
            "f:1:47: users[0].profile: there is no profiles/none in this file");
}

TEST(ConfigTest, ReadsTheRadiusServer) {
  const auto config = ParseConfig(R"(
profiles:
  - name: profiles/a
    ppp:
      require_auth: [pap]
      radius: { server: 192.0.2.9, accounting_server: "192.0.2.10:1646", secret: hush, timeout: 2s,
                retries: 1, nas_identifier: lns1 }
)",
                                  "f");
  ASSERT_TRUE(config.ok()) << config.status();
  const control::RadiusSettings& radius = config->profiles.at(0).ppp.radius;
  EXPECT_EQ(radius.server.ToString(), "192.0.2.9:0");
  EXPECT_EQ(radius.accounting_server.ToString(), "192.0.2.10:1646");
  EXPECT_EQ(radius.secret, "hush");
  EXPECT_EQ(radius.timeout, Duration::Seconds(2));
  EXPECT_EQ(radius.retries, 1);
  EXPECT_EQ(radius.nas_identifier, "lns1");
  EXPECT_EQ(
      Problem("profiles: [{name: profiles/a, ppp: {radius: {server: radius}}}]"),
      "f:1:54: profiles[0].ppp.radius.server: \"radius\" is not an address, with or without a "
      "port");
}

TEST(ConfigTest, PoolsAndUsersMustNotTakeFromEachOther) {
  EXPECT_EQ(Problem("pools:\n- {name: pools/a, ip_ranges: [10.0.0.1-10.0.0.9]}\n"
                    "- {name: pools/b, ip_ranges: [10.0.0.9]}\n"),
            "f:3:31: pools[1].ip_ranges[0]: overlaps with what pools/a has");
  EXPECT_EQ(Problem("users:\n- {name: users/a, password: x}\n"
                    "- {name: users/b, password: x, login: a}\n"),
            "f:3:39: users[1].login: users/a has the same login and profile");
  EXPECT_EQ(Problem("users:\n- {name: users/a, password: x, ip_address: 10.0.0.1}\n"
                    "- {name: users/b, password: x, ip_address: 10.0.0.1}\n"),
            "f:3:44: users[1].ip_address: is users/a's");
}

TEST(ConfigTest, SecretsDoNotGetIntoErrors) {
  const std::string secret(300, 's');
  const std::string problem = Problem("peers: [{name: peers/a, secret: " + secret + "}]");
  EXPECT_NE(problem, "");
  EXPECT_EQ(problem.find("sss"), std::string::npos);
}

// A secret where a mistake puts it must not be told either.
TEST(ConfigTest, MisplacedSecretsDoNotGetIntoErrors) {
  EXPECT_EQ(Problem("peers:\n  - {name: peers/a, secret:hunter2}\n"),
            "f:2:21: peers[0].?: is not a known key; is a space missing after a colon?");
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret:hunter2: }]"),
            "f:1:25: peers[0].?: is not a known key; is a space missing after a colon?");
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret:hunter2: 1}]"),
            "f:1:25: peers[0].secret?: is not a known key");
  EXPECT_EQ(Problem("peers: [{secret:hunter2: 1, secret:hunter2: 2}]"),
            "f:1:29: peers[0].secret?: stands here for the second time");
  for (const char* text : {
           "peers: [{name: peers/a, 'secret: hunter2': x}]",
           "peers: [{name: peers/a, secret: h, hunter2}]",
           "peers:\n- name: peers/a\n    secret:hunter2\n",
           "peers:\n- name: peers/a\n    secret: hunter2\n",
           "peers:\n- name: peers/a\n  secret:hunter2\n",
           "peers:\n- name: peers/a\n  secret: %hunter2\n",
           "peers:\n- name: peers/a\n  secret: @hunter2\n",
           "peers:\n- name: peers/a\n  secret: !hunter2\n",
           "peers:\n- name: peers/a\n  secret: &hunter2\n",
           "peers:\n- name: peers/a\n  secret: *hunter2\n",
           "peers:\n- name: peers/a\n  secret: \"\\hunter2\"\n",
           "peers:\n- name: peers/a\n  secret: 'hunter2\n",
           "peers:\n- name: peers/a\n  secret: [hunter2]\n",
           "peers: [{name: peers/a, allow_calls: true secret:hunter2}]",
           "peers: [{name: peers/a, ip_prefix: 192.0.2.1\n secret:hunter2}]",
           "tunnels: [{name: tunnels/a secret:hunter2}]",
           "sessions: [{name: tunnels/a/sessions/b password:hunter2}]",
           "daemon:\n  listen: ['0.0.0.0:1701, hunter2']\n",
       }) {
    const std::string problem = Problem(text);
    EXPECT_NE(problem, "") << text;
    EXPECT_EQ(problem.find("unter"), std::string::npos) << problem;
    EXPECT_EQ(problem.find("\\"), std::string::npos) << problem;
  }
  EXPECT_EQ(Problem("peers: [{name: peers/a, allow_calls: true secret:hunter2}]"),
            "f:1:38: peers[0].allow_calls: \"true...\" is not true or false");
}

TEST(ConfigTest, EmptySecretsAreErrors) {
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret: ''}]"),
            "f:1:33: peers[0].secret: is empty; leave the key out for none");
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret: }]"), "f:1:33: peers[0].secret: has no value");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {password: \"\"}}]"),
            "f:1:47: profiles[0].ppp.password: is empty; leave the key out for none");
}

TEST(ConfigTest, ParsingAloneRefusesSecretFiles) {
  const std::string problem = "is read only when the configuration is loaded from a file";
  EXPECT_EQ(Problem("peers: [{name: peers/a, secret_file: /nonexistent}]"),
            "f:1:38: peers[0].secret_file: " + problem);
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {password_file: x}}]"),
            "f:1:52: profiles[0].ppp.password_file: " + problem);
}

}  // namespace
}  // namespace l2tp::config
