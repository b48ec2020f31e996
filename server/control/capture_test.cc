#include "server/control/capture.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/base/error.h"
#include "server/wire/message.h"

namespace l2tp::control {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

constexpr char kPassword[] = "open sesame";

Bytes Datagram(const Message& message, const wire::HidingParams* hiding = nullptr) {
  return wire::EncodeControl({TunnelId(7), SessionId(9), 2, 3}, wire::EncodeBody(message, hiding));
}

Message Iccn() {
  Message iccn(MessageType::kIccn);
  iccn.Add(AvpType::kTxConnectSpeed, uint32_t{64000});
  iccn.Add(AvpType::kProxyAuthenResponse, std::string(kPassword));
  iccn.Add(AvpType::kFramingType, uint32_t{1});
  return iccn;
}

std::string Text(const Bytes& octets) { return {octets.begin(), octets.end()}; }

class CaptureTest : public ::testing::Test {
 protected:
  std::shared_ptr<Capture> Start(CaptureFilter filter = {}) {
    auto capture = captures_.Start(std::move(filter), [this] { ++ready_; });
    EXPECT_TRUE(capture.ok()) << capture.status();
    return *std::move(capture);
  }
  void Note(ByteSpan datagram, std::optional<TunnelHandle> tunnel = std::nullopt,
            absl::string_view name = "", uint32_t remote = 2) {
    const Path path{{IpAddress::FromV4(1), 1701}, {IpAddress::FromV4(remote), 1701}};
    captures_.Note(WallTime{5}, true, path, datagram, tunnel, name);
  }
  static int Count(Capture& capture) {
    int count = 0;
    while (capture.Pop()) ++count;
    return count;
  }

  Captures captures_;
  int ready_ = 0;
};

TEST_F(CaptureTest, GivesWhatWasSentAsItWas) {
  auto capture = Start();
  const Bytes hello = Datagram(Message(MessageType::kHello));
  Note(hello);
  const auto message = capture->Pop();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->datagram, hello);
  EXPECT_TRUE(message->sent);
  EXPECT_EQ(message->time, WallTime{5});
  EXPECT_EQ(message->path.remote.ToString(), "0.0.0.2:1701");
  EXPECT_EQ(capture->Pop(), std::nullopt);
}

TEST_F(CaptureTest, TellsItsReaderOnceUntilItHasReadAll) {
  auto capture = Start();
  Note(Bytes{1});
  Note(Bytes{2});
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(Count(*capture), 2);
  Note(Bytes{3});
  EXPECT_EQ(ready_, 2);
}

TEST_F(CaptureTest, APasswordInAProxyAuthenResponseIsOverwritten) {
  auto capture = Start();
  const Bytes iccn = Datagram(Iccn());
  ASSERT_NE(Text(iccn).find(kPassword), std::string::npos);
  Note(iccn);
  const Bytes seen = capture->Pop()->datagram;
  EXPECT_EQ(Text(seen).find(kPassword), std::string::npos);
  EXPECT_NE(Text(seen).find(std::string(sizeof(kPassword) - 1, '*')), std::string::npos);
  // Everything else is as it was.
  ByteSpan body;
  ASSERT_TRUE(wire::ParseControlHeader(seen, &body).ok());
  const auto decoded = wire::DecodeMessage(wire::SplitAvps(body), std::nullopt);
  EXPECT_EQ(decoded.message.Get<uint32_t>(AvpType::kTxConnectSpeed), 64000u);
  EXPECT_EQ(decoded.message.Get<uint32_t>(AvpType::kFramingType), 1u);
}

TEST_F(CaptureTest, HiddenAvpsStayHiddenAndAreLeftAlone) {
  auto capture = Start();
  const Bytes vector(16, 0x5a);
  const wire::HidingParams hiding{"secret", vector, {}};
  const Bytes iccn = Datagram(Iccn(), &hiding);
  Note(iccn);
  EXPECT_EQ(capture->Pop()->datagram, iccn);
}

TEST_F(CaptureTest, TakesOneTunnelToItsVeryEnd) {
  auto capture = Start({.tunnel = "tunnels/a", .remote = {}});
  Note(Bytes{1}, TunnelHandle(1), "tunnels/a");
  Note(Bytes{2}, TunnelHandle(2), "tunnels/b");
  Note(Bytes{3});
  Note(Bytes{4}, TunnelHandle(1), "");  // StopCCN is sent again when the tunnel has left the API
  captures_.Forget(TunnelHandle(1));
  Note(Bytes{5}, TunnelHandle(1), "");
  EXPECT_EQ(capture->Pop()->datagram, Bytes{1});
  EXPECT_EQ(capture->Pop()->datagram, Bytes{4});
  EXPECT_EQ(capture->Pop(), std::nullopt);
}

TEST_F(CaptureTest, TakesOnePeer) {
  auto capture = Start({.tunnel = "", .remote = IpAddress::FromV4(2)});
  Note(Bytes{1}, std::nullopt, "", 2);
  Note(Bytes{2}, std::nullopt, "", 3);
  EXPECT_EQ(Count(*capture), 1);
}

TEST_F(CaptureTest, ASlowReaderLosesMessagesAndIsToldHowMany) {
  auto capture = Start();
  const Bytes large(60'000, 0);
  for (int i = 0; i < 100; ++i) Note(large);
  const int kept = Count(*capture);
  EXPECT_GT(kept, 10);
  EXPECT_LE(kept * large.size(), Captures::kQueueOctets);
  Note(Bytes{1});
  EXPECT_EQ(capture->Pop()->dropped_count, 100 - kept);
  Note(Bytes{2});
  EXPECT_EQ(capture->Pop()->dropped_count, 0);
}

TEST_F(CaptureTest, WhatIsCancelledIsForgottenAndMakesRoom) {
  EXPECT_FALSE(captures_.any());
  std::vector<std::shared_ptr<Capture>> all;
  for (size_t i = 0; i < Captures::kMaxCaptures; ++i) all.push_back(Start());
  EXPECT_TRUE(HasReason(captures_.Start({}, [] {}).status(), Reason::kCaptureLimit));
  all.back()->Cancel();
  EXPECT_TRUE(absl::IsCancelled(all.back()->status()));
  Start();
  for (const auto& capture : all) capture->Cancel();
  Note(Bytes{1});
  EXPECT_EQ(Count(*all[0]), 0);
}

TEST(DescribeDatagramTest, NamesHeaderMessageAndAvpsWithoutPasswords) {
  const std::string text = DescribeDatagram(Datagram(Iccn()));
  EXPECT_EQ(text.find("7/9 Ns 2 Nr 3 ICCN Tx-Connect-Speed=64000"), 0u) << text;
  EXPECT_EQ(text.find(kPassword), std::string::npos) << text;
}

TEST(DescribeDatagramTest, CountsHiddenAvps) {
  const Bytes vector(16, 0x5a);
  const wire::HidingParams hiding{"secret", vector, {}};
  const std::string text = DescribeDatagram(Datagram(Iccn(), &hiding));
  EXPECT_NE(text.find("hidden AVPs)"), std::string::npos) << text;
}

TEST(DescribeDatagramTest, SaysWhenItIsNoControlMessage) {
  EXPECT_EQ(DescribeDatagram(Bytes{0xc8, 0x02, 0x00}), "not a control message, 3 octets");
  EXPECT_EQ(DescribeDatagram({}), "not a control message, 0 octets");
}

}  // namespace
}  // namespace l2tp::control
