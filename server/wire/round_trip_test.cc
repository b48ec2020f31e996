// Random messages over the whole AVP table: what is encoded is decoded again.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "server/wire/avp_table.h"
#include "server/wire/message.h"

namespace l2tp::wire {
namespace {

constexpr int kSeeds = 2000;
constexpr absl::string_view kSecret = "l2tp-lab-secret";

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  // Of a random type, with every AVP it requires and any of the others, in random order.
  Message RandomMessage() {
    Message message(RandomType());
    std::vector<const AvpRow*> rows;
    for (const AvpRow& row : AvpTable()) {
      if (row.type == AvpType::kMessageType || row.type == AvpType::kRandomVector) continue;
      if (Contains(row.required_in, message.type()) || Below(4) == 0) rows.push_back(&row);
    }
    std::shuffle(rows.begin(), rows.end(), random_);
    for (const AvpRow* row : rows) message.Add(row->type, RandomValue(*row));
    return message;
  }

  Bytes RandomOctets(size_t least, size_t most) {
    Bytes octets(least + Below(most - least + 1));
    for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random_());
    return octets;
  }

 private:
  uint32_t Below(size_t bound) { return static_cast<uint32_t>(random_() % bound); }
  uint32_t U32() { return static_cast<uint32_t>(random_()); }
  uint16_t U16() { return static_cast<uint16_t>(random_()); }
  std::string Text(size_t least, size_t most) { return AsText(RandomOctets(least, most)); }

  MessageType RandomType() {
    uint16_t number = 0;
    while (!IsKnownMessageType(number)) number = static_cast<uint16_t>(Below(17));
    return static_cast<MessageType>(number);
  }

  AvpValue RandomValue(const AvpRow& row) {
    // Mostly short, at times as long as an AVP can be when it is hidden.
    const size_t longest = Below(8) == 0 ? 1015 : 40;
    switch (row.layout) {
      case Layout::kEmpty: return Empty();
      case Layout::kU16: return row.non_zero ? static_cast<uint16_t>(1 + Below(65535)) : U16();
      case Layout::kU32: return U32();
      case Layout::kU64:
      case Layout::kTieBreaker: return uint64_t{U32()} << 32 | U32();
      case Layout::kText:
      case Layout::kOctets: return Text(row.min_size, row.max_size == 0 ? longest : row.max_size);
      case Layout::kProtocolVersion:
        return ProtocolVersion{static_cast<uint8_t>(U32()), static_cast<uint8_t>(U32())};
      case Layout::kResultCode:
        return ResultCode{static_cast<uint16_t>(Below(256)), U16(), Text(0, longest - 4)};
      case Layout::kQ931Cause:
        return Q931Cause{U16(), static_cast<uint8_t>(U32()), Text(0, longest - 3)};
      case Layout::kCallErrors: return CallErrors{U32(), U32(), U32(), U32(), U32(), U32()};
      case Layout::kAccm: return Accm{U32(), U32()};
      case Layout::kPppDisconnect:
        return PppDisconnectCause{U16(), U16(), static_cast<uint8_t>(Below(3)),
                                  Text(0, longest - 5)};
    }
    return Empty();
  }

  std::mt19937 random_;
};

void ExpectSame(const Message& message, const Bytes& body,
                std::optional<absl::string_view> secret) {
  const Decoded decoded = DecodeMessage(SplitAvps(body), secret);
  ASSERT_FALSE(decoded.fault.has_value()) << decoded.fault->text;
  EXPECT_FALSE(decoded.ignore);
  EXPECT_EQ(decoded.ignored_avps, 0);
  ASSERT_EQ(decoded.message, message) << decoded.message.ToString() << "\n" << message.ToString();
}

TEST(RoundTripTest, EveryMessageIsDecodedAsItWasEncoded) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const Message message = Generator(seed).RandomMessage();
    ASSERT_NO_FATAL_FAILURE(ExpectSame(message, EncodeBody(message), std::nullopt));
  }
}

TEST(RoundTripTest, EveryMessageIsDecodedAsItWasHidden) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Generator generator(seed);
    const Message message = generator.RandomMessage();
    const Bytes random_vector = generator.RandomOctets(16, 64);
    const Bytes padding = generator.RandomOctets(0, 40);
    const HidingParams hiding{kSecret, random_vector, padding};
    ASSERT_NO_FATAL_FAILURE(ExpectSame(message, EncodeBody(message, &hiding), kSecret));
  }
}

TEST(RoundTripTest, AHiddenMessageReadWithAnotherSecretNeverCrashes) {
  int faults = 0;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    Generator generator(seed);
    const Message message = generator.RandomMessage();
    const Bytes random_vector = generator.RandomOctets(16, 16);
    const HidingParams hiding{kSecret, random_vector, {}};
    faults += DecodeMessage(SplitAvps(EncodeBody(message, &hiding)), "other").fault.has_value();
  }
  EXPECT_GT(faults, kSeeds / 2);
}

}  // namespace
}  // namespace l2tp::wire
