#include "server/protocol/sequence.h"

#include <gtest/gtest.h>

#include "server/wire/test_vectors.h"

namespace l2tp::protocol {
namespace {

TEST(SequenceTest, EveryNsVectorIsJudgedAsStated) {
  int count = 0;
  for (const TestVector& vector : TestVectorsOfKind("seq16")) {
    const auto expected = static_cast<uint16_t>(vector.Number("expected"));
    const auto ns = static_cast<uint16_t>(vector.Number("ns"));
    const std::string& verdict = vector.Text("verdict");
    const Arrival want = verdict[0] == 'i'   ? Arrival::kInSequence
                         : verdict[0] == 'o' ? Arrival::kOld
                                             : Arrival::kAhead;
    EXPECT_EQ(ClassifyNs(expected, ns), want) << vector.id();
    ++count;
  }
  if (IsOwnVectorFile()) {
    EXPECT_EQ(count, 22);
  }
}

TEST(SequenceTest, EveryNrVectorReleasesAsManyAsStated) {
  int count = 0;
  for (const TestVector& vector : TestVectorsOfKind("ack16")) {
    EXPECT_EQ(AcknowledgedCount(static_cast<uint16_t>(vector.Number("U")),
                                static_cast<uint16_t>(vector.Number("X")),
                                static_cast<uint16_t>(vector.Number("Nr"))),
              vector.Number("released"))
        << vector.id();
    ++count;
  }
  if (IsOwnVectorFile()) {
    EXPECT_EQ(count, 14);
  }
}

}  // namespace
}  // namespace l2tp::protocol
