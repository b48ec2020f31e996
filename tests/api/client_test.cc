// The C++ client and l2tpctl against a daemon.

#include <set>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"
#include "clients/cpp/resuming_watcher.h"
#include "clients/cpp/wait.h"
#include "clients/l2tpctl/cli.h"
#include "clients/l2tpctl/context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "tests/api/api_world.h"
#include "tests/api/relay.h"

namespace l2tp::api {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::chrono::system_clock::time_point In(int milliseconds) {
  return std::chrono::system_clock::now() + std::chrono::milliseconds(milliseconds);
}

class ClientTest : public ::testing::Test {
 protected:
  explicit ClientTest(ApiWorld::Options options = {}) : world_(std::move(options)) {}

  void CreateTunnel(const std::string& id, const std::string& remote = "192.0.2.2") {
    world_.OnLoop([&] {
      control::TunnelSpec spec;
      spec.id = id;
      spec.remote.address = *IpAddress::Parse(remote);
      EXPECT_TRUE(world_.lac().controller->CreateTunnel(spec).ok());
    });
  }
  void DeleteTunnel(const std::string& id) {
    world_.OnLoop([&] {
      world_.lac().controller->DeleteTunnel("tunnels/" + id, {.force = true}, [](absl::Status) {});
    });
  }

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

