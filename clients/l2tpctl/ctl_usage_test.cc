// Command lines that never reach a daemon, or do not find one.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/cli.h"
#include "clients/l2tpctl/context.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

struct Result {
  int code;
  std::string out;
  std::string err;
};

Result RunCtl(const std::vector<std::string>& arguments, const std::string& input = "") {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in(input);
  const int code = Run(arguments, out, err, in);
  return {code, out.str(), err.str()};
}

const std::string kNobody = "unix:/nonexistent/api.sock";

TEST(UsageTest, HelpListsCommandsAndExitCodes) {
  const Result result = RunCtl({"--help"});
  EXPECT_EQ(result.code, 0);
  for (const char* part : {"tunnel", "session", "profile", "pool", "user", "peer", "watch",
                           "system", "Exit codes:", "6  what was waited for closed"}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part;
  }
}

TEST(UsageTest, WrongCommandLinesExitWith2) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"nonsense"},
      {"tunnel"},
      {"tunnel", "show"},
      {"tunnel", "show", "a", "b"},
      {"tunnel", "list", "--nonsense"},
      {"--timeout", "-1", "system"},
      {"--timeout", "soon", "system"},
      {"completion", "csh"},
      {"watch", "--initial", "--resume", "x"},
      {"-o", "xml", "system"},
      {"-o", "yaml", "--json", "system"},
  };
  for (const auto& line : lines) EXPECT_EQ(RunCtl(line).code, kUsage);
}

TEST(UsageTest, WrongValuesExitWith2AndAreNamed) {
  const Result port = RunCtl({"--server", kNobody, "tunnel", "create", "--remote", "192.0.2.1:x"});
  EXPECT_EQ(port.code, kUsage);
  EXPECT_EQ(port.err, "l2tpctl: \"x\" is not a UDP port\n");
  const Result field = RunCtl({"--server", kNobody, "profile", "create", "p", "--mtu", "big"});
  EXPECT_EQ(field.code, kUsage);
  EXPECT_EQ(field.err, "l2tpctl: \"big\" for mtu is not a number\n");
  EXPECT_EQ(RunCtl({"--server", kNobody, "watch", "--type", "x"}).code, kUsage);
  EXPECT_EQ(RunCtl({"profile", "create", "p", "-f", "/nonexistent"}).code, kUsage);
}

TEST(UsageTest, SecretsOnTheCommandLineAreRefused) {
  EXPECT_EQ(RunCtl({"tunnel", "create", "--set", "secret=hush"}).code, kUsage);
  EXPECT_EQ(RunCtl({"tunnel", "create", "--secret", "hush"}).code, kUsage);
}

TEST(UsageTest, NobodyAtTheAddressExitsWith4) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"system"}, {"tunnel", "list"}, {"watch"}, {"tunnel", "create", "--wait"}}) {
    std::vector<std::string> line = {"--server", kNobody, "--timeout", "2"};
    line.insert(line.end(), command.begin(), command.end());
    const Result result = RunCtl(line);
    EXPECT_EQ(result.code, kUnreachable) << command[0] << result.err;
    EXPECT_NE(result.err.find("nobody answers at unix:/nonexistent/api.sock"), std::string::npos)
        << result.err;
  }
}

TEST(UsageTest, GlobalOptionsMayComeLastAndErrorsMayBeJson) {
  const Result result = RunCtl({"system", "--server", kNobody, "--json"});
  EXPECT_EQ(result.code, kUnreachable);
  EXPECT_NE(result.err.find("\"code\":\"UNAVAILABLE\""), std::string::npos) << result.err;
}

TEST(UsageTest, ErrorsComeInTheFormThatWasAskedFor) {
  EXPECT_NE(RunCtl({"system", "--server", kNobody, "-o", "json"}).err.find("\"reason\":\"\""),
            std::string::npos);
  const Result yaml = RunCtl({"-o", "yaml", "system", "--server", kNobody});
  EXPECT_EQ(yaml.code, kUnreachable);
  EXPECT_NE(yaml.err.find("code: UNAVAILABLE\n"), std::string::npos) << yaml.err;
}

