#include "server/protocol/reliable_channel.h"

#include <gtest/gtest.h>

#include "server/wire/test_vectors.h"

namespace l2tp::protocol {
namespace {

Instant At(int64_t milliseconds) { return Instant() + Duration::Milliseconds(milliseconds); }

Bytes Body(uint8_t mark) { return Bytes{mark}; }

struct Sent {
  wire::ControlHeader header;
  Bytes body;
};

// What a Flush puts on the wire, decoded.
std::vector<Sent> Flush(ReliableChannel& channel, Instant now) {
  std::vector<Sent> all;
  for (const Bytes& datagram : channel.Flush(now)) {
    ByteSpan body;
    const auto header = wire::ParseControlHeader(datagram, &body);
    EXPECT_TRUE(header.ok());
    all.push_back({*header, Bytes(body.begin(), body.end())});
  }
  return all;
}

// Gives `channel` a message with that Ns and Nr; returns the first octets of what it delivers.
std::vector<uint8_t> Receive(ReliableChannel& channel, Instant now, uint16_t ns, uint16_t nr,
                             const Bytes& body) {
  std::vector<ReceivedMessage> delivered;
  channel.HandleMessage(now, {TunnelId(7), SessionId(), ns, nr}, body, &delivered);
  std::vector<uint8_t> marks;
  for (const ReceivedMessage& message : delivered) marks.push_back(message.body.front());
  return marks;
}

TEST(ReliableChannelTest, FirstMessageHasNsZeroAndThePeersTunnelId) {
  ReliableChannel channel({});
  channel.set_peer_tunnel_id(TunnelId(42));
  channel.Send(SessionId(9), Body(1));
  const auto sent = Flush(channel, At(0));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header, (wire::ControlHeader{TunnelId(42), SessionId(9), 0, 0}));
}

TEST(ReliableChannelTest, MessagesAreDeliveredInOrderWhateverTheirArrival) {
  ReliableChannel channel({});
  EXPECT_EQ(Receive(channel, At(0), 2, 0, Body(12)), std::vector<uint8_t>{});
  EXPECT_EQ(Receive(channel, At(0), 1, 0, Body(11)), std::vector<uint8_t>{});
  EXPECT_EQ(Receive(channel, At(0), 0, 0, Body(10)), (std::vector<uint8_t>{10, 11, 12}));
  EXPECT_EQ(channel.nr(), 3);
}

TEST(ReliableChannelTest, NrStaysAtTheGap) {
  ReliableChannel channel({});
  Receive(channel, At(0), 0, 0, Body(1));
  Receive(channel, At(0), 2, 0, Body(3));
  channel.Send(SessionId(), Body(9));
  EXPECT_EQ(Flush(channel, At(0))[0].header.nr, 1);
}

TEST(ReliableChannelTest, DuplicateIsAcknowledgedWithThePresentNrButNotDeliveredTwice) {
  ReliableChannel channel({});
  for (uint16_t ns = 0; ns < 6; ++ns) Receive(channel, At(0), ns, 0, Body(1));
  Flush(channel, At(0));
  EXPECT_EQ(Receive(channel, At(1), 2, 0, Body(1)), std::vector<uint8_t>{});
  const auto sent = Flush(channel, At(1));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].body.empty());
  EXPECT_EQ(sent[0].header.nr, 6);
  EXPECT_EQ(channel.duplicate_count(), 1);
}

TEST(ReliableChannelTest, SingleMessageIsAcknowledgedByAZlbAfterTheAckDelay) {
  ReliableChannel channel({});
  Receive(channel, At(0), 0, 0, Body(1));
  EXPECT_TRUE(Flush(channel, At(0)).empty());
  EXPECT_EQ(channel.NextTimeout(), At(20));
  channel.HandleTimeout(At(20));
  const auto sent = Flush(channel, At(20));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].body.empty());
  EXPECT_EQ(sent[0].header.nr, 1);
  EXPECT_EQ(channel.NextTimeout(), std::nullopt);
}

TEST(ReliableChannelTest, AcknowledgementRidesOnAMessageThatIsSentAnyway) {
  ReliableChannel channel({});
  Receive(channel, At(0), 0, 0, Body(1));
  channel.Send(SessionId(), Body(2));
  const auto sent = Flush(channel, At(0));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header.nr, 1);
  channel.HandleTimeout(At(500));
  EXPECT_TRUE(Flush(channel, At(500)).empty());
}

