#include "server/history/segment.h"

#include <gtest/gtest.h>

#include "server/history/test_folder.h"

namespace l2tp::history {
namespace {

const SegmentId kId{{{1'700'000'000'000'000'000}, 0xfedcba9876543210}, 7};

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<int64_t> Revisions(SegmentReader& reader) {
  std::vector<int64_t> revisions;
  while (const auto record = reader.Next()) revisions.push_back(record->revision);
  return revisions;
}

TEST(SegmentTest, ANameSaysWhichSegmentItIs) {
  EXPECT_EQ(SegmentName(kId), "1700000000000000000-fedcba9876543210-00000007.events");
  EXPECT_EQ(ParseSegmentName(SegmentName(kId)), kId);
}

TEST(SegmentTest, OtherNamesAreForeign) {
  for (const char* name :
       {"", ".", "notes.events", "1700000000000000000-fedcba9876543210-00000007.events~",
        "1700000000000000000-fedcba9876543210-00000007",
        "-700000000000000000-fedcba9876543210-"
        "00000007.events",
        "1700000000000000000-FEDCBA9876543210-00000007.events",
        "9000000000000000000-fedcba9876543210-00000007.events",
        "9999999999999999999-fedcba9876543210-00000007.events",
        "1700000000000000000-fedcba9876543210-+0000007.events"}) {
    EXPECT_EQ(ParseSegmentName(name), std::nullopt) << name;
  }
}

TEST(SegmentTest, WhatIsWrittenIsRead) {
  Record record = MakeRecord(5, "tunnels/a/sessions/b");
  record.labels = {{"site", "ber1"}, {"empty", ""}};
  record.labels_before = {{"site", "muc1"}};
  record.event = std::string("\0octets\xff", 8);
  const Bytes octets = Join({EncodeHeader(kId), EncodeRecord(record)});
  SegmentReader reader(octets, kId);
  const auto read = reader.Next();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->revision, 5);
  EXPECT_EQ(read->time, WallTime{5});
  EXPECT_EQ(read->type, 5u);
  EXPECT_EQ(read->name, record.name);
  EXPECT_EQ(read->labels, record.labels);
  EXPECT_EQ(read->labels_before, record.labels_before);
  EXPECT_EQ(read->event, record.event);
  EXPECT_EQ(reader.Next(), std::nullopt);
  EXPECT_FALSE(reader.damaged());
}

TEST(SegmentTest, TheSummaryIsThatOfTheRecords) {
  Summary summary;
  for (int64_t revision : {3, 4}) summary.Add(MakeRecord(revision));
  const Bytes octets = Join({EncodeHeader(kId), EncodeRecord(MakeRecord(3)),
                             EncodeRecord(MakeRecord(4)), EncodeSummary(summary)});
  EXPECT_EQ(EncodeSummary(summary).size(), kSummarySize);
  EXPECT_EQ(DecodeSummary(octets), summary);
  SegmentReader reader(octets, kId);
  EXPECT_EQ(Revisions(reader), (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(reader.summary(), summary);
  EXPECT_FALSE(reader.damaged());
}

TEST(SegmentTest, ATruncatedTailIsLeftOut) {
  const Bytes whole =
      Join({EncodeHeader(kId), EncodeRecord(MakeRecord(1)), EncodeRecord(MakeRecord(2))});
  const size_t second = whole.size() - EncodeRecord(MakeRecord(2)).size();
  for (size_t size = second + 1; size < whole.size(); ++size) {
    const Bytes octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    SegmentReader reader(octets, kId);
    EXPECT_EQ(Revisions(reader), std::vector<int64_t>{1});
    EXPECT_TRUE(reader.damaged());
    EXPECT_EQ(DecodeSummary(octets), std::nullopt);
  }
}

TEST(SegmentTest, WhateverOctetIsDamagedNothingWrongIsRead) {
  const Bytes whole =
      Join({EncodeHeader(kId), EncodeRecord(MakeRecord(1)), EncodeRecord(MakeRecord(2))});
  const size_t second = whole.size() - EncodeRecord(MakeRecord(2)).size();
  for (size_t at = 0; at < whole.size(); ++at) {
    Bytes octets = whole;
    octets[at] ^= 0x10;
    SegmentReader reader(octets, kId);
    std::vector<int64_t> expected;
    if (at >= second) expected = {1};
    EXPECT_EQ(Revisions(reader), expected) << at;
    EXPECT_TRUE(reader.damaged()) << at;
  }
}

TEST(SegmentTest, OfAnotherSegmentThereIsNothing) {
  const Bytes octets = Join({EncodeHeader(kId), EncodeRecord(MakeRecord(1))});
  SegmentId other = kId;
  other.number = 8;
  SegmentReader reader(octets, other);
  EXPECT_EQ(reader.Next(), std::nullopt);
  EXPECT_TRUE(reader.damaged());
}

TEST(SegmentTest, ARevisionThatDoesNotRiseIsDamage) {
  const Bytes octets =
      Join({EncodeHeader(kId), EncodeRecord(MakeRecord(2)), EncodeRecord(MakeRecord(2))});
  SegmentReader reader(octets, kId);
  EXPECT_EQ(Revisions(reader), std::vector<int64_t>{2});
  EXPECT_TRUE(reader.damaged());
}

TEST(SegmentTest, WhatIsTooLargeIsNotWritten) {
  Record record = MakeRecord(1);
  record.event = std::string(kMaxRecordSize, 'x');
  EXPECT_TRUE(EncodeRecord(record).empty());
  record = MakeRecord(1, std::string(70'000, 'x'));
  EXPECT_TRUE(EncodeRecord(record).empty());
}

}  // namespace
}  // namespace l2tp::history
