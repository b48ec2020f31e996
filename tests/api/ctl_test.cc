// What l2tpctl prints of a daemon, and in which form.

#include <algorithm>
#include <atomic>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "clients/l2tpctl/cli.h"
#include "clients/l2tpctl/context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
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

TEST_F(CtlTest, RestartBringsAPersistentSessionUpAgain) {
  ASSERT_EQ(Ctl({"tunnel", "create", "lns1", "--remote", "192.0.2.2", "--wait"}).code, 0);
  ASSERT_EQ(Ctl({"session", "create", "lns1", "home", "--persistent", "--wait"}).code, 0);
  ASSERT_EQ(Ctl({"session", "create", "lns1", "once", "--wait"}).code, 0);
  const Result restart =
      Ctl({"session", "restart", "lns1/home", "--message", "new card", "--wait"});
  EXPECT_EQ(restart.code, 0) << restart.err;
  EXPECT_EQ(restart.out, "tunnels/lns1/sessions/home\n");
  EXPECT_THAT(restart.err, HasSubstr("SESSION_RECONNECTING"));
  const Result once = Ctl({"session", "restart", "lns1/once"});
  EXPECT_EQ(once.code, 1);
  EXPECT_THAT(once.err, HasSubstr("NOT_PERSISTENT"));
  EXPECT_EQ(Ctl({"session", "restart", "lns1/none"}).code, 3);
  EXPECT_EQ(Ctl({"session", "restart", "lns1/home", "--result-code", "70000"}).code, 1);
  EXPECT_THAT(Ctl({"tunnel", "restart", "lns1"}).err, HasSubstr("use force"));
  EXPECT_EQ(Ctl({"tunnel", "restart", "lns1", "--force"}).code, 0);
  EXPECT_EQ(Ctl({"tunnel", "restart", "none"}).code, 3);
}

TEST_F(CtlTest, WatchAndEventsTellWhatIsConfigured) {
  ASSERT_EQ(Ctl({"user", "create", "alice", "--login", "alice@example.net", "--password-file", "-"},
                "hush")
                .code,
            0);
  ASSERT_EQ(Ctl({"user", "create", "bob", "--password-file", "-"}, "hush").code, 0);
  CreateTunnelAndSession();
  ASSERT_EQ(Ctl({"user", "delete", "bob"}).code, 0);
  const std::string watched = Ctl({"watch", "--initial", "--kind", "user", "--timeout", "0.3"}).out;
  EXPECT_THAT(watched, StartsWith("- STATE users/alice login=alice@example.net\n- SYNCED"));
  const std::string bob = Ctl({"events", "users/bob"}).out;
  EXPECT_THAT(bob, ContainsRegex("USER_CREATED users/bob .*\n.* USER_DELETED users/bob .*\n$"));
  EXPECT_THAT(bob, Not(HasSubstr("alice")));
  const std::string users = Ctl({"events", "--kind", "user", "--kind", "refusal"}).out;
  EXPECT_EQ(std::count(users.begin(), users.end(), '\n'), 3) << users;
  EXPECT_EQ(Ctl({"watch", "--kind", "nonsense"}).code, 2);
  const Result nothing = Ctl({"events", "--kind", "user", "--type", "tunnel-up"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("kinds"));
}

TEST_F(CtlTest, TopAsksTheKernelAndComputesRates) {
  CreateTunnelAndSession();
  ASSERT_EQ(Ctl({"session", "create", "lns1", "work", "--wait"}).code, 0);
  std::atomic<bool> done = false;
  std::thread traffic([&] {
    while (!done) world_.PassTraffic(1);
  });
  const Result sessions = Ctl({"top", "--once", "--interval", "0.3"});
  const Result tunnels = Ctl({"top", "tunnels", "--interval", "0.3", "--sort", "name"});
  done = true;
  traffic.join();
  EXPECT_EQ(sessions.code, 0) << sessions.err;
  EXPECT_THAT(sessions.out, HasSubstr("sessions 2, established 2"));
  // More comes first; which of the two that is, is the kernel's order of ids.
  EXPECT_THAT(sessions.out, ContainsRegex("lns1/[a-z]+ +established +[1-9][0-9.]*[kMG] "));
  EXPECT_THAT(tunnels.out, ContainsRegex("lns1 +established +2 +[1-9][0-9.]*[kMG] .*192.0.2.2"));
  EXPECT_THAT(tunnels.out, Not(HasSubstr("\x1b")));
}

TEST_F(CtlTest, TopRefusesWhatItCannotDo) {
  EXPECT_EQ(Ctl({"top", "--json"}).code, ctl::kUsage);
  EXPECT_EQ(Ctl({"top", "pools"}).code, ctl::kUsage);
  EXPECT_EQ(Ctl({"top", "--interval", "0"}).code, ctl::kUsage);
  EXPECT_EQ(Ctl({"top", "--tunnel", "none"}).code, ctl::kNotFound);
}

TEST_F(CtlTest, ExplainSaysWhyASessionIsDown) {
  ASSERT_EQ(Ctl({"tunnel", "create", "lns1", "--remote", "192.0.2.2", "--wait"}).code, 0);
  world_.OnLoop([&] { world_.lac().ppp.FailNextStart("no such program"); });
  ASSERT_EQ(Ctl({"session", "create", "lns1", "home", "--persistent"}).code, 0);
  world_.OnLoop([] {});
  const Result session = Ctl({"explain", "lns1/home"});
  EXPECT_EQ(session.code, 0) << session.err;
  EXPECT_THAT(session.out, HasSubstr("it has ended, and will be placed again at 20"));
  EXPECT_THAT(session.out, HasSubstr("pppd could not start, or failed inside"));
  EXPECT_THAT(session.out, HasSubstr("what to do:"));
  EXPECT_THAT(Ctl({"explain", "lns1"}).out, HasSubstr("it is up; sessions in it: 0"));
  EXPECT_THAT(Ctl({"explain", "tunnels/lns1", "-o", "json"}).out, StartsWith("{\"name\":"));
  const Result gone = Ctl({"explain", "lns1/gone"});
  EXPECT_EQ(gone.code, ctl::kNotFound);
  EXPECT_THAT(gone.err, HasSubstr("journalctl"));
}

TEST_F(CtlTest, SessionsAreListedClosedAndLabelledByWhatIsKnownOfThem) {
  CreateTunnelAndSession();
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(Ctl({"session", "list", "--state", "established"}).out), 2);
  EXPECT_EQ(Ctl({"session", "list", "--interface", "nowhere0", "--json"}).out, "[]\n");
  EXPECT_EQ(Ctl({"session", "list", "--state", "nonsense"}).code, 2);
  EXPECT_EQ(Ctl({"session", "close"}).code, 1) << "everything";
  EXPECT_EQ(Ctl({"session", "label", "lns1/home", "ticket=4711"}).code, 0);
  EXPECT_EQ(Ctl({"session", "label", "lns1/home", "ticket"}).code, 2);
  EXPECT_EQ(lines(Ctl({"session", "list", "--label", "ticket=4711"}).out), 2);
  EXPECT_EQ(Ctl({"session", "close", "--label", "ticket=4711", "--message", "unpaid"}).out,
            "1 session is being closed\n");
  while (Ctl({"session", "show", "lns1/home"}).code != 3) {
  }
  EXPECT_EQ(Ctl({"session", "list", "--json"}).out, "[]\n");
  EXPECT_THAT(Ctl({"session", "list", "--closed"}).out, HasSubstr("closed"));
  EXPECT_THAT(Ctl({"session", "show", "lns1/home", "--closed"}).out, HasSubstr("unpaid"));
  EXPECT_THAT(Ctl({"session", "list", "lns1", "--label", "ticket=4711", "--closed", "--json"}).out,
              HasSubstr("lns1/sessions/home"));
}