TEST(ReliableChannelTest, ZlbCarriesTheNextNsAndTakesNone) {
  ReliableChannel channel({});
  channel.Send(SessionId(), Body(1));
  Flush(channel, At(0));
  Receive(channel, At(0), 0, 1, Body(1));
  channel.HandleTimeout(At(20));
  EXPECT_EQ(Flush(channel, At(20))[0].header.ns, 1);
  channel.Send(SessionId(), Body(2));
  EXPECT_EQ(Flush(channel, At(30))[0].header.ns, 1);
}

TEST(ReliableChannelTest, ZlbIsNeverAcknowledgedAndNeverAdvancesNr) {
  ReliableChannel channel({});
  for (uint16_t ns : {0, 1, 65535}) Receive(channel, At(0), ns, 0, {});
  channel.HandleTimeout(At(1000));
  EXPECT_TRUE(Flush(channel, At(1000)).empty());
  EXPECT_EQ(channel.nr(), 0);
  EXPECT_EQ(Receive(channel, At(1001), 0, 0, Body(1)), std::vector<uint8_t>{1});
}

TEST(ReliableChannelTest, WindowIsFullWhileAMessageHasToWaitForItsFirstTransmission) {
  ReliableChannel channel({});
  channel.Send(SessionId(), Body(1));
  Flush(channel, At(0));
  EXPECT_FALSE(channel.window_full());  // nothing waits
  channel.Send(SessionId(), Body(2));
  Flush(channel, At(0));
  EXPECT_TRUE(channel.window_full());
  Receive(channel, At(1), 0, 1, {});
  Flush(channel, At(1));
  EXPECT_FALSE(channel.window_full());
}

TEST(ReliableChannelTest, WhatIsToBeSentAgainDoesNotMakeTheWindowFull) {
  ReliableChannel channel({});
  channel.Send(SessionId(), Body(1));
  Flush(channel, At(0));
  Receive(channel, At(0), 0, 1, {});  // the window is 2
  channel.Send(SessionId(), Body(2));
  channel.Send(SessionId(), Body(3));
  Flush(channel, At(1));
  channel.HandleTimeout(At(1001));  // the window is 1: one of the two waits
  EXPECT_EQ(Flush(channel, At(1001)).size(), 1u);
  EXPECT_FALSE(channel.window_full());
}

TEST(ReliableChannelTest, AChannelThatHasFailedWaitsForNothing) {
  ReliableChannel channel({.max_retransmits = 0});
  channel.Send(SessionId(), Body(1));
  channel.Send(SessionId(), Body(2));
  Flush(channel, At(0));
  EXPECT_TRUE(channel.window_full());
  channel.HandleTimeout(At(1000));
  ASSERT_TRUE(channel.failed());
  EXPECT_FALSE(channel.window_full());
}

TEST(ReliableChannelTest, NrInADuplicateStillReleases) {
  ReliableChannel channel({});
  Receive(channel, At(0), 0, 0, Body(1));
  channel.Send(SessionId(), Body(2));
  Flush(channel, At(0));
  EXPECT_FALSE(channel.idle());
  Receive(channel, At(1), 0, 1, Body(1));
  EXPECT_TRUE(channel.idle());
}

TEST(ReliableChannelTest, NrForWhatWasNeverSentReleasesNothing) {
  ReliableChannel channel({});
  channel.Send(SessionId(), Body(1));
  channel.Send(SessionId(), Body(2));  // waits: the window is 1
  Flush(channel, At(0));
  Receive(channel, At(1), 0, 2, {});
  EXPECT_FALSE(channel.idle());
  Receive(channel, At(1), 0, 1, {});
  EXPECT_EQ(Flush(channel, At(1))[0].header.ns, 1);
}

TEST(ReliableChannelTest, EveryScheduleVectorIsKeptToTheSecond) {
  for (const TestVector& vector : TestVectorsOfKind("rtx")) {
    if (vector.id().find("None") != std::string::npos) continue;  // we always cap
    ChannelOptions options;
    options.retransmit_cap = Duration::Seconds(vector.Number("cap"));
    options.max_retransmits = static_cast<int>(vector.Number("retries"));
    EXPECT_EQ(options.RetransmissionCycle().seconds(), vector.Number("cycle")) << vector.id();
    ReliableChannel channel(options);
    channel.Send(SessionId(), Body(1));
    ASSERT_EQ(Flush(channel, At(0)).size(), 1u);
    for (int64_t second : vector.Numbers("at")) {
      ASSERT_EQ(channel.NextTimeout(), At(second * 1000)) << vector.id();
      channel.HandleTimeout(At(second * 1000));
      EXPECT_EQ(Flush(channel, At(second * 1000)).size(), 1u) << vector.id();
    }
    EXPECT_EQ(channel.NextTimeout(), At(vector.Number("giveup") * 1000)) << vector.id();
    channel.HandleTimeout(At(vector.Number("giveup") * 1000));
    EXPECT_TRUE(channel.failed()) << vector.id();
  }
}

