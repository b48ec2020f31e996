// What l2tpctl prints of a daemon, and in which form.

#include <sstream>
#include <string>
#include <vector>

#include "clients/l2tpctl/cli.h"
#include "clients/l2tpctl/context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CtlTest : public ::testing::Test {
 protected:
  struct Result {
    int code = -1;
    std::string out;
    std::string err;
  };
  Result Ctl(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), {"--server", world_.address()});
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in(input);
    const int code = ctl::Run(arguments, out, err, in);
    return {code, out.str(), err.str()};
  }
  void CreateTunnelAndSession() {
    ASSERT_EQ(Ctl({"tunnel", "create", "lns1", "--remote", "192.0.2.2", "--wait"}).code, 0);
    ASSERT_EQ(Ctl({"session", "create", "lns1", "home", "--user", "alice", "--wait"}).code, 0);
  }

  ApiWorld world_;
};

TEST_F(CtlTest, YamlOfAResourceIsTakenBackByCreate) {
  ASSERT_EQ(Ctl({"pool", "create", "x", "--range", "198.51.100.1-198.51.100.9"}).code, 0);
  ASSERT_EQ(Ctl({"profile", "create", "p", "--pool", "x", "--local-address", "198.51.100.254",
                 "--auth", "chap_md5", "--set", "ppp.lcp_echo_failures=2"})
                .code,
            0);
  const std::string profile = Ctl({"-o", "yaml", "profile", "show", "p"}).out;
  const Result again = Ctl({"profile", "create", "q", "-f", "-"}, profile);
  EXPECT_EQ(again.out, "profiles/q\n") << again.err;
  const std::string copy = Ctl({"-o", "yaml", "profile", "show", "q"}).out;
  const auto settings = [](const std::string& yaml) {  // without the name before, the etag behind
    const size_t begin = yaml.find("display_name");
    return yaml.substr(begin, yaml.find("\netag") - begin);
  };
  EXPECT_EQ(settings(copy), settings(profile));

  CreateTunnelAndSession();
  const std::string tunnel = Ctl({"tunnel", "show", "lns1", "-o", "yaml"}).out;
  EXPECT_THAT(tunnel, HasSubstr("\nstate: STATE_ESTABLISHED\n"));
  EXPECT_EQ(Ctl({"tunnel", "create", "lns2", "-f", "-", "--remote", "192.0.2.9"}, tunnel).code, 0);
  const std::string session = Ctl({"session", "show", "lns1/home", "-o", "yaml"}).out;
  const Result second =
      Ctl({"session", "create", "lns1", "two", "-f", "-", "--interface-name", ""}, session);
  EXPECT_EQ(second.code, 0) << second.err;
}

TEST_F(CtlTest, YamlOfAListIsADocumentAResource) {
  CreateTunnelAndSession();
  ASSERT_EQ(Ctl({"session", "create", "lns1", "work", "--wait"}).code, 0);
  const std::string list = Ctl({"-o", "yaml", "session", "list"}).out;
  EXPECT_THAT(list, StartsWith("name: tunnels/lns1/sessions/home\n"));
  EXPECT_THAT(list, HasSubstr("\n---\nname: tunnels/lns1/sessions/work\n"));
  const std::string events = Ctl({"-o", "yaml", "watch", "--initial", "--timeout", "1"}).out;
  EXPECT_THAT(events, StartsWith("---\nresume_token: \"\"\ninitial_state:\n  tunnel:\n"));
}

}  // namespace
}  // namespace l2tp::api
