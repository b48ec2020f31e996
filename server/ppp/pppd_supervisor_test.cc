#include "server/ppp/pppd_supervisor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/ppp/pppd_supervisor_fixture.h"

namespace l2tp::ppp {
namespace {

using testing::HasSubstr;

TEST_P(PppdSupervisorTest, WhatThePluginReportsReachesTheSink) {
  Open({"connect", "hello", "phase=1", "lcp", "auth=bob", "ccp", "ipv4", "ipv6", "echo=2",
        "statistics", "ipv6-down", "ipv4-down", "ccp-down", "report=16", "exit=16"});
  const PppId ppp = Start();
  RunUntilExit();

  for (const auto& [id, event] : sink_.events) EXPECT_EQ(id, ppp);
  EXPECT_EQ(sink_.Only<control::PppLcpUp>().lcp.send_accm, 0xa0000u);
  EXPECT_EQ(sink_.Only<control::PppAuth>().auth.user, "bob");
  EXPECT_EQ(sink_.Only<control::PppIpUp>().ipv4.remote.ToString(), "10.0.0.2");
  EXPECT_EQ(sink_.Only<control::PppIpv6Up>().ipv6.local.ToString(), "fe80::1");
  EXPECT_EQ(sink_.Only<control::PppPhaseChange>().phase, events::PppPhase::kEstablish);
  EXPECT_EQ(sink_.Only<control::PppCcpUp>().ccp.send.method, "MPPE");
  EXPECT_EQ(sink_.Count<control::PppCcpDown>(), 1);
  EXPECT_EQ(sink_.Only<control::PppEcho>().unanswered, 2);
  EXPECT_EQ(sink_.Only<control::PppStatistics>().counters.rx_bytes, 500);
  EXPECT_EQ(sink_.Count<control::PppIpDown>(), 1);
  EXPECT_EQ(sink_.Count<control::PppIpv6Down>(), 1);
  const auto& exit = sink_.Only<PppExit>();
  EXPECT_EQ(exit.status, 16);
  ASSERT_TRUE(exit.counters.has_value());
  EXPECT_EQ(exit.counters->connect_seconds, 60);
  EXPECT_EQ(exit.counters->rx_bytes, 1000);
  EXPECT_EQ(exit.counters->tx_bytes, 2000);
  EXPECT_TRUE(std::holds_alternative<PppExit>(sink_.events.back().second));
}

TEST_P(PppdSupervisorTest, NothingIsCalledFromInsideStart) {
  Open({});
  settings_.pppd_path = "/nonexistent/pppd";
  PppdSupervisor broken(io_, settings_, &sink_);
  broken.Start(PppSpec(), UniqueFd());
  EXPECT_TRUE(sink_.events.empty());
  RunUntilExit();
}

TEST_P(PppdSupervisorTest, ProgramThatIsNotThereEndsTheSession) {
  settings_.pppd_path = "/nonexistent/pppd";
  supervisor_ = std::make_unique<PppdSupervisor>(io_, settings_, &sink_);
  const PppId ppp = Start();
  EXPECT_EQ(supervisor_->Pid(ppp), 0);
  RunUntilExit();
  const auto& exit = sink_.Only<PppExit>();
  EXPECT_EQ(exit.status, -1);
  EXPECT_EQ(exit.signal, 0);
  EXPECT_THAT(exit.message, HasSubstr("/nonexistent/pppd"));
  EXPECT_THAT(exit.message, HasSubstr("No such file"));
  EXPECT_EQ(supervisor_->running(), 0u);
}

TEST_P(PppdSupervisorTest, OpenSaysWhichFileIsMissing) {
  settings_.pppd_path = "/nonexistent/pppd";
  PppdSupervisor without_pppd(io_, settings_, &sink_);
  EXPECT_TRUE(HasReason(without_pppd.Open(), Reason::kPppdUnusable));

  settings_.pppd_path = FAKE_PPPD;
  settings_.plugin_dir = "/nonexistent";
  PppdSupervisor without_plugins(io_, settings_, &sink_);
  EXPECT_THAT(without_plugins.Open().message(), HasSubstr("/nonexistent/pppol2tp.so"));
}

TEST_P(PppdSupervisorTest, ExitStatusIsReported) {
  Open({"exit=10"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, 10);
  EXPECT_EQ(sink_.Only<PppExit>().signal, 0);
  EXPECT_FALSE(sink_.Only<PppExit>().stopped_by_us);
}

TEST_P(PppdSupervisorTest, PluginKnowsTheTrueStatusBetterThanPppd) {
  Open({"connect", "hello", "report=15", "exit=16"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, 15);
}

TEST_P(PppdSupervisorTest, DeathByASignalIsReported) {
  Open({"signal=9"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, -1);
  EXPECT_EQ(sink_.Only<PppExit>().signal, SIGKILL);
  EXPECT_FALSE(sink_.Only<PppExit>().stopped_by_us);
}

TEST_P(PppdSupervisorTest, StopEndsItByTerm) {
  Open({"print=ready", "wait"});
  const PppId ppp = Start();
  RunUntilLogged("ready");
  EXPECT_GT(supervisor_->Pid(ppp), 0);
  supervisor_->Stop(ppp);
  supervisor_->Stop(ppp);  // once more does no harm
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, 5);
  EXPECT_TRUE(sink_.Only<PppExit>().stopped_by_us);
  EXPECT_EQ(supervisor_->Pid(ppp), 0);
}

TEST_P(PppdSupervisorTest, WhoIgnoresTermIsKilledAfterTheGracePeriod) {
  settings_.grace = Duration::Milliseconds(50);
  Open({"ignore-term", "print=ready", "wait"});
  const PppId ppp = Start();
  RunUntilLogged("ready");
  supervisor_->Stop(ppp);
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().signal, SIGKILL);
  EXPECT_TRUE(sink_.Only<PppExit>().stopped_by_us);
}

TEST_P(PppdSupervisorTest, StoppingWhatIsGoneIsHarmless) {
  Open({});
  const PppId ppp = Start();
  RunUntilExit();
  supervisor_->Stop(ppp);
  supervisor_->Stop(PppId(999));
  EXPECT_EQ(supervisor_->Pid(PppId(999)), 0);
}

TEST_P(PppdSupervisorTest, ChildHasFiveDescriptorsAndNoMore) {
  // Ours are close-on-exec, but a library's may not be.
  const UniqueFd leaky(open("/dev/null", O_RDWR));
  const UniqueFd high(fcntl(leaky.get(), F_DUPFD, 200));
  Open({"fds"});
  Start();
  RunUntilLogged("fds=0,1,2,3,");
  RunUntilExit();
  EXPECT_THAT(log_.str(), HasSubstr("fds=0,1,2,3,4,\""));
}

TEST_P(PppdSupervisorTest, DaemonsCopyOfThePppoxSocketIsClosed) {
  Open({"wait"});
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  const int pppox = ends[0];
  const UniqueFd other(ends[1]);
  const PppId ppp = supervisor_->Start(PppSpec(), UniqueFd(pppox));
  RunUntil([&] { return supervisor_->Pid(ppp) != 0; });
  EXPECT_EQ(fcntl(pppox, F_GETFD), -1);
  supervisor_->Stop(ppp);
  RunUntilExit();
  // With the child gone nobody holds the other end.
  const char octet = 0;
  EXPECT_EQ(send(other.get(), &octet, 1, MSG_NOSIGNAL), -1);
}

TEST_P(PppdSupervisorTest, ChildHasAGroupAndAnEnvironmentOfItsOwn) {
  setenv("L2TP_TEST_LEAK", "leak", 1);
  Open({"group", "environment"});
  Start();
  RunUntilExit();
  EXPECT_THAT(log_.str(), HasSubstr("leads-its-group=1"));
  EXPECT_THAT(log_.str(), HasSubstr("env=LC_ALL=C"));
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("L2TP_TEST_LEAK")));
}

TEST_P(PppdSupervisorTest, BlockedSignalsAreNotInherited) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, &before);
  Open({"signal=15", "exit=77"});
  Start();
  RunUntilExit();
  sigprocmask(SIG_SETMASK, &before, nullptr);
  // fake_pppd has a handler for TERM, so it goes on; with TERM blocked `wait` would hang.
  EXPECT_EQ(sink_.Only<PppExit>().status, 77);
}