TEST(ReliableChannelTest, RetransmissionHasTheSameNsAndBodyButThePresentNr) {
  ReliableChannel channel({});
  channel.Send(SessionId(5), Body(77));
  Flush(channel, At(0));
  Receive(channel, At(500), 0, 0, Body(1));
  channel.HandleTimeout(At(1000));
  const auto sent = Flush(channel, At(1000));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header, (wire::ControlHeader{TunnelId(), SessionId(5), 0, 1}));
  EXPECT_EQ(sent[0].body, Body(77));
  EXPECT_EQ(channel.retransmit_count(), 1);
}

TEST(ReliableChannelTest, NoMoreThanThePeersWindowIsOutstanding) {
  ReliableChannel channel({});
  channel.SetPeerWindow(2);
  for (uint8_t i = 0; i < 10; ++i) channel.Send(SessionId(), Body(i));
  size_t outstanding = Flush(channel, At(0)).size();
  EXPECT_EQ(outstanding, 1u);  // slow start
  uint16_t acknowledged = 0;
  while (!channel.idle()) {
    Receive(channel, At(1), 0, ++acknowledged, {});
    outstanding = outstanding - 1 + Flush(channel, At(1)).size();
    EXPECT_LE(outstanding, 2u);
  }
  EXPECT_EQ(acknowledged, 10);
}

TEST(ReliableChannelTest, LossOfSeveralMessagesIsRecoveredAfterOneTimeout) {
  ReliableChannel channel({});
  channel.SetPeerWindow(8);
  for (uint8_t i = 0; i < 7; ++i) channel.Send(SessionId(), Body(i));
  Flush(channel, At(0));
  Receive(channel, At(1), 0, 1, {});            // window 2
  EXPECT_EQ(Flush(channel, At(1)).size(), 2u);  // Ns 1, 2 are lost
  channel.HandleTimeout(At(1001));
  EXPECT_EQ(Flush(channel, At(1001))[0].header.ns, 1);  // one at a time again
  Receive(channel, At(1002), 0, 2, {});
  const auto sent = Flush(channel, At(1002));
  ASSERT_EQ(sent.size(), 2u);  // the other lost one, and the next new one
  EXPECT_EQ(sent[0].header.ns, 2);
  EXPECT_EQ(sent[1].header.ns, 3);
}

TEST(ReliableChannelTest, SequenceNumbersWrapWithoutAGap) {
  ReliableChannel sender({});
  ReliableChannel receiver({});
  for (int i = 0; i < 65540; ++i) {
    sender.Send(SessionId(), Body(static_cast<uint8_t>(i)));
    for (const Bytes& datagram : sender.Flush(At(i))) {
      ByteSpan body;
      const auto header = wire::ParseControlHeader(datagram, &body);
      std::vector<ReceivedMessage> delivered;
      receiver.HandleMessage(At(i), *header, body, &delivered);
      ASSERT_EQ(delivered.size(), 1u) << i;
      ASSERT_EQ(delivered[0].body, Body(static_cast<uint8_t>(i)));
    }
    Receive(sender, At(i), 0, receiver.nr(), {});
    receiver.AcknowledgeNow();
    receiver.Flush(At(i));
    ASSERT_TRUE(sender.idle());
  }
  EXPECT_EQ(receiver.nr(), 4);
}

TEST(ReliableChannelTest, MessagesTooFarAheadAreDropped) {
  ChannelOptions options;
  options.receive_window = 4;
  ReliableChannel channel(options);
  Receive(channel, At(0), 4, 0, Body(4));  // beyond the window of 0..3
  Receive(channel, At(0), 3, 0, Body(3));
  for (uint16_t ns = 0; ns < 3; ++ns) Receive(channel, At(0), ns, 0, Body(1));
  EXPECT_EQ(channel.nr(), 4);
}

TEST(ReliableChannelTest, FailedChannelIsSilent) {
  ChannelOptions options;
  options.max_retransmits = 1;
  ReliableChannel channel(options);
  channel.Send(SessionId(), Body(1));
  Flush(channel, At(0));
  channel.HandleTimeout(At(1000));
  Flush(channel, At(1000));
  channel.HandleTimeout(At(3000));
  EXPECT_TRUE(channel.failed());
  EXPECT_TRUE(Flush(channel, At(3000)).empty());
  EXPECT_EQ(channel.NextTimeout(), std::nullopt);
}

}  // namespace
}  // namespace l2tp::protocol
