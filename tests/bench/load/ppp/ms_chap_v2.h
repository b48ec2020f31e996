// The computations of MS-CHAPv2 (RFC 2759 section 8).

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_MS_CHAP_V2_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_MS_CHAP_V2_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"

namespace l2tp::load::ppp {

inline constexpr size_t kMsChallengeSize = 16;
inline constexpr size_t kNtResponseSize = 24;
using MsChallenge = std::array<uint8_t, kMsChallengeSize>;
using NtResponse = std::array<uint8_t, kNtResponseSize>;

// What of a login goes into the computations. `password` is taken as UTF-8 and must be ASCII; the
// user's name without a Windows domain in front.
struct MsChapLogin {
  MsChallenge authenticator_challenge;
  MsChallenge peer_challenge;
  absl::string_view user;
  absl::string_view password;
};

// GenerateNTResponse() of section 8.1.
NtResponse MakeNtResponse(const MsChapLogin& login);

// GenerateAuthenticatorResponse() of section 8.7: "S=" and 40 hexadecimal digits in upper case.
std::string MakeAuthenticatorResponse(const MsChapLogin& login, const NtResponse& response);

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_MS_CHAP_V2_H_
