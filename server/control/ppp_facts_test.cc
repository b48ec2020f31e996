#include "server/control/ppp_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace l2tp::control {
namespace {

using events::EventType;
using events::PppPhase;
using events::SessionInfo;
using testing::ElementsAre;

PppIpUp Ipv4(const char* local) {
  PppIpUp up;
  up.interface_name = "ppp0";
  up.ipv4.local = *IpAddress::Parse(local);
  return up;
}

PppIpv6Up Ipv6() {
  PppIpv6Up up;
  up.interface_name = "ppp0";
  up.ipv6.local = *IpAddress::Parse("fe80::1");
  return up;
}

PppCcpUp Mppe() {
  PppCcpUp up;
  up.ccp.send = {"MPPE", 128, false};
  return up;
}

TEST(PppFactsTest, LcpAndLoginAreTold) {
  SessionInfo info;
  PppLcpUp up;
  up.lcp.magic = 7;
  EXPECT_EQ(TakePppFacts(up, &info), EventType::kSessionLcpUp);
  EXPECT_EQ(info.lcp->magic, 7u);
  PppAuth login;
  login.auth.user = "alice";
  EXPECT_EQ(TakePppFacts(login, &info), EventType::kSessionAuthenticated);
  EXPECT_EQ(info.auth->user, "alice");
}

TEST(PppFactsTest, PhaseIsToldWhenItIsAnother) {
  SessionInfo info;
  EXPECT_EQ(TakePppFacts(PppPhaseChange{PppPhase::kEstablish}, &info), EventType::kSessionPppPhase);
  EXPECT_EQ(info.ppp_phase, PppPhase::kEstablish);
  EXPECT_EQ(TakePppFacts(PppPhaseChange{PppPhase::kEstablish}, &info), std::nullopt);
}

TEST(PppFactsTest, EchoesAreToldWhenTheirNumberIsAnother) {
  SessionInfo info;
  EXPECT_EQ(TakePppFacts(PppEcho{0}, &info), std::nullopt);
  EXPECT_EQ(TakePppFacts(PppEcho{1}, &info), EventType::kSessionLcpEcho);
  EXPECT_EQ(TakePppFacts(PppEcho{2}, &info), EventType::kSessionLcpEcho);
  EXPECT_EQ(info.unanswered_echoes, 2);
  EXPECT_EQ(TakePppFacts(PppEcho{0}, &info), EventType::kSessionLcpEcho);
  EXPECT_EQ(info.unanswered_echoes, 0);
}

TEST(PppFactsTest, CompressionIsThereWhileCcpIsUp) {
  SessionInfo info;
  EXPECT_EQ(TakePppFacts(PppCcpDown(), &info), std::nullopt);
  EXPECT_EQ(TakePppFacts(Mppe(), &info), EventType::kSessionCcpUp);
  EXPECT_EQ(info.ccp->send.key_bits, 128);
  EXPECT_EQ(TakePppFacts(PppCcpDown(), &info), EventType::kSessionCcpDown);
  EXPECT_FALSE(info.ccp.has_value());
}

TEST(PppFactsTest, StatisticsAreKeptAndNobodyIsTold) {
  SessionInfo info;
  EXPECT_EQ(TakePppFacts(PppStatistics{{.connect_seconds = 60}}, &info), std::nullopt);
  EXPECT_EQ(info.ppp_counters->connect_seconds, 60);
}

TEST(PppFactsTest, ExitBringsTheLastCountersIfItHasAny) {
  SessionInfo info;
  TakePppFacts(PppStatistics{{.connect_seconds = 60}}, &info);
  EXPECT_EQ(TakePppFacts(PppExit(), &info), std::nullopt);
  EXPECT_EQ(info.ppp_counters->connect_seconds, 60);
  PppExit exit;
  exit.counters = events::PppCounters{.connect_seconds = 61};
  TakePppFacts(exit, &info);
  EXPECT_EQ(info.ppp_counters->connect_seconds, 61);
}

TEST(PppFactsTest, AddressesThatWentDownAreRememberedUntilThereAreOthers) {
  SessionInfo info;
  EXPECT_EQ(TakePppFacts(Ipv4("10.0.0.1"), &info), EventType::kSessionIpUp);
  EXPECT_EQ(info.interface_name, "ppp0");
  EXPECT_FALSE(info.last_ipv4.has_value());
  EXPECT_EQ(TakePppFacts(PppIpDown(), &info), EventType::kSessionIpDown);
  EXPECT_FALSE(info.ipv4.has_value());
  EXPECT_EQ(info.last_ipv4->local.ToString(), "10.0.0.1");
  EXPECT_EQ(TakePppFacts(PppIpDown(), &info), std::nullopt);
  EXPECT_EQ(TakePppFacts(Ipv4("10.0.0.2"), &info), EventType::kSessionIpUp);
  EXPECT_FALSE(info.last_ipv4.has_value());

  EXPECT_EQ(TakePppFacts(Ipv6(), &info), EventType::kSessionIpv6Up);
  EXPECT_EQ(TakePppFacts(PppIpv6Down(), &info), EventType::kSessionIpv6Down);
  EXPECT_EQ(info.last_ipv6->local.ToString(), "fe80::1");
}

TEST(PppFactsTest, DeadPppLosesOneThingAfterTheOther) {
  SessionInfo info;
  TakePppFacts(PppPhaseChange{PppPhase::kNetwork}, &info);
  TakePppFacts(Mppe(), &info);
  TakePppFacts(Ipv4("10.0.0.1"), &info);
  TakePppFacts(Ipv6(), &info);
  std::vector<EventType> told;
  while (const auto type = ForgetPppFact(&info)) told.push_back(*type);
  EXPECT_THAT(told, ElementsAre(EventType::kSessionIpDown, EventType::kSessionIpv6Down,
                                EventType::kSessionCcpDown));
  EXPECT_EQ(info.ppp_phase, PppPhase::kDead);
  EXPECT_EQ(info.last_ipv4->local.ToString(), "10.0.0.1");
}

}  // namespace
}  // namespace l2tp::control
