#include "server/control/pppd_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace l2tp::control {
namespace {

using ::testing::ElementsAre;

TEST(PppdOptionsTest, OptionOfTheListBecomesItsWords) {
  EXPECT_THAT(*ParsePppdOption("lcp-restart 5"), ElementsAre("lcp-restart", "5"));
  EXPECT_THAT(*ParsePppdOption("proxyarp"), ElementsAre("proxyarp"));
  EXPECT_THAT(*ParsePppdOption("name lns-1.example.net"), ElementsAre("name", "lns-1.example.net"));
  EXPECT_THAT(*ParsePppdOption("ms-wins 192.0.2.7"), ElementsAre("ms-wins", "192.0.2.7"));
}

TEST(PppdOptionsTest, WhatRunsAProgramOrTouchesAFileOrASecretIsRefused) {
  for (const char* text : {"plugin evil.so",
                           "file /etc/shadow",
                           "call provider",
                           "connect /bin/sh",
                           "pty /bin/sh",
                           "init /bin/sh",
                           "disconnect /bin/sh",
                           "welcome /bin/sh",
                           "ip-up-script /bin/sh",
                           "ip-down-script /bin/sh",
                           "ipv6-up-script /bin/sh",
                           "logfile /etc/passwd",
                           "logfd 1",
                           "show-password",
                           "ipcp-accept-remote",
                           "password hush",
                           "record /tmp/x",
                           "privgroup root",
                           "linkname x",
                           "chap-secrets /tmp/x",
                           "allow-ip 0.0.0.0/0",
                           "noauth",
                           "login",
                           "debug",
                           "updetach",
                           "pppol2tp 9",
                           "pppol2tp_events_socket /tmp/x",
                           "/dev/ttyS0",
                           "10.0.0.1:10.0.0.2",
                           "@x",
                           ""}) {
    EXPECT_FALSE(ParsePppdOption(text).ok()) << text;
  }
}

TEST(PppdOptionsTest, ArgumentsHaveTheShapeOfTheirOption) {
  // pppd takes what begins with 0 for octal: 08 is 0.
  for (const char* text : {"lcp-restart",
                           "lcp-restart ",
                           "lcp-restart 0",
                           "lcp-restart 61",
                           "lcp-restart 08",
                           "idle 0600",
                           "lcp-restart -5",
                           "lcp-restart 5x",
                           "lcp-restart 5 plugin evil.so",
                           "lcp-restart  5",
                           "lcp-restart 99999999999999999999",
                           "proxyarp 1",
                           "proxyarp ",
                           "name",
                           "name \"x\"",
                           "name a b",
                           "name -x",
                           "name @file",
                           "name /etc/passwd",
                           "name x\\y",
                           "name x\ny",
                           "ms-wins host",
                           "ms-wins ::1",
                           " proxyarp",
                           "PROXYARP",
                           "proxyarp\tx"}) {
    EXPECT_FALSE(ParsePppdOption(text).ok()) << text;
  }
}

TEST(PppdOptionsTest, EachIsGivenOnceAndTheServersOfNamesTwice) {
  EXPECT_TRUE(CheckPppdOptions("f", {"ms-wins 192.0.2.1", "ms-wins 192.0.2.2", "idle 9"}).ok());
  EXPECT_EQ(CheckPppdOptions("f", {"idle 1", "idle 2"}).message(), "f[1]: idle is given too often");
  EXPECT_FALSE(
      CheckPppdOptions("f", {"ms-wins 1.1.1.1", "ms-wins 1.1.1.2", "ms-wins 1.1.1.3"}).ok());
  EXPECT_FALSE(CheckPppdOptions("f", std::vector<std::string>(33, "proxyarp")).ok());
}

}  // namespace
}  // namespace l2tp::control
