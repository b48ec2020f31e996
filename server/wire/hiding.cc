#include "server/wire/hiding.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>

namespace l2tp::wire {
namespace {

constexpr size_t kBlock = 16;  // octets of an MD5 digest
constexpr size_t kLengthField = 2;

using Digest = std::array<uint8_t, kBlock>;

// One digest context for the blocks of one value.
class Md5 {
 public:
  // The digest of `parts`, one after the other.
  Digest Of(std::initializer_list<ByteSpan> parts) {
    Digest digest;
    bool ok = context_ && EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) == 1;
    for (ByteSpan part : parts) {
      ok = ok && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    }
    if (!ok || EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) {
      // Out of memory, or a libcrypto that forbids MD5: without it there is no L2TP security.
      std::fprintf(stderr, "libcrypto cannot compute MD5\n");
      std::abort();
    }
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

std::array<uint8_t, 2> BigEndian(uint16_t value) {
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

// XORs `input` with the key stream. Block i + 1 of the stream depends on block i of the hidden
// form, which is the output when hiding and the input when un-hiding.
Bytes ApplyKeyStream(uint16_t attribute_type, absl::string_view secret, ByteSpan random_vector,
                     ByteSpan input, bool input_is_hidden) {
  Md5 md5;
  Bytes output(input.size());
  Digest key = md5.Of({BigEndian(attribute_type), AsBytes(secret), random_vector});
  for (size_t start = 0; start < input.size(); start += kBlock) {
    const size_t count = std::min(kBlock, input.size() - start);
    for (size_t i = 0; i < count; ++i) output[start + i] = input[start + i] ^ key[i];
    if (start + count == input.size()) break;
    const ByteSpan hidden = input_is_hidden ? input : ByteSpan(output);
    key = md5.Of({AsBytes(secret), hidden.subspan(start, kBlock)});
  }
  return output;
}

}  // namespace

ChallengeResponse ComputeChallengeResponse(uint8_t message_type, absl::string_view secret,
                                           ByteSpan challenge) {
  return Md5().Of({ByteSpan(&message_type, 1), AsBytes(secret), challenge});
}

bool ChallengeResponseMatches(const ChallengeResponse& expected, ByteSpan received) {
  return received.size() == expected.size() &&
         CRYPTO_memcmp(expected.data(), received.data(), expected.size()) == 0;
}

Bytes HideValue(uint16_t attribute_type, absl::string_view secret, ByteSpan random_vector,
                ByteSpan value, ByteSpan padding) {
  ByteWriter subformat;
  subformat.WriteU16(static_cast<uint16_t>(value.size()));
  subformat.WriteBytes(value);
  subformat.WriteBytes(padding);
  return ApplyKeyStream(attribute_type, secret, random_vector, subformat.bytes(), false);
}

std::optional<Bytes> UnhideValue(uint16_t attribute_type, absl::string_view secret,
                                 ByteSpan random_vector, ByteSpan hidden) {
  if (hidden.size() < kLengthField) return std::nullopt;
  Bytes value = ApplyKeyStream(attribute_type, secret, random_vector, hidden, true);
  const size_t length = size_t{value[0]} << 8 | value[1];
  if (length > value.size() - kLengthField) return std::nullopt;
  value.resize(kLengthField + length);
  value.erase(value.begin(), value.begin() + kLengthField);
  return value;
}

}  // namespace l2tp::wire