TEST_F(CtlTest, ListsOfAllKindsFilter) {
  for (const char* site : {"ber1", "ham2"}) {
    const std::string profile = absl::StrCat("p-", site);
    const std::string label = absl::StrCat("site=", site);
    EXPECT_EQ(Ctl({"profile", "create", profile}).code, 0);
    EXPECT_EQ(Ctl({"profile", "update", profile, "--label", label}).code, 0);
    EXPECT_EQ(Ctl({"peer", "create", site, "--host-name", site, "--profile", profile}).code, 0);
  }
  EXPECT_THAT(Ctl({"profile", "list", "--label", "site=ber1"}).out,
              AllOf(HasSubstr("p-ber1"), Not(HasSubstr("p-ham2"))));
  EXPECT_THAT(Ctl({"peer", "list", "--profile", "p-ham2"}).out,
              AllOf(HasSubstr("ham2"), Not(HasSubstr("ber1"))));
  EXPECT_EQ(Ctl({"pool", "list", "--label", "site=ber1", "--json"}).out, "[]\n");
  EXPECT_EQ(Ctl({"user", "list", "--enabled", "false", "--json"}).out, "[]\n");
  EXPECT_EQ(Ctl({"user", "list", "--enabled", "maybe"}).code, 2);
  EXPECT_EQ(Ctl({"pool", "list", "--label", "site"}).code, 2);
}

TEST_F(CtlTest, DebugOfATunnelIsSwitchedOnAndOff) {
  CreateTunnelAndSession();
  EXPECT_THAT(Ctl({"tunnel", "debug", "lns1", "on", "--json"}).out, HasSubstr("\"debug\":true"));
  EXPECT_THAT(Ctl({"tunnel", "show", "lns1"}).out, ContainsRegex("debug: +on"));
  EXPECT_EQ(Ctl({"tunnel", "debug", "lns1", "off"}).out, "");
  EXPECT_THAT(Ctl({"tunnel", "show", "lns1"}).out, Not(HasSubstr("debug")));
  EXPECT_EQ(Ctl({"tunnel", "debug", "lns1", "loud"}).code, 2);
  EXPECT_EQ(Ctl({"tunnel", "debug", "nowhere", "on"}).code, 3);
}

