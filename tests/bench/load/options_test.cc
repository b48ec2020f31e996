#include "tests/bench/load/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace l2tp::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class OptionsTest : public ::testing::Test {
 protected:
  ~OptionsTest() override {
    if (!file_.empty()) std::remove(file_.c_str());
  }
  Options Parse(const std::vector<std::string>& arguments) {
    const ParsedCommand parsed = ParseCommandLine(arguments, out_, err_);
    EXPECT_FALSE(parsed.exit.has_value()) << err_.str();
    return parsed.options;
  }
  std::optional<int> ExitOf(const std::vector<std::string>& arguments) {
    return ParseCommandLine(arguments, out_, err_).exit;
  }
  // The path of a file with `text`.
  std::string File(const std::string& text) {
    char name[] = "/tmp/l2tp-load-test.XXXXXX";
    const int fd = mkstemp(name);
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(fd);
    return file_ = name;
  }

  std::ostringstream out_;
  std::ostringstream err_;
  std::string file_;
};

TEST_F(OptionsTest, ATargetIsEnough) {
  const Options options = Parse({"192.0.2.1"});
  EXPECT_EQ(options.lac.target.ToString(), "192.0.2.1:1701");
  EXPECT_EQ(options.lac.tunnels, 1);
  EXPECT_EQ(options.lac.calls, 1);
  EXPECT_EQ(options.lac.call.ping.count, 1);
  EXPECT_THAT(options.lac.call.ppp.lcp.accept_auth, SizeIs(0)) << "nobody to log in as";
}

TEST_F(OptionsTest, TheTargetMayStandBehindAnyOption) {
  const Options options = Parse(
      {"--local", "127.0.0.2-127.0.0.3", "--local", "127.0.0.9", "--auth", "pap", "127.0.0.1:7"});
  EXPECT_EQ(options.lac.target.ToString(), "127.0.0.1:7");
  EXPECT_THAT(options.lac.local, SizeIs(3));
}

TEST_F(OptionsTest, SecretsComeFromTheFirstLineOfAFile) {
  const std::string file = File("open sesame\r\nsecond line\n");
  const Options options =
      Parse({"192.0.2.1", "--user", "u%d", "--password-file", file, "--secret-file", file});
  EXPECT_EQ(options.lac.call.ppp.login.password, "open sesame");
  EXPECT_EQ(options.lac.secret, "open sesame");
  EXPECT_THAT(options.lac.call.ppp.lcp.accept_auth, SizeIs(3));
}

TEST_F(OptionsTest, AFileThatIsNotThereIsSaid) {
  EXPECT_EQ(ExitOf({"192.0.2.1", "--password-file", "/nonexistent/file"}), kCannotStart);
  EXPECT_THAT(err_.str(), HasSubstr("/nonexistent/file"));
}

TEST_F(OptionsTest, AnswerWantsNoTargetAndLoadWantsOne) {
  EXPECT_EQ(ExitOf({}), kUsage);
  EXPECT_EQ(ExitOf({"--answer", "192.0.2.1"}), kUsage);
  const Options options = Parse({"--answer", "--listen", "[::1]:0", "--auth", "pap"});
  EXPECT_TRUE(options.answer);
  EXPECT_EQ(options.listen.port, 0);
  EXPECT_EQ(options.lns.call.ppp.lcp.require_auth, ppp::AuthMethod::kPap);
  EXPECT_EQ(options.lns.call.ppp.local.ToString(), "10.128.0.1");
}

TEST_F(OptionsTest, WhatMakesNoSenseIsRefused) {
  EXPECT_EQ(ExitOf({"lns.example.net"}), kUsage) << "names are not looked up";
  EXPECT_EQ(ExitOf({"192.0.2.1", "--local", "::1"}), kUsage);
  EXPECT_EQ(ExitOf({"192.0.2.1", "--rounds", "0"}), kUsage);
  EXPECT_EQ(ExitOf({"192.0.2.1", "--tunnels", "0"}), kUsage);
  EXPECT_EQ(ExitOf({"192.0.2.1", "--teardown", "quietly"}), kUsage);
  EXPECT_EQ(ExitOf({"192.0.2.1", "--hide-avps"}), kUsage);
  EXPECT_EQ(ExitOf({"192.0.2.1", "--password", "pw"}), kUsage) << "never on the command line";
  EXPECT_EQ(ExitOf({"--answer", "--auth", "pap", "--auth", "chap_md5"}), kUsage);
}

TEST_F(OptionsTest, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(ExitOf({"--help"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr("Exit codes"));
  EXPECT_EQ(ExitOf({"--version"}), kAllWell);
}

TEST(EndpointOptionTest, HasAPortOrTheDefault) {
  EXPECT_EQ(ParseEndpoint("192.0.2.1", 1701)->ToString(), "192.0.2.1:1701");
  EXPECT_EQ(ParseEndpoint("192.0.2.1:5", 1701)->ToString(), "192.0.2.1:5");
  EXPECT_EQ(ParseEndpoint("2001:db8::1", 1701)->ToString(), "[2001:db8::1]:1701");
  EXPECT_EQ(ParseEndpoint("[2001:db8::1]:5", 1701)->ToString(), "[2001:db8::1]:5");
  for (const char* wrong : {"", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "[192.0.2.1]:5",
                            "[2001:db8::1]", "x"}) {
    EXPECT_FALSE(ParseEndpoint(wrong, 1701).has_value()) << wrong;
  }
}

TEST(AddressRangeTest, IsOneOrFirstToLastOrAPrefix) {
  EXPECT_THAT(*ParseAddressRange("192.0.2.1"), SizeIs(1));
  EXPECT_THAT(*ParseAddressRange("2001:db8::1"), SizeIs(1));
  const auto range = ParseAddressRange("192.0.2.255-192.0.3.1");
  ASSERT_TRUE(range.has_value());
  EXPECT_THAT(*range, ElementsAre(*IpAddress::Parse("192.0.2.255"), *IpAddress::Parse("192.0.3.0"),
                                  *IpAddress::Parse("192.0.3.1")));
  EXPECT_THAT(*ParseAddressRange("192.0.2.5/30"), SizeIs(4));
  EXPECT_EQ(ParseAddressRange("192.0.2.5/30")->front().ToString(), "192.0.2.4");
  for (const char* wrong : {"", "192.0.2.9-192.0.2.1", "0.0.0.0/0", "10.0.0.0-10.1.0.0", "::/64",
                            "192.0.2.1-", "192.0.2.1/33"}) {
    EXPECT_FALSE(ParseAddressRange(wrong).has_value()) << wrong;
  }
}

TEST(NumberedTest, ReplacesEveryPattern) {
  EXPECT_EQ(Numbered("u%d@%d", 12), "u12@12");
  EXPECT_EQ(Numbered("100%", 12), "100%");
}

}  // namespace
}  // namespace l2tp::load