  ApiWorld world_;
  std::shared_ptr<grpc::Channel> channel_ = world_.Channel();
};

// ---- ResumingWatcher ---------------------------------------------------------------------------

TEST_F(ClientTest, WatcherGivesUpOnRequestsThatCannotSucceed) {
  client::ResumingWatcher::Options options;
  options.request.set_name("nonsense");
  client::ResumingWatcher watcher(channel_, options);
  EXPECT_FALSE(watcher.Next().has_value());
  EXPECT_EQ(watcher.status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ClientTest, WatcherStopsAtItsDeadlineAndWhenCancelled) {
  client::ResumingWatcher::Options options;
  options.deadline = In(300);
  client::ResumingWatcher watcher(channel_, options);
  while (watcher.Next().has_value()) {
  }
  EXPECT_EQ(watcher.status().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);

  client::ResumingWatcher other(channel_, {});
  EXPECT_TRUE(other.Next().has_value());
  std::thread canceller([&] { other.Cancel(); });
  EXPECT_FALSE(other.Next().has_value());
  EXPECT_EQ(other.status().error_code(), grpc::StatusCode::CANCELLED);
  canceller.join();
}

TEST_F(ClientTest, WatcherWithAnExpiredTokenStartsAgainAndSaysSo) {
  CreateTunnel("t");
  client::ResumingWatcher::Options options;
  world_.OnLoop([&] { options.request.set_resume_token(world_.lns().controller->ResumeToken(0)); });
  client::ResumingWatcher watcher(channel_, options);
  const auto first = watcher.Next();
  EXPECT_TRUE(first->restarted);
  EXPECT_EQ(first->response.initial_state().tunnel().name(), "tunnels/t");
  const auto second = watcher.Next();
  EXPECT_FALSE(second->restarted);
  EXPECT_TRUE(second->response.has_synced());
  EXPECT_NE(watcher.resume_token(), "");
}

TEST_F(ClientTest, WatcherWaitsForADaemonOnlyIfItInsists) {
  const auto nobody = client::Connect("unix:/nonexistent/api.sock");
  client::ResumingWatcher::Options options;
  options.insist = false;
  client::ResumingWatcher impatient(nobody, options);
  EXPECT_FALSE(impatient.Next().has_value());
  EXPECT_EQ(impatient.status().error_code(), grpc::StatusCode::UNAVAILABLE);

  options.insist = true;
  options.deadline = In(400);
  client::ResumingWatcher patient(nobody, options);
  EXPECT_FALSE(patient.Next().has_value());
  EXPECT_EQ(patient.status().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

class LossyWatchTest : public ClientTest {
 protected:
  LossyWatchTest() : ClientTest({.limits = {.ring_size = 100'000, .queue_size = 4}}) {}
};

TEST_F(LossyWatchTest, WatcherThatIsTooSlowMissesNothing) {
  client::ResumingWatcher watcher(channel_, {.first_backoff = std::chrono::milliseconds(1)});
  EXPECT_TRUE(watcher.Next()->response.has_bookmark());
  // Far more events in one turn than a queue holds: the stream ends, and the watcher resumes.
  constexpr int kTunnels = 200;
  world_.OnLoop([&] {
    for (int i = 0; i < kTunnels; ++i) {
      control::TunnelSpec spec;
      spec.remote.address = *IpAddress::Parse("192.0.2.99");
      EXPECT_TRUE(world_.lac().controller->CreateTunnel(spec).ok());
    }
  });
  int64_t revision = 0;
  while (revision < kTunnels) {
    const auto item = watcher.Next();
    ASSERT_TRUE(item.has_value()) << watcher.status().error_message();
    EXPECT_FALSE(item->restarted);
    if (item->response.has_event()) {
      EXPECT_EQ(item->response.event().revision(), ++revision);
    }
  }
}

TEST_F(ClientTest, WatcherMissesNothingWhenItsConnectionIsCut) {
  Relay relay(world_.address());
  client::ResumingWatcher watcher(client::Connect(relay.address()),
                                  {.first_backoff = std::chrono::milliseconds(1)});
  EXPECT_TRUE(watcher.Next()->response.has_bookmark());
  constexpr int kCuts = 5;
  int64_t revision = 0;
  for (int i = 0; i < kCuts; ++i) {
    CreateTunnel(absl::StrCat("before", i), "192.0.2.99");
    relay.Cut();
    CreateTunnel(absl::StrCat("after", i), "192.0.2.99");
    while (revision < 2 * (i + 1)) {
      const auto item = watcher.Next();
      ASSERT_TRUE(item.has_value()) << watcher.status().error_message();
      EXPECT_FALSE(item->restarted);
      if (item->response.has_event()) {
        EXPECT_EQ(item->response.event().revision(), ++revision);
      }
    }
  }
  EXPECT_GE(relay.count(), kCuts + 1);
}

// An initial state that was cut off halfway is worth nothing: it begins anew, and says so.
TEST_F(ClientTest, WatcherBeginsAnInitialStateAnewWhenItIsCutOff) {
  constexpr int kTunnels = 2000;  // more than what is under way at a time
  world_.OnLoop([&] {
    for (int i = 0; i < kTunnels; ++i) {
      control::TunnelSpec spec;
      spec.remote.address = *IpAddress::Parse("192.0.2.99");
      EXPECT_TRUE(world_.lac().controller->CreateTunnel(spec).ok());
    }
  });
  Relay relay(world_.address());
  client::ResumingWatcher::Options options;
  options.request.set_include_initial_state(true);
  options.first_backoff = std::chrono::milliseconds(1);
  client::ResumingWatcher watcher(client::Connect(relay.address()), options);
  EXPECT_FALSE(watcher.Next()->restarted);
  relay.Cut();
  int restarts = 0;
  std::set<std::string> names;
  while (true) {
    const auto item = watcher.Next();
    ASSERT_TRUE(item.has_value()) << watcher.status().error_message();
    if (item->restarted) {
      ++restarts;
      names.clear();
    }
    if (item->response.has_synced()) break;
    names.insert(item->response.initial_state().tunnel().name());
  }
  EXPECT_EQ(restarts, 1);
  EXPECT_EQ(names.size(), static_cast<size_t>(kTunnels));
}

TEST(BackoffTest, GrowsToItsBoundAndStartsAgain) {
  client::Backoff backoff(std::chrono::milliseconds(100), std::chrono::milliseconds(1000), 1);
  for (int bound : {100, 200, 400, 800, 1000, 1000}) EXPECT_LE(backoff.Next().count(), bound);
  backoff.Reset();
  EXPECT_LE(backoff.Next().count(), 100);
}

// ---- Waiting -----------------------------------------------------------------------------------

TEST_F(ClientTest, WaitingSeesATunnelComeUpEvenWhenItIsLate) {
  std::string token;
  ASSERT_TRUE(client::CurrentToken(channel_, In(5000), &token).ok());
  CreateTunnel("t");
  std::vector<v1::Event::Type> types;
  client::WaitOptions options{.resume_token = token, .deadline = In(5000)};
  options.on_event = [&](const v1::Event& event) { types.push_back(event.type()); };
  const auto result = client::WaitForTunnel(channel_, "tunnels/t", options);
  EXPECT_EQ(result.outcome, client::Outcome::kReady);
  EXPECT_EQ(types, (std::vector{v1::Event::TYPE_TUNNEL_CREATED, v1::Event::TYPE_TUNNEL_UP}));
  // Without a token the present state will do.
  EXPECT_EQ(client::WaitForTunnel(channel_, "tunnels/t", {.deadline = In(5000)}).outcome,
            client::Outcome::kReady);
}

TEST_F(ClientTest, WaitingForWhatFailedGivesTheCause) {
  std::string token;
  ASSERT_TRUE(client::CurrentToken(channel_, In(5000), &token).ok());
  CreateTunnel("t", "192.0.2.99");
  world_.Advance(Duration::Seconds(120));
  const auto result = client::WaitForTunnel(channel_, "tunnels/t", {token, In(5000), nullptr});
  EXPECT_EQ(result.outcome, client::Outcome::kClosed);
  EXPECT_EQ(result.resource.cause().closed_by(), v1::Cause::CLOSED_BY_DAEMON);
  // Without a token nothing is known of it any more.
  const auto late = client::WaitForTunnel(channel_, "tunnels/t", {.deadline = In(5000)});
  EXPECT_EQ(late.outcome, client::Outcome::kClosed);
  EXPECT_FALSE(late.resource.has_cause());
}

TEST_F(ClientTest, WaitingForAPersistentSessionGoesOnAfterAFailureButNotWhenItIsDeleted) {
  CreateTunnel("t");
  std::string token;
  ASSERT_TRUE(client::CurrentToken(channel_, In(5000), &token).ok());
  const auto create = [this] {
    world_.OnLoop([&] {
      control::SessionSpec spec;
      spec.tunnel = "tunnels/t";
      spec.id = "s";
      spec.persistent = true;
      world_.lac().ppp.FailNextStart("no pppd");
      EXPECT_TRUE(world_.lac().controller->CreateSession(spec).ok());
    });
  };
  create();
  world_.Advance(Duration::Seconds(2));
  const std::string name = "tunnels/t/sessions/s";
  std::vector<v1::Event::Type> types;
  client::WaitOptions options{.resume_token = token, .deadline = In(5000)};
  options.on_event = [&](const v1::Event& event) { types.push_back(event.type()); };
  EXPECT_EQ(client::WaitForSession(channel_, name, options).outcome, client::Outcome::kReady);
  EXPECT_THAT(
      types, ::testing::IsSupersetOf({v1::Event::TYPE_SESSION_DOWN, v1::Event::TYPE_SESSION_WAITING,
                                      v1::Event::TYPE_SESSION_RECONNECTING}));
  const auto remove = [&] {
    world_.OnLoop([&] { world_.lac().controller->DeleteSession(name, {}, [](absl::Status) {}); });
  };
  remove();
  ASSERT_TRUE(client::CurrentToken(channel_, In(5000), &token).ok());
  create();
  remove();
  const auto result = client::WaitForSession(channel_, name, {token, In(5000), nullptr});
  EXPECT_EQ(result.outcome, client::Outcome::kClosed);
  EXPECT_EQ(result.resource.cause().closed_by(), v1::Cause::CLOSED_BY_OPERATOR);
}

TEST_F(ClientTest, WaitingTimesOut) {
  CreateTunnel("t", "192.0.2.99");
  const auto result = client::WaitForTunnel(channel_, "tunnels/t", {.deadline = In(300)});
  EXPECT_EQ(result.outcome, client::Outcome::kTimedOut);
  EXPECT_EQ(result.resource.state(), v1::Tunnel::STATE_CONNECTING);
}

// ---- l2tpctl -----------------------------------------------------------------------------------

TEST_F(ClientTest, CtlOpensATunnelPlacesACallAndShowsThem) {
  const Result tunnel =
      Ctl({"tunnel", "create", "lns1", "--remote", "192.0.2.2", "--wait", "--timeout", "10"});
  EXPECT_EQ(tunnel.code, 0) << tunnel.err;
  EXPECT_EQ(tunnel.out, "tunnels/lns1\n");
  EXPECT_THAT(tunnel.err, HasSubstr("TUNNEL_UP tunnels/lns1"));
  const Result session = Ctl(
      {"session", "create", "lns1", "home", "--user", "alice", "--password-file", "-", "--wait"},
      "hush\n");
  EXPECT_EQ(session.code, 0) << session.err;
  EXPECT_THAT(session.err, HasSubstr("SESSION_IP_UP tunnels/lns1/sessions/home interface="));

  EXPECT_THAT(Ctl({"tunnel", "list"}).out, HasSubstr("lns1    established  192.0.2.2:1701"));
  EXPECT_THAT(Ctl({"session", "list"}).out, HasSubstr("lns1/home  established  lac"));
  EXPECT_THAT(Ctl({"session", "list", "lns1"}).out, HasSubstr("lns1/home"));
  EXPECT_THAT(Ctl({"tunnel", "show", "lns1"}).out, HasSubstr("peer host name:"));
  EXPECT_THAT(Ctl({"session", "show", "lns1/home"}).out, HasSubstr("10.0.0.1 -> 10.0.0.2"));
  EXPECT_THAT(Ctl({"session", "show", "lns1/home", "--json"}).out,
              HasSubstr("\"name\":\"tunnels/lns1/sessions/home\""));
  EXPECT_THAT(Ctl({"tunnel", "list", "--json"}).out, ::testing::MatchesRegex("\\[\\{.*\\}\\]\n"));
  EXPECT_THAT(Ctl({"system"}).out, HasSubstr("tunnels:    1, established 1"));

  EXPECT_EQ(Ctl({"tunnel", "delete", "lns1"}).code, ctl::kFailed);
  const Result deletion = Ctl({"tunnel", "delete", "lns1", "--force", "--wait"});
  EXPECT_EQ(deletion.code, 0) << deletion.err;
  EXPECT_THAT(deletion.err, HasSubstr("TUNNEL_DELETED tunnels/lns1"));
  EXPECT_THAT(deletion.err, HasSubstr("SESSION_DELETED tunnels/lns1/sessions/home sent="));
  EXPECT_EQ(Ctl({"tunnel", "list"}).out,
            "TUNNEL  STATE  REMOTE  PEER HOST  SESSIONS  ESTABLISHED\n");
}

TEST_F(ClientTest, CtlTellsErrorsWithReasonFieldAndExitCode) {
  const Result missing = Ctl({"tunnel", "show", "none"});
  EXPECT_EQ(missing.code, ctl::kNotFound);
  EXPECT_EQ(missing.err, "l2tpctl: TUNNEL_NOT_FOUND: tunnels/none does not exist\n");
  const Result bad = Ctl({"tunnel", "create", "t", "--remote", "300.0.0.1"});
  EXPECT_EQ(bad.code, ctl::kFailed);
  EXPECT_THAT(bad.err, HasSubstr("FIELD_INVALID: tunnel.remote_ip_address"));
  EXPECT_THAT(Ctl({"tunnel", "show", "none", "--json"}).err,
              HasSubstr("\"reason\":\"TUNNEL_NOT_FOUND\""));
}

TEST_F(ClientTest, CtlSaysWhyWhatItWaitedForClosed) {
  std::thread killer([&] {
    int tunnels = 0;
    while (tunnels == 0) {
      world_.OnLoop([&] { tunnels = world_.lac().controller->GetSystem().tunnel_count; });
    }
    DeleteTunnel("t");
  });
  const Result result = Ctl({"tunnel", "create", "t", "--remote", "192.0.2.99", "--wait"});
  killer.join();
  EXPECT_EQ(result.code, ctl::kClosed);
  EXPECT_THAT(result.err, HasSubstr("tunnels/t closed while waiting: somebody asked for it"));
}

TEST_F(ClientTest, CtlShowsThatASessionIsPersistentAndWhenItIsPlacedAgain) {
  CreateTunnel("t");
  world_.OnLoop([&] { world_.lac().ppp.FailNextStart("no pppd"); });
  EXPECT_EQ(Ctl({"session", "create", "t", "s", "--persistent"}).code, 0);
  world_.OnLoop([] {});
  const Result shown = Ctl({"session", "show", "t/s"});
  EXPECT_THAT(shown.out, HasSubstr("waiting"));
  EXPECT_THAT(shown.out, HasSubstr("yes, failures in a row 1"));
  EXPECT_THAT(shown.out, HasSubstr("next attempt"));
  EXPECT_THAT(Ctl({"session", "list"}).out, HasSubstr("until 20"));
  EXPECT_THAT(Ctl({"system"}).out, HasSubstr("waiting 1"));
}

TEST_F(ClientTest, CtlTimesOutWaiting) {
  const Result result =
      Ctl({"tunnel", "create", "t", "--remote", "192.0.2.99", "--wait", "--timeout", "0.4"});
  EXPECT_EQ(result.code, ctl::kTimedOut) << result.err;
  EXPECT_THAT(result.err, HasSubstr("still connecting"));
}

TEST_F(ClientTest, CtlWatchPrintsOneLineAnEvent) {
  std::thread maker([&] {
    int watchers = 0;
    while (watchers == 0) {
      world_.OnLoop([&] { watchers = world_.lac().controller->GetSystem().watcher_count; });
    }
    CreateTunnel("t");
  });
  const Result result = Ctl({"watch", "--count", "2"});
  maker.join();
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("TUNNEL_CREATED tunnels/t remote=192.0.2.2:1701"));
  EXPECT_THAT(result.out, HasSubstr("TUNNEL_UP tunnels/t"));
  const Result initial = Ctl({"watch", "--initial", "--timeout", "1", "--json", "--name", "t"});
  EXPECT_EQ(initial.code, ctl::kTimedOut);
  EXPECT_THAT(initial.out, HasSubstr("{\"resume_token\":\"\",\"initial_state\":{\"tunnel\":"));
}

TEST_F(ClientTest, CtlManagesProfilesPoolsUsersAndPeers) {
  EXPECT_EQ(Ctl({"pool", "create", "x", "--range", "198.51.100.1-198.51.100.9,198.51.100.77",
                 "--prefixes", "2001:db8:100::/48"})
                .out,
            "pools/x\n");
  EXPECT_THAT(Ctl({"--wide", "pool", "list"}).out,
              HasSubstr("x     198.51.100.1-198.51.100.9,198.51.100.77  10         0       10"));
  EXPECT_THAT(Ctl({"pool", "show", "x"}).out, HasSubstr("65536, in use 0, reserved 0, free 65536"));
  const Result profile = Ctl({"profile", "create", "p", "--auth", "chap_md5,mschapv2", "--pool",
                              "pools/x", "--local-address", "198.51.100.254", "--hello-interval",
                              "10s", "--set", "ppp.lcp_echo_failures=2"});
  EXPECT_EQ(profile.code, 0) << profile.err;
  const std::string page = Ctl({"profile", "show", "p"}).out;
  EXPECT_THAT(page, HasSubstr("chap_md5, mschapv2"));
  const Result asks = Ctl({"profile", "create", "asks", "--parent", "p", "--authenticator",
                           "unix:/run/auth.sock", "--set", "session.max_reconnect_failures=5"});
  EXPECT_EQ(asks.code, 0) << asks.err;
  const Result off = Ctl({"profile", "create", "asks-nobody", "--parent", "asks", "--authenticator",
                          "", "--radius-server", "", "--set", "session.max_reconnect_failures=0"});
  EXPECT_EQ(off.code, 0) << off.err;
  EXPECT_THAT(Ctl({"profile", "show", "asks-nobody"}).out,
              AllOf(ContainsRegex("ppp.authenticator: +none\n"),
                    ContainsRegex("ppp.radius.server: +none\n"),
                    ContainsRegex("session.max_reconnect_failures: +0\n")));
  const Result user =
      Ctl({"user", "create", "bob", "--login", "bob@example.net", "--profile", "p", "--address",
           "198.51.100.77", "--max-sessions", "1", "--password-file", "-"},
          "hush");
  EXPECT_EQ(user.out, "users/bob\n") << user.err;
  EXPECT_THAT(Ctl({"user", "list"}).out,
              HasSubstr("bob   bob@example.net  p        198.51.100.77  0         1"));
  const std::string bob = Ctl({"user", "show", "bob"}).out;
  EXPECT_THAT(bob, HasSubstr("0, at most 1"));
  EXPECT_THAT(bob + Ctl({"user", "show", "bob", "--json"}).out, Not(HasSubstr("hush")));
  EXPECT_THAT(Ctl({"pool", "show", "x"}).out, HasSubstr("10, in use 0, reserved 1, free 9"));
  EXPECT_THAT(Ctl({"pool", "leases"}).out, HasSubstr("SESSION"));
  EXPECT_EQ(Ctl({"pool", "leases", "none"}).code, ctl::kNotFound);
  EXPECT_EQ(Ctl({"user", "create", "eve", "--set", "password=x"}).code, ctl::kUsage);
  EXPECT_EQ(Ctl({"user", "delete", "bob"}).code, 0);
  EXPECT_EQ(Ctl({"peer", "create", "isp", "-f", "-"},
                R"({"ip_prefix": "192.0.2.0/24", "secret": "hush", "profile": "profiles/p"})")
                .out,
            "peers/isp\n");
  EXPECT_THAT(Ctl({"peer", "list"}).out, HasSubstr("isp   192.0.2.0/24  any        p        yes"));
  EXPECT_THAT(Ctl({"peer", "show", "isp", "--json"}).out, Not(HasSubstr("secret")));
  EXPECT_THAT(Ctl({"pool", "delete", "x"}).err, HasSubstr("RESOURCE_IN_USE"));
  EXPECT_EQ(Ctl({"peer", "delete", "isp"}).code, 0);
  EXPECT_EQ(Ctl({"peer", "delete", "isp"}).code, ctl::kNotFound);
  EXPECT_EQ(Ctl({"peer", "delete", "isp", "--allow-missing"}).code, 0);
}

}  // namespace
}  // namespace l2tp::api
