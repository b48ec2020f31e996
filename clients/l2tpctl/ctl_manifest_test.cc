#include <fstream>
#include <sstream>

#include "clients/l2tpctl/difference.h"
#include "clients/l2tpctl/manifest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Manifest> Parse(const std::string& yaml) {
  return ParseManifest(yaml, "f", [](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "hush.txt") return "hush";
    return absl::NotFoundError("cannot read " + path);
  });
}

std::string Problem(const std::string& yaml) { return std::string(Parse(yaml).status().message()); }

TEST(ManifestTest, TakesWhatTheDaemonsConfigurationTakes) {
  std::ifstream file(L2TP_SOURCE_DIR "/tests/fuzz/corpus/config/everything");
  std::stringstream text;
  text << file.rdbuf();
  const absl::StatusOr<Manifest> manifest = Parse(text.str());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  ASSERT_EQ(manifest->profiles.size(), 3u);
  const v1::Profile& profile = manifest->profiles[1];
  EXPECT_EQ(profile.tunnel().retransmit_timeout().nanos(), 500'000'000);
  EXPECT_EQ(profile.tunnel().path_mtu_discovery(), v1::TunnelSettings::PATH_MTU_DISCOVERY_WANT);
  EXPECT_EQ(profile.ppp().asyncmap(), 0xa0000u);
  EXPECT_EQ(profile.ppp().mru(), 0);
  EXPECT_THAT(profile.ppp().require_auth(), ElementsAre(v1::PppSettings::AUTH_METHOD_CHAP_MD5,
                                                        v1::PppSettings::AUTH_METHOD_MSCHAPV2));
  EXPECT_EQ(manifest->profiles[2].ppp().radius().secret(), "hush");
  EXPECT_EQ(manifest->users.at(0).password(), "bobs");
  EXPECT_TRUE(manifest->sessions.at(0).persistent());
}

TEST(ManifestTest, SaysWhereWhatIsWrong) {
  EXPECT_EQ(Problem("peers:\n- name: peers/a\n  nonsense: 1\n"),
            "f:3:3: peers[0].nonsense: cannot be given");
  EXPECT_THAT(Problem("tunnels:\n- name: tunnels/a\n  remote_port: x\n"),
              HasSubstr("f:3:16: tunnels[0].remote_port: "));
  EXPECT_THAT(Problem("tunnels:\n- name: tunnels/a\n  state: STATE_CLOSED\n"),
              HasSubstr("tunnels[0].state: cannot be given"));
  EXPECT_THAT(Problem("peers:\n- ip_prefix: 192.0.2.0/24\n"),
              HasSubstr("peers[0].name: is missing"));
  EXPECT_THAT(Problem("peers:\n- name: peers/a\n- name: peers/a\n"),
              HasSubstr("peers[1].name: peers/a stands here for the second time"));
  EXPECT_THAT(Problem("peers: {}\n"), HasSubstr("peers: is not a list"));
  EXPECT_THAT(Problem("peer: []\n"), HasSubstr("peer: is no section"));
  EXPECT_THAT(Problem("- 1\n"), HasSubstr("is not a mapping of sections"));
  EXPECT_THAT(Problem("a: [\n"), HasSubstr("f:"));
  EXPECT_EQ(Problem(std::string("\x0b\xff\0\x04", 4)).find('\x0b'), std::string::npos);
  EXPECT_THAT(Problem("---\n{}\n---\n{}\n"), HasSubstr("more than one document"));
}

TEST(ManifestTest, SecretsDoNotGetIntoMessages) {
  EXPECT_EQ(Problem("peers:\n- name: peers/a\n  secret: [hush]\n").find("hush"), std::string::npos);
  EXPECT_THAT(Problem("peers:\n- name: peers/a\n  secret_file: /nowhere/at/all\n"),
              HasSubstr("peers[0].secret_file: cannot read /nowhere/at/all"));
  EXPECT_EQ(Parse("peers:\n- name: peers/a\n  secret_file: hush.txt\n")->peers[0].secret(), "hush");
  EXPECT_THAT(Problem("peers:\n- name: peers/a\n  host_name_file: x\n"),
              HasSubstr("cannot be given"));
}