TEST_P(PppdSupervisorTest, LastWordsExplainTheEnd) {
  Open({"print=No response to 4 echo-requests", "print=Connection terminated.", "exit=15"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().message, "No response to 4 echo-requests");
}

TEST_P(PppdSupervisorTest, LibraryThatHidesScriptsMustBeThere) {
  settings_.without_scripts = folder_ + "/nowhere.so";
  PppdSupervisor broken(io_, settings_, &sink_);
  EXPECT_THAT(broken.Open().message(), HasSubstr("nowhere.so"));
  settings_.without_scripts = folder_ + "/a b.so";
  PppdSupervisor spaced(io_, settings_, &sink_);
  EXPECT_THAT(spaced.Open().message(), HasSubstr("neither a space nor a colon"));
}

TEST_P(PppdSupervisorTest, WhatPppdSaysCannotForgeAField) {
  Open({"print=bad\" pid=1 said=\"\\good", "exit=15"});
  Start();
  RunUntilExit();
  EXPECT_THAT(log_.str(), HasSubstr(R"( said="bad\" pid=1 said=\"\\good")"));
}

TEST_P(PppdSupervisorTest, FloodIsReadToTheEndButNotLogged) {
  Open({"flood=200", "print=after the flood", "wait"});
  const PppId ppp = Start();
  // All of it has been read when the last line was considered as last words.
  RunUntilLogged("line number 180");
  supervisor_->Stop(ppp);
  RunUntilExit();
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("line number 5 ")));
  EXPECT_THAT(sink_.Only<PppExit>().message, HasSubstr("after the flood"));
}

