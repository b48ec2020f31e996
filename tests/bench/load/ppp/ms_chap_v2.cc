// MD4 and single DES are what RFC 2759 wants and what OpenSSL 3 has in a provider that is not
// loaded by default; the old calls need none.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/bench/load/ppp/ms_chap_v2.h"

#include <openssl/des.h>
#include <openssl/evp.h>
#include <openssl/md4.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace l2tp::load::ppp {
namespace {

constexpr size_t kDesKey = 7;  // octets, of 8 bits; OpenSSL has 8 of 7
constexpr size_t kDesBlock = 8;

using Sha = std::array<uint8_t, SHA_DIGEST_LENGTH>;
using Md4 = std::array<uint8_t, MD4_DIGEST_LENGTH>;
using DesBlock = std::array<uint8_t, kDesBlock>;

Sha ShaOf(const Bytes& octets) {
  Sha digest;
  SHA1(octets.data(), octets.size(), digest.data());
  return digest;
}

Md4 Md4Of(ByteSpan octets) {
  Md4 digest;
  MD4(octets.data(), octets.size(), digest.data());
  return digest;
}

template <typename Octets>
void Append(const Octets& octets, Bytes* to) {
  to->insert(to->end(), octets.begin(), octets.end());
}

// Section 8.2: the first eight octets.
Sha ChallengeHash(const MsChapLogin& login) {
  Bytes input;
  Append(login.peer_challenge, &input);
  Append(login.authenticator_challenge, &input);
  Append(login.user, &input);
  return ShaOf(input);
}

// Section 8.3: the password in UTF-16, least significant octet first.
Md4 NtPasswordHash(absl::string_view password) {
  Bytes unicode;
  for (const char c : password) {
    unicode.push_back(static_cast<uint8_t>(c));
    unicode.push_back(0);
  }
  return Md4Of(unicode);
}

// Section 8.6. Each octet of the key has 7 bits of it, and a parity bit that nobody looks at.
void DesEncrypt(const uint8_t* clear, const uint8_t* key, uint8_t* cipher) {
  uint64_t bits = 0;
  for (size_t i = 0; i < kDesKey; ++i) bits = bits << 8 | key[i];
  DES_cblock spread;
  for (int i = 0; i < static_cast<int>(kDesBlock); ++i) {
    spread[i] = static_cast<uint8_t>((bits >> (49 - 7 * i) & 0x7f) << 1);
  }
  DES_key_schedule schedule;
  DES_set_key_unchecked(&spread, &schedule);
  DES_cblock in;
  DES_cblock out;
  std::memcpy(in, clear, sizeof(in));
  DES_ecb_encrypt(&in, &out, &schedule, DES_ENCRYPT);
  std::memcpy(cipher, out, sizeof(out));
}

}  // namespace

NtResponse MakeNtResponse(const MsChapLogin& login) {
  const Sha challenge = ChallengeHash(login);
  const Md4 hash = NtPasswordHash(login.password);
  std::array<uint8_t, 3 * kDesKey> keys = {};  // section 8.5: padded with zeros
  std::copy(hash.begin(), hash.end(), keys.begin());
  NtResponse response;
  for (size_t i = 0; i < 3; ++i) {
    DesEncrypt(challenge.data(), &keys[i * kDesKey], &response[i * kDesBlock]);
  }
  return response;
}

std::string MakeAuthenticatorResponse(const MsChapLogin& login, const NtResponse& response) {
  constexpr absl::string_view kMagic1 = "Magic server to client signing constant";
  constexpr absl::string_view kMagic2 = "Pad to make it do more than one iteration";
  const Md4 hash = NtPasswordHash(login.password);
  Bytes input;
  Append(Md4Of(hash), &input);
  Append(response, &input);
  Append(kMagic1, &input);
  const Sha first = ShaOf(input);
  input.assign(first.begin(), first.end());
  const Sha challenge = ChallengeHash(login);
  input.insert(input.end(), challenge.begin(), challenge.begin() + kDesBlock);
  Append(kMagic2, &input);
  return absl::StrCat("S=", absl::AsciiStrToUpper(ToHex(ShaOf(input))));
}

}  // namespace l2tp::load::ppp