TEST(ManifestTest, WhatCouldGoOnForEverIsRefused) {
  EXPECT_THAT(Problem("peers: &a [*a]\n"), HasSubstr("f:1:8: anchors and aliases"));
  EXPECT_THAT(Problem(",\xf1"), HasSubstr("is not UTF-8"));
  EXPECT_THAT(Problem(std::string(100, '[')), HasSubstr("f:"));
  EXPECT_THAT(Problem(std::string(20, '[') + std::string(20, ']')), HasSubstr("too deeply"));
}

TEST(ManifestTest, JsonIsYaml) {
  const auto manifest =
      Parse(R"({"peers": [{"name": "peers/a", "labels": {"site": "ber1"}, "deny": true}]})");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->peers.at(0).labels().at("site"), "ber1");
  EXPECT_TRUE(manifest->peers.at(0).deny());
}

TEST(ManifestTest, AnEmptySectionIsASection) {
  const auto manifest = Parse("peers:\ntunnels: []\ndaemon: { anything: 1 }\n");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_THAT(manifest->sections, ElementsAre("peers", "tunnels"));
}

TEST(ManifestTest, WhatIsWrittenCanBeReadButForSecrets) {
  std::ifstream file(L2TP_SOURCE_DIR "/tests/fuzz/corpus/config/everything");
  std::stringstream text;
  text << file.rdbuf();
  const absl::StatusOr<Manifest> first = Parse(text.str());
  ASSERT_TRUE(first.ok());
  const std::string written = FormatManifest(*first);
  EXPECT_EQ(written.find("hush"), std::string::npos);
  const absl::StatusOr<Manifest> second = Parse(written);
  ASSERT_TRUE(second.ok()) << second.status() << "\n" << written;
  EXPECT_EQ(FormatManifest(*second), written);
  for (size_t i = 0; i < first->profiles.size(); ++i) {
    EXPECT_THAT(Differences(first->profiles[i], second->profiles[i]), ElementsAre());
  }
}

TEST(DifferenceTest, EachFieldThatDiffersHasALine) {
  v1::Profile before;
  before.mutable_ppp()->set_mtu(1400);
  before.mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_PAP);
  (*before.mutable_labels())["site"] = "ber1";
  v1::Profile after = before;
  after.mutable_ppp()->set_mtu(1350);
  after.mutable_ppp()->set_password("hush");
  after.mutable_ppp()->clear_require_auth();
  after.mutable_tunnel()->mutable_hello_interval()->set_seconds(90);
  (*after.mutable_labels())["site"] = "ham2";
  after.set_etag("other");
  EXPECT_THAT(Differences(before, after),
              ElementsAre("labels.site: ber1 -> ham2", "ppp.mtu: 1400 -> 1350",
                          "tunnel.hello_interval: none -> 1m30s",
                          "ppp.require_auth: AUTH_METHOD_PAP -> none"));
  EXPECT_THAT(DifferencesOfSet(after, before),
              ElementsAre("labels.site: ham2 -> ber1", "ppp.mtu: 1350 -> 1400",
                          "ppp.require_auth: none -> AUTH_METHOD_PAP"));
}

TEST(DifferenceTest, FingerprintsDifferWithWhatCanBeGivenButNotWithLabelsAndSecrets) {
  v1::Tunnel tunnel;
  tunnel.set_name("tunnels/a");
  tunnel.set_remote_ip_address("192.0.2.1");
  const std::string before = Fingerprint(tunnel);
  EXPECT_EQ(before.size(), 16u);
  tunnel.set_secret("hush");
  (*tunnel.mutable_labels())["site"] = "ber1";
  tunnel.set_state(v1::Tunnel::STATE_ESTABLISHED);
  EXPECT_EQ(Fingerprint(tunnel), before);
  tunnel.set_remote_port(1702);
  EXPECT_NE(Fingerprint(tunnel), before);
}

}  // namespace
}  // namespace l2tp::ctl
