#include "server/control/ppp_exit.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace l2tp::control {
namespace {

using events::ClosedBy;
using events::CloseReason;

PppExit Exited(int status) {
  PppExit exit;
  exit.status = status;
  return exit;
}

PppExit Killed(int signal) {
  PppExit exit;
  exit.signal = signal;
  return exit;
}

TEST(PppExitTest, PeerThatDoesNotAnswerEchoesIsALossOfCarrier) {
  const events::Cause cause = DescribePppExit(Exited(15));
  EXPECT_EQ(cause.reason, CloseReason::kPppPeerDead);
  EXPECT_EQ(cause.closed_by, ClosedBy::kPpp);
  EXPECT_EQ(cause.result_code, 1);
  EXPECT_EQ(cause.error_code, 0);
  EXPECT_EQ(cause.pppd_exit_status, 15);
}

TEST(PppExitTest, TheTwoLoginFailuresAreToldApart) {
  EXPECT_EQ(DescribePppExit(Exited(11)).reason, CloseReason::kPppPeerAuthFailed);
  EXPECT_EQ(DescribePppExit(Exited(19)).reason, CloseReason::kPppOwnAuthFailed);
}

TEST(PppExitTest, GeneralErrorsCarryAnErrorCodeAndOthersDoNot) {
  for (int status = 0; status <= 255; ++status) {
    const events::Cause cause = DescribePppExit(Exited(status));
    EXPECT_EQ(cause.result_code == 2, cause.error_code != 0) << status;
    EXPECT_NE(cause.result_code, 0) << status;
    EXPECT_NE(cause.reason, CloseReason::kNone) << status;
    EXPECT_FALSE(cause.message.empty()) << status;
  }
}

TEST(PppExitTest, EndThatWeAskedForIsAdministrative) {
  PppExit exit = Exited(5);
  exit.stopped_by_us = true;
  EXPECT_EQ(DescribePppExit(exit).reason, CloseReason::kAdministrative);
  exit = Killed(SIGKILL);
  exit.stopped_by_us = true;
  EXPECT_EQ(DescribePppExit(exit).reason, CloseReason::kAdministrative);
}

TEST(PppExitTest, KillByAStrangerIsNamed) {
  const events::Cause cause = DescribePppExit(Killed(SIGSEGV));
  EXPECT_EQ(cause.reason, CloseReason::kPppdKilled);
  EXPECT_EQ(cause.message, "pppd was killed by signal 11");
  EXPECT_EQ(cause.pppd_exit_status, -1);
  EXPECT_EQ(cause.pppd_signal, SIGSEGV);
}

TEST(PppExitTest, LinkThatWentDownWhileWeWereStoppingItKeepsItsOwnReason) {
  PppExit exit = Exited(16);
  exit.stopped_by_us = true;
  EXPECT_EQ(DescribePppExit(exit).reason, CloseReason::kPppHangup);
}

TEST(PppExitTest, ProgramThatCannotBeStartedIsOurOwnFault) {
  PppExit exit = Exited(-1);
  exit.message = "cannot run /usr/sbin/pppd: No such file or directory";
  const events::Cause cause = DescribePppExit(exit);
  EXPECT_EQ(cause.closed_by, ClosedBy::kDaemon);
  EXPECT_EQ(cause.reason, CloseReason::kPppdFailure);
  EXPECT_EQ(cause.message,
            "pppd could not be started: cannot run /usr/sbin/pppd: No such file or directory");
}

TEST(PppExitTest, PppdThatWasEndedForWantOfProgressIsToldFromOneThatWasKilled) {
  for (PppExit exit : {Exited(5), Killed(SIGKILL)}) {
    exit.stalled = true;
    exit.message = "pppd was in LCP for 45 s";
    const events::Cause cause = DescribePppExit(exit);
    EXPECT_EQ(cause.closed_by, ClosedBy::kDaemon);
    EXPECT_EQ(cause.reason, CloseReason::kPppStalled);
    EXPECT_EQ(cause.message, "PPP made no progress: pppd was in LCP for 45 s");
    EXPECT_EQ(cause.pppd_signal, exit.signal);
    EXPECT_EQ(DescribeForPeer(exit, true, ""), std::nullopt);
  }
}

TEST(PppExitTest, StatusPppdDoesNotDocumentIsShown) {
  EXPECT_EQ(DescribePppExit(Exited(99)).message, "pppd failed (exit status 99)");
}

// Holds: R-3145-3-01 R-3145-4-01
TEST(PppExitTest, PeerIsToldInTheTermsOfRfc3145) {
  struct Case {
    int status;
    bool lcp_up;
    const char* method;
    wire::PppDisconnectCause told;
  };
  for (const Case& c :
       {Case{0, true, "PAP", {3, 0, 1, ""}}, Case{5, true, "", {1, 0, 0, ""}},
        Case{10, false, "", {5, 0xc021, 0, ""}}, Case{10, true, "", {18, 0x8021, 0, ""}},
        Case{11, true, "PAP", {16, 0xc023, 1, ""}}, Case{11, true, "CHAP-MD5", {16, 0xc223, 1, ""}},
        Case{19, true, "MS-CHAPv2", {16, 0xc223, 2, ""}}, Case{15, true, "", {8, 0xc021, 1, ""}},
        Case{17, true, "", {7, 0xc021, 0, ""}}}) {
    EXPECT_EQ(DescribeForPeer({.status = c.status}, c.lcp_up, c.method), c.told) << c.status;
  }
  EXPECT_EQ(DescribeForPeer({.status = 2}, true, ""), std::nullopt);
  EXPECT_EQ(DescribeForPeer({.status = 0, .signal = 9}, true, ""), std::nullopt);
}

}  // namespace
}  // namespace l2tp::control
