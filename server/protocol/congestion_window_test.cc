#include "server/protocol/congestion_window.h"

#include <gtest/gtest.h>

#include "server/wire/test_vectors.h"

namespace l2tp::protocol {
namespace {

TEST(CongestionWindowTest, FollowsTheTraceOfAppendixA) {
  for (const TestVector& vector : TestVectorsOfKind("cwnd")) {
    CongestionWindow window(static_cast<uint16_t>(vector.Number("rws")));
    const std::string& events = vector.Text("events");
    const auto& sizes = vector.Numbers("cwnd");
    const auto& thresholds = vector.Numbers("ssthresh");
    EXPECT_EQ(window.size(), sizes[0]);
    for (size_t i = 0; i < events.size(); ++i) {
      if (events[i] == 'A') {
        window.OnAcknowledged(1);
      } else {
        window.OnRetransmission();
      }
      EXPECT_EQ(window.size(), sizes[i + 1]) << vector.id() << " event " << i;
      EXPECT_EQ(window.threshold(), thresholds[i + 1]) << vector.id() << " event " << i;
    }
  }
}

TEST(CongestionWindowTest, NeverExceedsThePeersWindowAndTakesZeroForOne) {
  CongestionWindow window(0);
  window.OnAcknowledged(10);
  EXPECT_EQ(window.size(), 1);
  window.SetPeerWindow(3);
  window.OnAcknowledged(10);
  EXPECT_EQ(window.size(), 3);
  window.SetPeerWindow(2);
  EXPECT_EQ(window.size(), 2);
}

}  // namespace
}  // namespace l2tp::protocol
