#include "clients/l2tpctl/table.h"

#include <sstream>

#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

size_t LongestLine(const std::string& text) {
  std::istringstream lines(text);
  size_t longest = 0;
  for (std::string line; std::getline(lines, line);) {
    longest = std::max(longest, DisplayWidth(line));
  }
  return longest;
}

TEST(TableTest, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
  Table table({"NAME", "STATE"});
  table.AddRow({"lns1", "established"});
  table.AddRow({"a-longer-one", ""});
  EXPECT_EQ(table.Render(),
            "NAME          STATE\n"
            "lns1          established\n"
            "a-longer-one\n");
}

TEST(TableTest, WithoutRowsOnlyTheHeadingsAreShown) {
  EXPECT_EQ(Table({"NAME", "STATE"}).Render(), "NAME  STATE\n");
}

TEST(TableTest, CutsTheWidestColumnsToFit80Columns) {
  Table table({"NAME", "HOST", "STATE"});
  table.AddRow({"lns1", std::string(90, 'x'), "established"});
  const std::string text = table.Render({.width = 80});
  EXPECT_LE(LongestLine(text), 80u);
  EXPECT_NE(text.find("x~"), std::string::npos);
  EXPECT_NE(text.find("established"), std::string::npos);
}

TEST(TableTest, CutsNamesLast) {
  Table table({"NAME", "HOST", "STATE"});
  table.AddRow({std::string(60, 'n'), std::string(60, 'h'), "up"});
  const std::string text = table.Render({.width = 80});
  EXPECT_LE(LongestLine(text), 80u);
  EXPECT_NE(text.find(std::string(60, 'n')), std::string::npos);
}

TEST(TableTest, CutsNothingWithoutAWidth) {
  Table table({"NAME", "HOST"});
  table.AddRow({std::string(90, 'n'), std::string(90, 'h')});
  EXPECT_EQ(LongestLine(table.Render()), 182u);
}

TEST(TableTest, MoreColumnsAreForWideTables) {
  Table table({"NAME"}, {"PROFILE"});
  table.AddRow({"a", "p"});
  EXPECT_EQ(table.Render(), "NAME\na\n");
  EXPECT_EQ(table.Render({.all_columns = true}), "NAME  PROFILE\na     p\n");
}

TEST(TableTest, NumbersMayStandOnTheRight) {
  Table table({"NAME", "COUNT", "X"});
  table.AlignRight(1);
  table.AddRow({"a", "7", "x"});
  table.AddRow({"b", "123456", ""});
  EXPECT_EQ(table.Render(), "NAME   COUNT  X\na          7  x\nb     123456\n");
}

TEST(TableTest, OnANarrowTerminalTheLastColumnsAreLeftOut) {
  Table table({"NAME", "STATE", "LOCAL", "REMOTE"});
  table.Keep(1);
  table.AddRow({"tunnel", "closing", "192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(table.Render({.width = 33}),
            "NAME    STATE    LOCAL    REMOTE\ntunnel  closing  192.0.~  192.0.~\n");
  EXPECT_EQ(table.Render({.width = 26}), "NAME    STATE    LOCAL\ntunnel  closing  192.0.2.1\n");
  EXPECT_EQ(table.Render({.width = 20}), "NAME    STATE\ntunnel  closing\n");
  EXPECT_EQ(table.Render({.width = 14}), "NAME    STATE\ntunnel  closi~\n");
}

TEST(TableTest, CountsCharactersAndNotOctets) {
  Table table({"NAME", "X"});
  table.AddRow(
      {"gr\xc3\xbc\xc3\x9f"
       "e",
       "1"});
  table.AddRow({"plain", "2"});
  EXPECT_EQ(table.Render(),
            "NAME   X\ngr\xc3\xbc\xc3\x9f"
            "e  1\nplain  2\n");
}

TEST(TableTest, ControlCharactersOfPeersDoNotReachTheTerminal) {
  Table table({"NAME", "HOST"});
  table.AddRow({"a", "\x1b[2J\xc2\x9b\n\x7f"});
  EXPECT_EQ(table.Render(), "NAME  HOST\na     \\x1b[2J\\x9b\\x0a\\x7f\n");
}

TEST(PrintableTest, LeavesTextOfAllLanguagesAlone) {
  const std::string text = "gr\xc3\xbc\xc3\x9f \xc2\xa0 \xe2\x82\xac \\ ~";
  EXPECT_EQ(Printable(text), text);
  EXPECT_EQ(Printable("\xc2"), "\xc2");
}

TEST(PageTest, ValuesAreShownPrintable) {
  Page page;
  page.Add("message", "a\x1b]0;b\x07");
  EXPECT_EQ(page.Render(), "message:  a\\x1b]0;b\\x07\n");
}

TEST(PageTest, AlignsValuesAndLeavesOutWhatIsEmpty) {
  Page page;
  page.Add("name", "tunnels/a");
  page.Add("peer", "");
  page.Gap();
  page.Add("closed by", "PPP");
  page.Gap();
  EXPECT_EQ(page.Render(), "name:       tunnels/a\n\nclosed by:  PPP\n");
}

}  // namespace
}  // namespace l2tp::ctl