TEST_P(PppdSupervisorTest, QuestionsAreAnswered) {
  Open({"connect", "hello", "own-secret", "login=bob", "admit=bob", "admit=eve"});
  Start();
  RunUntilExit();
  ASSERT_EQ(sink_.logins.size(), 1u);
  EXPECT_EQ(sink_.logins[0].user, "bob");
  EXPECT_EQ(sink_.logins[0].response, "hush");
  // Printed by the fake.
  EXPECT_THAT(log_.str(), HasSubstr("secret=opensesame"));
  EXPECT_THAT(log_.str(), HasSubstr("verdict=1 opensesame"));
  EXPECT_THAT(log_.str(), HasSubstr("admitted=1"));
  EXPECT_THAT(log_.str(), HasSubstr("admitted=0 who is this"));
}

TEST_P(PppdSupervisorTest, UnknownUserIsAnsweredToo) {
  sink_.secret = std::nullopt;
  Open({"connect", "hello", "own-secret", "login=bob"});
  Start();
  RunUntilExit();
  EXPECT_THAT(log_.str(), HasSubstr("no secret"));
  EXPECT_THAT(log_.str(), HasSubstr("verdict=0"));
}

TEST_P(PppdSupervisorTest, AnswerThatComesAfterTheEndIsNobodys) {
  absl::AnyInvocable<void(control::LoginAnswer)> answer;
  sink_.keep_answer = &answer;
  Open({"connect", "hello", "ask-login=bob"});
  Start();
  RunUntilExit();
  ASSERT_TRUE(answer);
  answer({control::LoginAnswer::Verdict::kCheck, "late"});
  supervisor_.reset();
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("late")));
}