TEST_F(CtlTest, WhatIsGoneIsExplainedWithItsStory) {
  CreateTunnelAndSession();
  EXPECT_EQ(Ctl({"session", "delete", "lns1/home", "--message", "unpaid"}).code, 0);
  const std::string story = Ctl({"explain", "lns1/home"}).out;
  EXPECT_THAT(story, HasSubstr("SESSION_CREATED"));
  EXPECT_THAT(story, HasSubstr("SESSION_DOWN"));
  EXPECT_THAT(story, HasSubstr("unpaid"));
  EXPECT_EQ(Ctl({"explain", "lns1/nobody"}).code, 3);
  EXPECT_THAT(Ctl({"explain", "lns1"}).out, HasSubstr("TUNNEL_UP"));

  EXPECT_THAT(Ctl({"events", "lns1/home", "--type", "session-down"}).out,
              HasSubstr("SESSION_DOWN"));
  EXPECT_THAT(Ctl({"events", "--last", "1", "--json"}).out, HasSubstr("TYPE_SESSION_DELETED"));
  EXPECT_EQ(Ctl({"events", "--since", "yesterday"}).code, 2);
  EXPECT_EQ(Ctl({"events", "--since", "2200-01-01T00:00:00Z", "--json"}).out, "[]\n");
}

TEST_F(CtlTest, ResourcesAreUpdatedAFieldAtATime) {
  ASSERT_EQ(Ctl({"profile", "create", "p", "--set", "ppp.mtu=1300"}).code, 0);
  ASSERT_EQ(Ctl({"profile", "update", "p", "--set", "ppp.mru=1200", "--label", "site=ber1"}).code,
            0);
  const std::string both = Ctl({"--json", "profile", "show", "p"}).out;
  EXPECT_THAT(both, HasSubstr("\"mtu\":1300"));
  EXPECT_THAT(both, HasSubstr("\"mru\":1200"));
  EXPECT_THAT(both, HasSubstr("\"site\":\"ber1\""));
  ASSERT_EQ(Ctl({"profile", "update", "p", "--clear", "ppp.mtu"}).code, 0);
  EXPECT_THAT(Ctl({"--json", "profile", "show", "p"}).out, ::testing::Not(HasSubstr("1300")));
  EXPECT_EQ(Ctl({"profile", "update", "p", "--clear", "ppp.mtu", "--label", "a=b"}).code, 2);
  EXPECT_EQ(Ctl({"profile", "update", "nobody", "--label", "a=b"}).code, 3);
}

TEST_F(CtlTest, DrainingEndsWithUndrainAndIsSeenMeanwhile) {
  CreateTunnelAndSession();
  EXPECT_THAT(Ctl({"--json", "tunnel", "drain", "lns1"}).out, HasSubstr("\"draining\":true"));
  EXPECT_THAT(Ctl({"tunnel", "show", "lns1"}).out, HasSubstr("draining: "));
  const Result refused = Ctl({"session", "create", "lns1", "second"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("tunnels/lns1 is draining"));
  EXPECT_EQ(Ctl({"tunnel", "undrain", "lns1"}).code, 0);
  EXPECT_EQ(Ctl({"session", "create", "lns1", "second", "--wait"}).code, 0);

  EXPECT_EQ(Ctl({"system", "drain"}).code, 0);
  EXPECT_THAT(Ctl({"system"}).out, HasSubstr("draining"));
  EXPECT_THAT(Ctl({"--json", "tunnel", "create", "more", "--remote", "192.0.2.3"}).err,
              HasSubstr("\"reason\":\"DRAINING\""));
  EXPECT_EQ(Ctl({"system", "undrain"}).code, 0);
  EXPECT_THAT(Ctl({"system"}).out, HasSubstr("running"));

  EXPECT_EQ(Ctl({"peer", "drain", "nobody"}).code, 3);
  ASSERT_EQ(Ctl({"peer", "create", "isp"}).code, 0);
  EXPECT_EQ(Ctl({"peer", "drain", "isp", "--wait"}).code, 0);  // it has no sessions
  EXPECT_THAT(Ctl({"peer", "show", "isp"}).out, HasSubstr("draining: "));
}

TEST_F(CtlTest, WaitingForADrainedTunnelEndsWithItsSessionsOrInTime) {
  CreateTunnelAndSession();
  const Result late = Ctl({"--timeout", "0.1", "tunnel", "drain", "lns1", "--wait"});
  EXPECT_EQ(late.code, 5);
  EXPECT_THAT(late.err, HasSubstr("sessions left: 1"));
  ASSERT_EQ(Ctl({"session", "delete", "lns1/home"}).code, 0);
  EXPECT_EQ(Ctl({"tunnel", "drain", "lns1", "--wait"}).code, 0);
}

}  // namespace
}  // namespace l2tp::api
