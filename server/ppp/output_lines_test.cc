#include "server/ppp/output_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace l2tp::ppp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Collected {
 public:
  void Append(absl::string_view octets) {
    lines_.Append(octets, [this](absl::string_view line) { all.emplace_back(line); });
  }
  void Finish() {
    lines_.Finish([this](absl::string_view line) { all.emplace_back(line); });
  }
  std::vector<std::string> all;

 private:
  OutputLines lines_;
};

TEST(OutputLinesTest, LineMayArriveInPieces) {
  Collected collected;
  collected.Append("Modem ha");
  EXPECT_THAT(collected.all, IsEmpty());
  collected.Append("ngup\nConnection");
  collected.Append(" terminated.\n\n");
  EXPECT_THAT(collected.all, ElementsAre("Modem hangup", "Connection terminated."));
}

TEST(OutputLinesTest, EndOfTheStreamEndsTheLastLine) {
  Collected collected;
  collected.Append("no newline");
  collected.Finish();
  collected.Finish();
  EXPECT_THAT(collected.all, ElementsAre("no newline"));
}

TEST(OutputLinesTest, EndlessLineIsCutOffAndTheNextOneIsWhole) {
  Collected collected;
  for (int i = 0; i < 100; ++i) collected.Append(std::string(100, 'x'));
  collected.Append("\nshort\n");
  ASSERT_EQ(collected.all.size(), 2u);
  EXPECT_EQ(collected.all[0].size(), OutputLines::kMaxLineSize);
  EXPECT_EQ(collected.all[1], "short");
}

TEST(OutputLinesTest, ControlCharactersCannotForgeALogLine) {
  Collected collected;
  collected.Append("Remote message: \x1b[31mhi\r\xff\n");
  EXPECT_THAT(collected.all, ElementsAre("Remote message: ?[31mhi??"));
}

TEST(LastWordsTest, WhatPppdSaysAtEveryEndIsLeftOut) {
  LastWords words;
  words.Add("Using interface ppp0");
  words.Add("No response to 4 echo-requests");
  words.Add("Serial link appears to be disconnected.");
  words.Add("Connect time 1.0 minutes.");
  words.Add("Sent 0 bytes, received 0 bytes.");
  words.Add("Connection terminated.");
  EXPECT_EQ(words.Text(),
            "No response to 4 echo-requests; Serial link appears to be disconnected.");
}

TEST(LastWordsTest, ListOfOptionsDoesNotHideWhichOneWasWrong) {
  LastWords words;
  words.Add("pppd: unrecognized option 'no-such-option'");
  words.Add("pppd version 2.4.9");
  words.Add("Usage: pppd [ options ], where options are:");
  words.Add(" auth  Require authentication from peer");
  EXPECT_EQ(words.Text(), "pppd: unrecognized option 'no-such-option'");
}

TEST(LastWordsTest, NorDoesWhatPppd25SaysOfItselfBefore) {
  LastWords words;
  words.Add("pppd: unrecognized option 'no-such-option'");
  words.Add("ppp v2.5.3");
  words.Add("Copyright (C) 1999-2024 Paul Mackerras, and others. All rights reserved.");
  words.Add("Usage: pppd [ options ], where options are:");
  EXPECT_EQ(words.Text(), "pppd: unrecognized option 'no-such-option'");
}

TEST(LastWordsTest, OnlyTheLastOnesAreKept) {
  LastWords words;
  for (const char* line : {"1", "2", "3", "4"}) words.Add(line);
  EXPECT_EQ(words.Text(), "2; 3; 4");
}

}  // namespace
}  // namespace l2tp::ppp