TEST_P(PppdSupervisorTest, NewsThatAreSentAgainAreToldOnce) {
  Open({"connect", "hello", "ipv4", "repeat", "repeat"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Count<control::PppIpUp>(), 1);
}

TEST_P(PppdSupervisorTest, PluginThatReconnectsGoesOn) {
  Open({"connect", "hello", "ipv4", "connect", "hello", "repeat", "ipv4-down"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Count<control::PppIpUp>(), 1);
  EXPECT_EQ(sink_.Count<control::PppIpDown>(), 1);
}

TEST_P(PppdSupervisorTest, WhoClaimsToBeAnotherIsNotHeard) {
  Open({"connect", "hello-as=12345", "ipv4"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Count<control::PppIpUp>(), 0);
  EXPECT_THAT(log_.str(), HasSubstr("calls itself instance 12345"));
}

TEST_P(PppdSupervisorTest, GarbageIsNotHeard) {
  Open({"connect", "hello", "garbage", "exit=0"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, 0);
  EXPECT_THAT(log_.str(), HasSubstr("has no header"));
}

TEST_P(PppdSupervisorTest, StrangersAreNotHeard) {
  Open({"print=ready", "wait"});
  const PppId ppp = Start();
  RunUntilLogged("ready");
  // This process is no pppd.
  const UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, settings_.event_socket.c_str());
  ASSERT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  RunUntilLogged("not a pppd of ours");
  char octet;
  EXPECT_EQ(recv(fd.get(), &octet, 1, MSG_DONTWAIT), 0);
  supervisor_->Stop(ppp);
  RunUntilExit();
}

TEST_P(PppdSupervisorTest, SinkMayStartTheNextOneFromItsHandler) {
  Open({"exit=10"});
  int starts = 1;
  sink_.on_event = [&](PppId, const PppEvent& event) {
    if (std::holds_alternative<PppExit>(event) && starts++ < 3) Start();
  };
  Start();
  RunUntil([this] { return sink_.Count<PppExit>() == 3; });
  EXPECT_EQ(supervisor_->running(), 0u);
}

TEST_P(PppdSupervisorTest, ManyRunAtOnceAndAllAreStopped) {
  Open({"connect", "hello", "ipv4", "wait"});
  constexpr int kMany = 40;
  for (int i = 0; i < kMany; ++i) Start();
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == kMany; });
  supervisor_->StopAll();
  RunUntil([this] { return supervisor_->running() == 0; });
  EXPECT_EQ(sink_.Count<PppExit>(), kMany);
}

TEST_P(PppdSupervisorTest, DestructionLeavesNoChildAndCallsNobody) {
  Open({"ignore-term", "print=ready", "wait"});
  Start();
  RunUntilLogged("ready");
  supervisor_.reset();
  io_.restart();
  io_.poll();
  EXPECT_TRUE(sink_.events.empty());
}

TEST_P(PppdSupervisorTest, CommandLineHoldsNoSecret) {
  Open({"connect", "hello", "args", "own-secret"});
  Start();
  RunUntilExit();
  EXPECT_THAT(log_.str(), HasSubstr("arg=user"));
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("arg=opensesame")));
}

TEST_P(PppdSupervisorTest, RadiusSecretIsInAFileOfOursAndOnlyWhileItIsNeeded) {
  radius_.emplace();
  radius_->server = {*IpAddress::Parse("192.0.2.9"), 1812};
  radius_->accounting_server = {*IpAddress::Parse("192.0.2.9"), 1813};
  radius_->secret = "closebarley";
  settings_.radius_folder = folder_ + "/radius";
  Open({"connect", "hello", "args", "wait"});
  const PppId ppp = Start();
  RunUntilLogged(absl::StrCat("arg=", folder_, "/radius/1.conf"));
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("closebarley")));
  const std::string path = folder_ + "/radius/1.servers";
  EXPECT_EQ(access(path.c_str(), R_OK), 0);
  supervisor_->Stop(ppp);
  RunUntilExit();
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  EXPECT_EQ(supervisor_->Counts().forked, GetParam() ? 1 : 0);
  supervisor_.reset();
  EXPECT_NE(access(settings_.radius_folder.c_str(), F_OK), 0);
}

