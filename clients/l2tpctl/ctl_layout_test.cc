#include "clients/l2tpctl/layout.h"

#include <cstdlib>

#include "clients/l2tpctl/table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

using ::testing::HasSubstr;

constexpr Terminal kScreen = {.interactive = true, .columns = 80, .rows = 24};

// Without escape sequences.
std::string Bare(const std::string& text) {
  std::string bare;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
    } else {
      bare += text[i];
    }
  }
  return bare;
}

TEST(ColorTest, TerminalsHaveColoursUnlessTheEnvironmentSaysNo) {
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_TRUE(WantsColors(kScreen, ColorMode::kAuto));
  EXPECT_FALSE(WantsColors({}, ColorMode::kAuto));
  EXPECT_FALSE(WantsColors(kScreen, ColorMode::kNever));
  EXPECT_TRUE(WantsColors({}, ColorMode::kAlways));
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(WantsColors(kScreen, ColorMode::kAuto));
  EXPECT_TRUE(WantsColors(kScreen, ColorMode::kAlways));
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(WantsColors(kScreen, ColorMode::kAuto));
}

TEST(ColorTest, StatesHaveTheirs) {
  EXPECT_EQ(StyleOfState("established"), Style::kGood);
  EXPECT_EQ(StyleOfState("waiting"), Style::kBusy);
  EXPECT_EQ(StyleOfState("connecting"), Style::kBusy);
  EXPECT_EQ(StyleOfState("closing"), Style::kBad);
  EXPECT_EQ(StyleOfState("never heard of"), Style::kPlain);
  EXPECT_EQ(Paint("up", Style::kGood, true), "\x1b[32mup\x1b[0m");
  EXPECT_EQ(Paint("up", Style::kGood, false), "up");
}

TEST(ColorTest, TablesAndPagesAreAlignedAlikeWithAndWithoutColours) {
  Table table({"NAME", "STATE", "HOST"});
  table.SetStyle(1, StyleOfState);
  table.AddRow({"a", "established", "x"});
  table.AddRow({"b", "closing", std::string(90, 'h')});
  const std::string colored = table.Render({.width = 40, .colors = true});
  EXPECT_EQ(Bare(colored), table.Render({.width = 40}));
  EXPECT_THAT(colored, HasSubstr("\x1b[32mestablished\x1b[0m  x"));
  EXPECT_THAT(colored, HasSubstr("\x1b[1mNAME\x1b[0m"));
  Page page;
  page.Add("state", "closing", Style::kBad);
  page.Add("message", std::string(50, 'x') + " " + std::string(50, 'y'));
  EXPECT_EQ(Bare(page.Render({.width = 60, .colors = true})), page.Render({.width = 60}));
}

TEST(TerminalTest, ColumnsOfTheEnvironmentGoFirstAndNonsenseIsIgnored) {
  ::setenv("COLUMNS", "72", 1);
  EXPECT_EQ(DetectTerminal(-1).columns, 72u);
  ::setenv("COLUMNS", "3", 1);
  EXPECT_EQ(DetectTerminal(-1).columns, 20u);
  ::setenv("COLUMNS", "-3", 1);
  EXPECT_EQ(DetectTerminal(-1).columns, 0u);
  ::unsetenv("COLUMNS");
  EXPECT_FALSE(DetectTerminal(-1).interactive);
}

TEST(WrapTest, BreaksBetweenWordsAndInsideOfThoseThatAreTooLong) {
  const std::vector<std::pair<std::string, Style>> words = {
      {"one", Style::kPlain}, {"two", Style::kPlain}, {"three", Style::kPlain}};
  EXPECT_EQ(Wrap(words, 4, 0, {}), "one two three");
  EXPECT_EQ(Wrap(words, 2, 0, {.width = 12}), "one two\n  three");
  EXPECT_EQ(Wrap(words, 4, 0, {.width = 14}), "one two three");
  const std::string wrapped = Wrap({{std::string(30, 'x'), Style::kGood}, {"end", Style::kPlain}},
                                   2, 0, {.width = 12, .colors = true});
  EXPECT_EQ(Bare(wrapped), std::string(12, 'x') + "\n  " + std::string(10, 'x') + "\n  " +
                               std::string(8, 'x') + "\n  end");
}

TEST(WrapTest, ValuesOfAPageGoOnBelowThemselves) {
  Page page;
  page.Add("name", "a");
  page.Add("what to do", "look at the log of the daemon and at the peer");
  EXPECT_EQ(page.Render({.width = 40}),
            "name:        a\n"
            "what to do:  look at the log of the\n"
            "             daemon and at the peer\n");
}

}  // namespace
}  // namespace l2tp::ctl
