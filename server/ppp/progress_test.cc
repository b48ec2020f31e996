#include "server/ppp/progress.h"

#include <gtest/gtest.h>

namespace l2tp::ppp {
namespace {

using events::PppPhase;

constexpr ProgressLimits kLimits = {
    .start = Duration::Seconds(30), .phase = Duration::Seconds(45), .end = Duration::Seconds(15)};

PluginMessageBody Phase(PppPhase phase) { return control::PppPhaseChange{phase}; }

TEST(ProgressTest, EveryStepHasItsLimitButWaitingForTheCallAndCarryingTraffic) {
  Progress progress(kLimits);
  EXPECT_TRUE(progress.starting());
  EXPECT_EQ(progress.limit(), kLimits.start);
  EXPECT_TRUE(progress.Take(Hello()));
  EXPECT_FALSE(progress.starting());
  EXPECT_EQ(progress.limit(), Duration());
  EXPECT_TRUE(progress.Begin());
  EXPECT_EQ(progress.where(), "before LCP");
  EXPECT_EQ(progress.limit(), kLimits.phase);
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kEstablish)));
  EXPECT_EQ(progress.where(), "in LCP");
  EXPECT_EQ(progress.limit(), kLimits.phase);
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kAuthenticate)));
  EXPECT_EQ(progress.where(), "in authentication");
  EXPECT_EQ(progress.limit(), kLimits.phase);
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kNetwork)));
  EXPECT_EQ(progress.where(), "in IPCP or IPv6CP");
  EXPECT_EQ(progress.limit(), kLimits.phase);
  EXPECT_TRUE(progress.Take(control::PppIpUp()));
  EXPECT_EQ(progress.limit(), Duration());
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kTerminate)));
  EXPECT_EQ(progress.where(), "at its end");
  EXPECT_EQ(progress.limit(), kLimits.end);
}

TEST(ProgressTest, CallThatIsUpBeforeThePluginSpeaksIsNotWaitedFor) {
  Progress progress(kLimits);
  EXPECT_FALSE(progress.Begin());
  EXPECT_TRUE(progress.starting());
  EXPECT_TRUE(progress.Take(Hello()));
  EXPECT_EQ(progress.where(), "before LCP");
}

TEST(ProgressTest, WhatIsSaidInAPhaseDoesNotProlongIt) {
  Progress progress(kLimits);
  progress.Take(Hello());
  progress.Begin();
  EXPECT_FALSE(progress.Take(Hello()));  // it has connected anew
  progress.Take(Phase(PppPhase::kEstablish));
  EXPECT_FALSE(progress.Take(control::PppLcpUp()));
  EXPECT_FALSE(progress.Take(Phase(PppPhase::kEstablish)));
  progress.Take(Phase(PppPhase::kAuthenticate));
  EXPECT_FALSE(progress.Take(control::PeerLogin()));
  EXPECT_FALSE(progress.Take(control::PppAuth()));
  progress.Take(Phase(PppPhase::kTerminate));
  EXPECT_FALSE(progress.Take(control::PppIpDown()));
  EXPECT_FALSE(progress.Take(ExitReport()));
}

TEST(ProgressTest, EitherFamilyIsEnoughToRunAndTheLastToGoEndsThat) {
  Progress progress(kLimits);
  progress.Take(Hello());
  progress.Begin();
  progress.Take(Phase(PppPhase::kNetwork));
  EXPECT_TRUE(progress.Take(control::PppIpv6Up()));
  EXPECT_FALSE(progress.Take(control::PppIpUp()));
  EXPECT_FALSE(progress.Take(control::PppIpv6Down()));
  EXPECT_EQ(progress.where(), "running");
  EXPECT_TRUE(progress.Take(control::PppIpDown()));
  EXPECT_EQ(progress.limit(), kLimits.phase);
}

TEST(ProgressTest, LcpThatIsNegotiatedAgainHasItsLimitAgain) {
  Progress progress(kLimits);
  progress.Take(Hello());
  progress.Begin();
  progress.Take(Phase(PppPhase::kNetwork));
  progress.Take(control::PppIpUp());
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kEstablish)));
  EXPECT_EQ(progress.limit(), kLimits.phase);
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kAuthenticate)));
  EXPECT_TRUE(progress.Take(Phase(PppPhase::kNetwork)));
  EXPECT_EQ(progress.where(), "in IPCP or IPv6CP");
}

TEST(ProgressTest, ExitIsTheBeginningOfTheEndWhereverItComesFrom) {
  Progress progress(kLimits);
  EXPECT_TRUE(progress.Take(ExitReport()));
  EXPECT_EQ(progress.limit(), kLimits.end);
}

}  // namespace
}  // namespace l2tp::ppp