TEST_P(PppdSupervisorTest, WithoutItsRadiusFilesNoPppdIsStarted) {
  radius_.emplace();
  settings_.radius_folder = folder_ + "/not/there";
  Open({"print=ready"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, -1);
  EXPECT_THAT(sink_.Only<PppExit>().message, HasSubstr("cannot make"));
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("ready")));
}

TEST_P(PppdSupervisorTest, IsForkedWhenAZygoteWaitsAndExecutedOtherwise) {
  Open({"exit=0"});
  Start();
  RunUntilExit();
  EXPECT_EQ(supervisor_->Counts().forked, GetParam() ? 1 : 0);
  EXPECT_EQ(supervisor_->Counts().executed, GetParam() ? 0 : 1);
}

TEST_P(PppdSupervisorTest, TheTimeOfAStartIsToldOnceWhenThePppdIsHeardOf) {
  Open({"connect", "hello", "phase=1", "exit=0"});
  int told = 0;
  supervisor_->set_on_started([&](bool forked, Duration took) {
    ++told;
    EXPECT_EQ(forked, GetParam());
    EXPECT_GT(took, Duration());
    EXPECT_LT(took, Duration::Seconds(30));
  });
  Start();
  RunUntilExit();
  EXPECT_EQ(told, 1);
}

TEST_P(PppdSupervisorTest, APppdThatIsNeverHeardOfHasNoTime) {
  Open({"exit=0"});
  supervisor_->set_on_started([](bool, Duration) { ADD_FAILURE(); });
  Start();
  RunUntilExit();
}

TEST_P(PppdSupervisorTest, SoManyAreStartedAtATimeAndTheOthersWait) {
  settings_.max_starts = 2;
  Open({"connect", "print=ready", "wait"});  // no HELLO: the start is not over
  std::vector<PppId> all;
  for (int i = 0; i < 5; ++i) all.push_back(Start());
  EXPECT_EQ(supervisor_->Counts().starting, 2);
  EXPECT_EQ(supervisor_->Counts().queued, 3);
  EXPECT_EQ(supervisor_->Pid(all[2]), 0);
  RunUntil([&] { return supervisor_->Pid(all[0]) != 0 && supervisor_->Pid(all[1]) != 0; });
  supervisor_->Stop(all[0]);
  RunUntil([&] { return supervisor_->Pid(all[2]) != 0; });
  EXPECT_EQ(supervisor_->Counts().queued, 2);
  supervisor_->StopAll();
  RunUntil([this] { return supervisor_->running() == 0; });
  EXPECT_EQ(sink_.Count<PppExit>(), 5);
  EXPECT_EQ(supervisor_->Counts().starting, 0);
}

TEST_P(PppdSupervisorTest, OneThatIsStoppedWhileItWaitsIsNeverStarted) {
  settings_.max_starts = 1;
  Open({"print=ready", "wait"});
  const PppId first = Start();
  const PppId second = Start();
  supervisor_->Stop(second);
  EXPECT_TRUE(sink_.events.empty());
  RunUntilExit();
  EXPECT_EQ(sink_.events[0].first, second);
  EXPECT_TRUE(sink_.Only<PppExit>().stopped_by_us);
  EXPECT_EQ(sink_.Only<PppExit>().status, -1);
  supervisor_->Stop(first);
  RunUntil([this] { return supervisor_->running() == 0; });
  EXPECT_EQ(supervisor_->Counts().forked + supervisor_->Counts().executed, 1);
}

TEST_P(PppdSupervisorTest, OneThatIsStoppedAtOnceEndsAsSoonAsItIsThere) {
  Open({"print=ready", "wait"});
  const PppId ppp = Start();
  supervisor_->Stop(ppp);
  RunUntilExit();
  EXPECT_TRUE(sink_.Only<PppExit>().stopped_by_us);
}

