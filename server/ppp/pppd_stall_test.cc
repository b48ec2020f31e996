// A pppd may hang anywhere, and is ended on its deadline wherever that is. The fake pppd stops
// where the test tells it to; the deadlines are short, and so the tests.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "server/control/ppp_exit.h"
#include "server/ppp/pppd_supervisor_fixture.h"

namespace l2tp::ppp {
namespace {

using events::CloseReason;
using testing::HasSubstr;

struct Stall {
  const char* name;
  std::vector<std::string> commands;  // and then it hangs
  const char* where;                  // as the message says
};

class PppdStallTest : public PppdSupervisorTest {
 protected:
  // Deadlines that nobody reaches who is not meant to.
  void Patient() {
    settings_.start_timeout = Duration::Seconds(60);
    settings_.phase_timeout = Duration::Seconds(60);
    settings_.end_timeout = Duration::Seconds(60);
    settings_.grace = Duration::Seconds(60);
  }

  // What the session's last event says.
  events::Cause Cause() { return control::DescribePppExit(sink_.Only<PppExit>()); }
};

TEST_P(PppdStallTest, OneThatHangsInAPhaseIsEndedWhenItsTimeIsOver) {
  for (const Stall& stall :
       {Stall{"before LCP", {"connect", "hello"}, "pppd was before LCP for 0 s"},
        Stall{"in LCP", {"connect", "hello", "phase=1"}, "pppd was in LCP for 0 s"},
        Stall{"in authentication",
              {"connect", "hello", "phase=1", "lcp", "phase=2", "login=bob"},
              "pppd was in authentication for 0 s"},
        Stall{"in IPCP",
              {"connect", "hello", "phase=1", "lcp", "phase=2", "auth=bob", "phase=3"},
              "pppd was in IPCP or IPv6CP for 0 s"},
        Stall{"after IPCP has gone down",
              {"connect", "hello", "phase=1", "phase=2", "phase=3", "ipv4", "ipv4-down"},
              "pppd was in IPCP or IPv6CP for 0 s"},
        Stall{"in LCP once more",
              {"connect", "hello", "phase=1", "phase=2", "phase=3", "ipv4", "phase=1"},
              "pppd was in LCP for 0 s"}}) {
    SCOPED_TRACE(stall.name);
    Patient();
    // Long enough that a busy machine gets the fake to where it is to hang.
    settings_.phase_timeout = Duration::Milliseconds(500);
    settings_.grace = Duration::Milliseconds(50);
    std::vector<std::string> commands = {"ignore-term"};
    commands.insert(commands.end(), stall.commands.begin(), stall.commands.end());
    commands.push_back("wait");
    Open(commands);
    supervisor_->Begin(Start());
    RunUntilExit();
    EXPECT_EQ(Cause().reason, CloseReason::kPppStalled);
    EXPECT_THAT(Cause().message, HasSubstr(stall.where));
    EXPECT_EQ(Cause().pppd_signal, SIGKILL);
    EXPECT_FALSE(sink_.Only<PppExit>().stopped_by_us);
    Close();
  }
}

TEST_P(PppdStallTest, OneThatHearsTermIsNotKilled) {
  Patient();
  settings_.phase_timeout = Duration::Milliseconds(100);
  Open({"connect", "hello", "phase=1", "wait"});
  supervisor_->Begin(Start());
  RunUntilExit();
  EXPECT_EQ(Cause().reason, CloseReason::kPppStalled);
  EXPECT_EQ(Cause().pppd_signal, 0);
  EXPECT_EQ(Cause().pppd_exit_status, 5);
}

TEST_P(PppdStallTest, OneThatNeverConnectsIsEndedAsOneThatDidNotStart) {
  Patient();
  settings_.start_timeout = Duration::Milliseconds(100);
  Open({"ignore-term", "wait"});
  supervisor_->Begin(Start());
  RunUntilExit();
  EXPECT_EQ(Cause().reason, CloseReason::kPppdFailure);
  EXPECT_THAT(Cause().message, HasSubstr("did not get going within 0 s"));
}

TEST_P(PppdStallTest, OneThatConnectsAndSaysNothingIsEndedAsOneThatDidNotStart) {
  Patient();
  settings_.start_timeout = Duration::Milliseconds(100);
  Open({"ignore-term", "connect", "wait"});
  supervisor_->Begin(Start());
  RunUntilExit();
  EXPECT_EQ(Cause().reason, CloseReason::kPppdFailure);
  EXPECT_THAT(Cause().message, HasSubstr("did not get going within 0 s"));
}

TEST_P(PppdStallTest, OneThatRunsAndIgnoresTermIsKilledAndTheOperatorIsNamed) {
  Patient();
  settings_.grace = Duration::Milliseconds(50);
  Open({"ignore-term", "connect", "hello", "phase=1", "phase=2", "phase=3", "ipv4", "wait"});
  const PppId ppp = Start();
  supervisor_->Begin(ppp);
  RunUntil([this] { return sink_.Count<control::PppIpUp>() == 1; });
  supervisor_->Stop(ppp);
  RunUntilExit();
  EXPECT_EQ(Cause().reason, CloseReason::kAdministrative);
  EXPECT_EQ(Cause().pppd_signal, SIGKILL);
}

TEST_P(PppdStallTest, OneThatHangsWhenItEndsIsKilled) {
  const std::vector<std::string> running = {"ignore-term", "connect", "hello", "phase=1",
                                            "phase=2",     "phase=3", "ipv4"};
  for (const std::vector<std::string>& last :
       {std::vector<std::string>{"phase=4"}, {"phase=4", "ipv4-down", "report=15"}, {"report=0"}}) {
    SCOPED_TRACE(last.back());
    Patient();
    settings_.end_timeout = Duration::Milliseconds(100);
    std::vector<std::string> commands = running;
    commands.insert(commands.end(), last.begin(), last.end());
    commands.push_back("wait");
    Open(commands);
    supervisor_->Begin(Start());
    RunUntilExit();
    EXPECT_EQ(Cause().reason, CloseReason::kPppStalled);
    EXPECT_THAT(Cause().message, HasSubstr("pppd was at its end for 0 s"));
    EXPECT_EQ(Cause().pppd_signal, SIGKILL);
    Close();
  }
}

TEST_P(PppdStallTest, OneThatWaitsForItsCallIsNotHurried) {
  Patient();
  settings_.phase_timeout = Duration::Milliseconds(100);
  Open({"connect", "hello", "wait"});
  const PppId waiting = Start();
  RunUntil([this] { return supervisor_->Counts().running == 1; });
  const PppId begun = Start();
  supervisor_->Begin(begun);
  RunUntilExit();
  EXPECT_EQ(sink_.events.back().first, begun);
  EXPECT_EQ(Cause().reason, CloseReason::kPppStalled);
  EXPECT_NE(supervisor_->Pid(waiting), 0);
}

INSTANTIATE_TEST_SUITE_P(Exec, PppdStallTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Zygote, PppdStallTest, testing::Values(true));

}  // namespace
}  // namespace l2tp::ppp
