#include "server/api/fingerprint.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/tunnel.pb.h"

namespace l2tp::api {
namespace {

TEST(FingerprintTest, TheOrderOfLabelsDoesNotMatter) {
  v1::Tunnel forwards;
  v1::Tunnel backwards;
  for (int i = 0; i < 32; ++i) {
    (*forwards.mutable_labels())[absl::StrCat("key", i)] = absl::StrCat(i);
    (*backwards.mutable_labels())[absl::StrCat("key", 31 - i)] = absl::StrCat(31 - i);
  }
  EXPECT_EQ(Fingerprint(forwards), Fingerprint(backwards));
}

TEST(FingerprintTest, AnotherValueOrAnotherMessageIsAnother) {
  v1::Peer peer;
  peer.set_host_name("lac");
  v1::Peer other = peer;
  other.set_host_name("lns");
  EXPECT_NE(Fingerprint(peer), Fingerprint(other));
  EXPECT_NE(Fingerprint(v1::Peer()), Fingerprint(v1::Tunnel()));
}

TEST(FingerprintTest, SecretsCannotBeReadInIt) {
  v1::Peer peer;
  peer.set_secret("hush");
  EXPECT_EQ(Fingerprint(peer).find("hush"), std::string::npos);
}

}  // namespace
}  // namespace l2tp::api