TEST_P(PppdSupervisorTest, OneWhosePluginNeverSpeaksIsEnded) {
  settings_.start_timeout = Duration::Milliseconds(50);
  settings_.max_starts = 1;
  Open({"ignore-term", "wait"});
  Start();
  RunUntilExit();
  EXPECT_EQ(sink_.Only<PppExit>().status, -1);
  EXPECT_EQ(sink_.Only<PppExit>().signal, 0);
  EXPECT_THAT(sink_.Only<PppExit>().message, HasSubstr("did not get going"));
  EXPECT_EQ(supervisor_->Counts().starting, 0);
}

TEST_P(PppdSupervisorTest, AStartIsOverWithTheFirstWordOfThePlugin) {
  settings_.max_starts = 1;
  settings_.start_timeout = Duration::Milliseconds(400);
  Open({"connect", "hello", "ipv4", "wait"});
  Start();
  Start();
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == 2; });
  EXPECT_EQ(supervisor_->Counts().running, 2);
  EXPECT_EQ(supervisor_->Counts().starting, 0);
  EXPECT_EQ(sink_.Count<PppExit>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Exec, PppdSupervisorTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Zygote, PppdSupervisorTest, testing::Values(true));

// What only a zygote can do.
class ZygoteTest : public PppdSupervisorTest {
 protected:
  // The process of the zygote: our child that is not a pppd of the supervisor.
  static pid_t OtherChild(pid_t pppd) {
    const std::string path = absl::StrCat("/proc/self/task/", getpid(), "/children");
    std::ifstream children(path);
    for (pid_t pid = 0; children >> pid;) {
      if (pid != pppd) return pid;
    }
    return 0;
  }
};

TEST_P(ZygoteTest, PppdsGoOnWhenTheZygoteDiesAndTheNextAreExecutedUntilThereIsAnother) {
  Open({"connect", "hello", "ipv4", "wait"});
  const PppId first = Start();
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == 1; });
  kill(OtherChild(static_cast<pid_t>(supervisor_->Pid(first))), SIGKILL);
  RunUntilLogged("ppp zygote ended");
  const PppId second = Start();
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == 2; });
  EXPECT_EQ(supervisor_->Counts().executed, 1);
  EXPECT_EQ(supervisor_->Counts().running, 2);
  log_.str("");
  RunUntilLogged("ppp zygote waits");
  const PppId third = Start();
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == 3; });
  EXPECT_EQ(supervisor_->Counts().forked, 2);
  for (const PppId ppp : {first, second, third}) supervisor_->Stop(ppp);
  RunUntil([this] { return supervisor_->running() == 0; });
  for (const auto& [ppp, event] : sink_.events) {
    if (const auto* exit = std::get_if<PppExit>(&event)) {
      EXPECT_EQ(exit->status, 5);
    }
  }
}

TEST_P(ZygoteTest, ZygoteThatDiesWithRequestsUnansweredLosesNone) {
  Open({"connect", "hello", "ipv4", "wait"});
  kill(OtherChild(0), SIGSTOP);
  for (int i = 0; i < 3; ++i) Start();
  kill(OtherChild(0), SIGKILL);
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == 3; });
  EXPECT_EQ(supervisor_->Counts().executed, 3);
  supervisor_->StopAll();
  RunUntil([this] { return supervisor_->running() == 0; });
}

TEST_P(ZygoteTest, WhatIsTooLongForTheZygoteIsExecuted) {
  Open({"exit=0", "print=" + std::string(20'000, 'x')});
  Start();
  RunUntilExit();
  EXPECT_EQ(supervisor_->Counts().executed, 1);
}

INSTANTIATE_TEST_SUITE_P(Zygote, ZygoteTest, testing::Values(true));

}  // namespace
}  // namespace l2tp::ppp
