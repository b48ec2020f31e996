// Slow start and congestion avoidance (RFC 2661 section 5.8 and Appendix A).

#ifndef L2TP_SERVER_PROTOCOL_CONGESTION_WINDOW_H_
#define L2TP_SERVER_PROTOCOL_CONGESTION_WINDOW_H_

#include <cstdint>

namespace l2tp::protocol {

// How many messages may be unacknowledged at a time: starts at 1, never above the peer's Receive
// Window Size.
class CongestionWindow {
 public:
  // `peer_window` in messages, 1..65535.
  explicit CongestionWindow(uint16_t peer_window) { SetPeerWindow(peer_window); }

  // The peer's Receive Window Size became known. 0, which the RFC forbids, counts as 1.
  void SetPeerWindow(uint16_t peer_window);

  void OnAcknowledged(int message_count);
  void OnRetransmission();

  uint16_t size() const { return size_; }
  uint16_t threshold() const { return threshold_; }
  uint16_t peer_window() const { return peer_window_; }

 private:
  uint16_t size_ = 1;       // CWND
  uint16_t threshold_ = 1;  // SSTHRESH, at least 1
  uint16_t peer_window_ = 1;
  uint16_t progress_ = 0;  // acknowledgements towards the next increase in avoidance
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_CONGESTION_WINDOW_H_
