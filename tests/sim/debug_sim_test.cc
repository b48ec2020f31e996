// What is logged of tunnels with `debug`: two whole controllers in simulated time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/wire/header.h"
#include "tests/support/sim_world.h"

namespace l2tp::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSecret[] = "open-sesame";

class DebugSimTest : public ::testing::Test {
 protected:
  DebugSimTest() : lac_(world_.AddNode("192.0.2.1", Logging())), lns_(world_.AddNode("192.0.2.2")) {
    control::Peer peer;
    peer.name = "peers/lac";
    peer.secret = kSecret;
    EXPECT_TRUE(lns_.controller->CreatePeer(peer).ok());
  }

  control::ControllerOptions Logging() {
    control::ControllerOptions options;
    options.debug_log = [this](const std::string& line) { lines_.push_back(line); };
    return options;
  }
  void Open(const std::string& id, bool debug) {
    control::TunnelSpec spec;
    spec.id = id;
    spec.remote.address = *IpAddress::Parse("192.0.2.2");
    spec.secret = kSecret;
    spec.debug = debug;
    ASSERT_TRUE(lac_.controller->CreateTunnel(spec).ok());
    world_.RunFor(Duration::Seconds(1));
  }
  void Call(const std::string& tunnel) {
    control::SessionSpec spec;
    spec.tunnel = absl::StrCat("tunnels/", tunnel);
    spec.id = "s";
    spec.called_number = "555\" forged=\"1";
    ASSERT_TRUE(lac_.controller->CreateSession(spec).ok());
    world_.RunFor(Duration::Seconds(1));
  }
  void SetDebug(const std::string& tunnel, bool on) {
    control::TunnelChange change;
    change.debug = on;
    const auto changed = lac_.controller->UpdateTunnel(tunnel, "", change);
    ASSERT_TRUE(changed.ok());
    EXPECT_EQ(changed->debug, on);
  }
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

  SimWorld world_;
  std::vector<std::string> lines_;
  SimNode& lac_;
  SimNode& lns_;
};

TEST_F(DebugSimTest, EachMessageAndEachStateOfATunnelIsALine) {
  Open("a", true);
  const auto setup = Take();
  EXPECT_THAT(setup, Each(StartsWith("tunnel=tunnels/a debug=")));
  EXPECT_THAT(setup[0], HasSubstr("debug=on"));
  EXPECT_THAT(setup[0], HasSubstr("state=wait-ctl-reply"));
  EXPECT_THAT(setup[1], AllOf(HasSubstr("debug=sent"), HasSubstr("message=SCCRQ ns=0 nr=0"),
                              HasSubstr("again=false"), HasSubstr("remote=192.0.2.2:1701"),
                              HasSubstr("Challenge=<16 octets>")));
  EXPECT_THAT(setup, Contains(AllOf(HasSubstr("debug=received"), HasSubstr("message=SCCRP"),
                                    HasSubstr("Challenge-Response=<16 octets>"))));
  EXPECT_THAT(setup, Contains(HasSubstr("debug=state")));
  EXPECT_THAT(setup, Contains(HasSubstr("from=wait-ctl-reply to=established")));

  Call("a");
  const auto call = Take();
  EXPECT_THAT(call, Contains(AllOf(HasSubstr("debug=sent"), HasSubstr("message=ICRQ"))));
  EXPECT_THAT(call, Contains(AllOf(HasSubstr("debug=session"), HasSubstr("to=established"))));
  for (const auto& lines : {setup, call}) {
    EXPECT_THAT(lines, Each(Not(HasSubstr(kSecret))));
    EXPECT_THAT(lines, Each(Not(HasSubstr("\n"))));
    EXPECT_THAT(lines, Each(Not(HasSubstr(" forged=\""))));
  }

  lac_.controller->DeleteTunnel("tunnels/a", {.force = true, .message = ""}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(120));
  const auto end = Take();
  EXPECT_THAT(end, Contains(HasSubstr("message=StopCCN")));
  EXPECT_THAT(end, Contains(HasSubstr("from=established to=closing")));
  EXPECT_THAT(end, Contains(AllOf(HasSubstr("debug=session"), HasSubstr("to=gone"))));
  EXPECT_THAT(end.back(), HasSubstr("to=released"));
}

TEST_F(DebugSimTest, OnlyTheTunnelThatIsMeantIsLoggedAndOnlyWhileItIsOn) {
  Open("a", false);
  Open("b", false);
  EXPECT_THAT(Take(), IsEmpty());
  lac_.TakeEventNames();
  SetDebug("tunnels/a", true);
  EXPECT_THAT(lac_.TakeEventNames(), ::testing::ElementsAre("TUNNEL_UPDATED"));
  EXPECT_TRUE(lac_.LastTunnel().debug);
  Call("a");
  Call("b");
  EXPECT_THAT(lines_, Contains(HasSubstr("message=ICRQ")));
  EXPECT_THAT(Take(), Each(StartsWith("tunnel=tunnels/a ")));
  SetDebug("tunnels/a", false);
  EXPECT_THAT(Take(), Each(HasSubstr("debug=off")));
  world_.RunFor(Duration::Seconds(300));
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(DebugSimTest, WhatIsSentOrComesOnceMoreIsCalledSo) {
  Open("a", false);
  SetDebug("tunnels/a", true);
  FakeNetwork::Quality quality;
  quality.loss = 1;
  world_.network().SetQuality(quality);
  Call("a");
  world_.RunFor(Duration::Seconds(2));
  quality.loss = 0;
  quality.duplicate = 1;
  world_.network().SetQuality(quality);
  world_.RunFor(Duration::Seconds(5));
  const auto lines = Take();
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("debug=sent"), HasSubstr("message=ICRQ"),
                                    HasSubstr("again=false"))));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("debug=sent"), HasSubstr("message=ICRQ"),
                                    HasSubstr("again=true"))));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("debug=received"), HasSubstr("message=ICRP"),
                                    HasSubstr("again=true"))));
}

TEST_F(DebugSimTest, AFloodIsCountedInsteadOfLogged) {
  Open("a", true);
  Take();
  const auto id = lac_.controller->GetTunnel("tunnels/a")->assigned_tunnel_id;
  const Bytes zlb = wire::EncodeControl({id, SessionId(), 1, 1}, ByteSpan());
  const auto tunnel = *lac_.controller->GetTunnel("tunnels/a");
  const auto flood = [&](const Endpoint& from) {
    for (int i = 0; i < 1000; ++i) {
      lac_.controller->OnDatagram(Path{tunnel.local, from}, zlb);
    }
  };
  flood({*IpAddress::Parse("203.0.113.9"), 1701});
  EXPECT_THAT(Take(), IsEmpty()) << "a stranger";
  flood(tunnel.remote);
  EXPECT_LE(Take().size(), static_cast<size_t>(control::TunnelDebug::kLinesPerSecond));
  world_.RunFor(Duration::Seconds(2));
  flood(tunnel.remote);
  EXPECT_THAT(Take()[0], HasSubstr("debug=left_out"));
  // The end is told in any case.
  SetDebug("tunnels/a", false);
  const std::vector<std::string> end = Take();
  ASSERT_EQ(end.size(), 2u);
  EXPECT_THAT(end[0], HasSubstr("debug=left_out"));
  EXPECT_THAT(end[1], HasSubstr("debug=off"));
}

}  // namespace
}  // namespace l2tp::testing
