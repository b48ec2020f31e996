#include "server/base/bytes.h"

#include <gtest/gtest.h>

namespace l2tp {
namespace {

TEST(ByteReaderTest, ReadsBigEndianNumbersInOrder) {
  const Bytes data = *FromHex("01020304050607080910111213141516");
  ByteReader reader(data);
  EXPECT_EQ(reader.ReadU8(), 0x01);
  EXPECT_EQ(reader.ReadU16(), 0x0203);
  EXPECT_EQ(reader.ReadU32(), 0x04050607u);
  EXPECT_EQ(reader.ReadU64(), 0x0809101112131415u);
  EXPECT_EQ(reader.remaining(), 1u);
}

TEST(ByteReaderTest, ReadPastTheEndConsumesNothing) {
  const Bytes data = *FromHex("010203");
  ByteReader reader(data);
  EXPECT_FALSE(reader.ReadU32().has_value());
  EXPECT_FALSE(reader.ReadBytes(4).has_value());
  EXPECT_EQ(reader.remaining(), 3u);
  EXPECT_EQ(reader.ReadU16(), 0x0102);
}

TEST(ByteWriterTest, WritesWhatTheReaderReads) {
  ByteWriter writer;
  writer.WriteU16(0);
  writer.WriteU32(0xdeadbeef);
  writer.WriteU64(1);
  writer.WriteText("ab");
  writer.PatchU16(0, static_cast<uint16_t>(writer.size()));
  EXPECT_EQ(ToHex(writer.bytes()), "0010deadbeef00000000000000016162");
}

TEST(HexTest, RefusesOddLengthAndForeignDigits) {
  EXPECT_FALSE(FromHex("abc").has_value());
  EXPECT_FALSE(FromHex("zz").has_value());
  EXPECT_EQ(FromHex(""), Bytes());
}

}  // namespace
}  // namespace l2tp
