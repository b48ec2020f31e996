#include "tests/bench/load/ppp/ms_chap_v2.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace l2tp::load::ppp {
namespace {

MsChallenge FromDigits(absl::string_view hex) {
  const Bytes octets = *FromHex(hex);
  MsChallenge challenge = {};
  std::copy(octets.begin(), octets.end(), challenge.begin());
  return challenge;
}

// RFC 2759 section 9.2.
TEST(MsChapV2Test, ComputesTheExampleOfTheRfc) {
  const MsChapLogin login = {
      .authenticator_challenge = FromDigits("5b5d7c7d7b3f2f3e3c2c602132262628"),
      .peer_challenge = FromDigits("21402324255e262a28295f2b3a337c7e"),
      .user = "User",
      .password = "clientPass",
  };
  const NtResponse response = MakeNtResponse(login);
  EXPECT_EQ(ToHex(response), "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
  EXPECT_EQ(MakeAuthenticatorResponse(login, response),
            "S=407A5589115FD0D6209F510FE9C04566932CDA56");
}

}  // namespace
}  // namespace l2tp::load::ppp