TEST(UsageTest, TheManualPageHasEveryCommandAndExitCodeAndIsNotAdvertised) {
  const Result page = RunCtl({"man"});
  EXPECT_EQ(page.code, 0);
  for (const char* part :
       {".SS \"tunnel create [id]\"\n", ".SS \"session show session\"\n", ".SS \"top [what]\"\n",
        ".TP\n\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIjson|table|wide|yaml\\fR\n",
        ".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\ndone.\n", ".SH ENVIRONMENT\n", "L2TPCTL_SERVER",
        "NO_COLOR"}) {
    EXPECT_NE(page.out.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(page.out.find("tunnel \\-\\-help"), std::string::npos);
  EXPECT_EQ(RunCtl({"--help"}).out.find("manual page"), std::string::npos);
  EXPECT_EQ(RunCtl({"__complete", "ma"}).out, "");
}

TEST(UsageTest, CompletesCommandsAndOptions) {
  EXPECT_EQ(RunCtl({"__complete", "tun"}).out, "tunnel\n");
  EXPECT_EQ(RunCtl({"__complete", "tunnel", ""}).out,
            "create\ndebug\ndelete\ndrain\nlabel\nlist\nrestart\nshow\nundrain\n");
  EXPECT_EQ(RunCtl({"__complete", "tunnel", "create", "--re"}).out, "--remote\n");
  EXPECT_EQ(RunCtl({"__complete", "tunnel", "create", "--js"}).out, "--json\n");
  EXPECT_EQ(RunCtl({"__complete", "watch", "--type", "session_ip_"}).out,
            "session_ip_down\nsession_ip_up\n");
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_NE(RunCtl({"completion", shell}).out.find("__complete"), std::string::npos);
  }
}

TEST(NamesTest, ShortNamesAreCompletedAndFullOnesKept) {
  EXPECT_EQ(FullName("tunnels", "a"), "tunnels/a");
  EXPECT_EQ(FullName("tunnels", "tunnels/a"), "tunnels/a");
  EXPECT_EQ(FullSessionName("a/b"), "tunnels/a/sessions/b");
  EXPECT_EQ(FullSessionName("tunnels/a/sessions/b"), "tunnels/a/sessions/b");
  EXPECT_EQ(ShortName("tunnels/a"), "a");
  EXPECT_EQ(ShortName("tunnels/a/sessions/b"), "a/b");
}

TEST(EndpointTest, SplitsAddressAndPort) {
  EXPECT_EQ(*SplitEndpoint("192.0.2.1"), std::pair(std::string("192.0.2.1"), 0));
  EXPECT_EQ(*SplitEndpoint("192.0.2.1:1702"), std::pair(std::string("192.0.2.1"), 1702));
  EXPECT_EQ(*SplitEndpoint("2001:db8::1"), std::pair(std::string("2001:db8::1"), 0));
  EXPECT_EQ(*SplitEndpoint("[2001:db8::1]:1702"), std::pair(std::string("2001:db8::1"), 1702));
  for (const char* wrong : {"192.0.2.1:0", "192.0.2.1:65536", "[::1]x"}) {
    EXPECT_FALSE(SplitEndpoint(wrong).ok()) << wrong;
  }
}

TEST(SecretTest, ComesFromFileThenEnvironment) {
  std::istringstream in("from stdin\n");
  EXPECT_EQ(*ReadSecret("-", "L2TPCTL_TEST", in), "from stdin");
  ::setenv("L2TPCTL_TEST", "from environment", 1);
  EXPECT_EQ(*ReadSecret("", "L2TPCTL_TEST", in), "from environment");
  ::unsetenv("L2TPCTL_TEST");
  EXPECT_EQ(*ReadSecret("", "L2TPCTL_TEST", in), "");
  EXPECT_FALSE(ReadSecret("/nonexistent", "L2TPCTL_TEST", in).ok());
}

}  // namespace
}  // namespace l2tp::ctl
