#include "clients/l2tpctl/yaml.h"

#include <string>
#include <vector>

#include "clients/l2tpctl/fields.h"
#include "clients/l2tpctl/output.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"

namespace l2tp::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(YamlTest, IsBlockStyleWithTheFieldNamesOfTheApi) {
  v1::Peer peer;
  peer.set_name("peers/isp");
  peer.set_ip_prefix("192.0.2.0/24");
  EXPECT_THAT(ToYaml(peer), StartsWith("name: peers/isp\nip_prefix: \"192.0.2.0/24\"\n"));
  v1::Session session;
  session.set_state(v1::Session::STATE_WAITING);
  session.mutable_counters()->set_rx_byte_count(5'000'000'000);
  session.add_routes("192.0.2.0/24");
  const std::string yaml = ToYaml(session);
  EXPECT_THAT(yaml, HasSubstr("\nstate: STATE_WAITING\n"));
  EXPECT_THAT(yaml, HasSubstr("\n  rx_byte_count: 5000000000\n"));
  EXPECT_THAT(yaml, HasSubstr("\nroutes:\n  - \"192.0.2.0/24\"\n"));
}

TEST(YamlTest, LeavesSecretsOut) {
  v1::Peer peer;
  peer.set_name("peers/isp");
  EXPECT_THAT(ToYaml(peer), Not(HasSubstr("secret")));
}

// What YAML 1.1 and 1.2 take for something else than text.
TEST(YamlTest, TextThatLooksLikeSomethingElseIsQuotedAndReadBack) {
  const std::vector<std::string> texts = {
      "true",   "Yes",     "no",   "NULL", "~",    "5551000", "1e3",     "2026-01-31",
      "0x10",   "::1",     "-",    "- a",  "a: b", "a #b",    "[a",      "{a}",
      "*alias", "&anchor", "!tag", "",     " a ",  "a\nb",    "\x1b[2J", "gr\xc3\xbc",
      "'",      "\"",      "\\",   "%a",   "@",    "<<"};
  for (const std::string& text : texts) {
    v1::Session session;
    session.set_called_number(text);
    const std::string yaml = ToYaml(session);
    EXPECT_THAT(yaml, HasSubstr("\ncalled_number: \"")) << yaml;
    EXPECT_EQ(yaml.find('\x1b'), std::string::npos);
    v1::Session read;
    ASSERT_TRUE(FromYaml(yaml, &read).ok()) << yaml;
    EXPECT_EQ(read.called_number(), text);
  }
}

TEST(YamlTest, WhatItWritesItReads) {
  v1::Profile profile;
  profile.set_name("profiles/p");
  profile.mutable_tunnel()->mutable_hello_interval()->set_nanos(500'000'000);
  profile.mutable_tunnel()->set_udp_checksums(false);
  profile.mutable_session()->set_tx_connect_speed_bps(10'000'000'000);
  profile.mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_CHAP_MD5);
  profile.mutable_ppp()->add_pppd_options("lcp-restart 5");
  v1::Profile read;
  const absl::Status status = FromYaml(ToYaml(profile), &read);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(ToJson(read), ToJson(profile));
}

TEST(YamlTest, PeopleMayWriteItTheirWay) {
  v1::Session session;
  const absl::Status status = FromYaml(
      "# what we want\n---\ncalled_number: 5551000\nbearer_type: 3\npersistent: true\n"
      "routes: [192.0.2.0/24, '198.51.100.0/24']\nlcp: {mru: 1400}\ncause:\n",
      &session);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(session.called_number(), "5551000");
  EXPECT_EQ(session.bearer_type(), 3u);
  EXPECT_TRUE(session.persistent());
  EXPECT_EQ(session.routes_size(), 2);
  EXPECT_EQ(session.lcp().mru(), 1400);
  EXPECT_FALSE(session.has_cause());
}

TEST(YamlTest, WhatIsWrongIsNamed) {
  v1::Session session;
  EXPECT_THAT(FromYaml("callled_number: 1\n", &session).message(), HasSubstr("callled_number"));
  EXPECT_THAT(FromYaml("user: a\nuser: b\n", &session).message(), HasSubstr("\"user\" is there"));
  EXPECT_THAT(FromYaml("user: a\n---\nuser: b\n", &session).message(), HasSubstr("more than one"));
  for (const char* wrong : {"", "- a\n", "text", "a: [b\n", "a: b: c\n", "? [a]\n: b\n",
                            "a: &x 1\nb: *y\n", "mtu: many\n"}) {
    EXPECT_FALSE(FromYaml(wrong, &session).ok()) << wrong;
  }
}

TEST(YamlTest, AnchorsDoNotMakeMuchOfLittle) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += "*a" + std::to_string(i - 1) + ",";
    bomb += "]\n";
  }
  v1::Session session;
  EXPECT_THAT(FromYaml(bomb, &session).message(), HasSubstr("too long"));
  EXPECT_FALSE(FromYaml("a: " + std::string(5000, '['), &session).ok());
}

TEST(OutputTest, ListsAreOneLineOfJsonOrADocumentAResource) {
  std::vector<v1::Peer> peers(2);
  peers[0].set_name("peers/a");
  peers[1].set_name("peers/b");
  EXPECT_THAT(EncodeList(peers, Output::kJson),
              ::testing::MatchesRegex("\\[\\{.*\\},\\{.*\\}\\]\n"));
  const std::string yaml = EncodeList(peers, Output::kYaml);
  EXPECT_THAT(yaml, StartsWith("name: peers/a\n"));
  EXPECT_THAT(yaml, HasSubstr("\n---\nname: peers/b\n"));
  EXPECT_EQ(EncodeList(std::vector<v1::Peer>(), Output::kJson), "[]\n");
  EXPECT_EQ(EncodeList(std::vector<v1::Peer>(), Output::kYaml), "");
}

}  // namespace
}  // namespace l2tp::ctl
