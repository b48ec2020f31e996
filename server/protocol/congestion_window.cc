#include "server/protocol/congestion_window.h"

#include <algorithm>

namespace l2tp::protocol {

void CongestionWindow::SetPeerWindow(uint16_t peer_window) {
  peer_window_ = std::max<uint16_t>(peer_window, 1);
  threshold_ = peer_window_;
  size_ = std::min(size_, peer_window_);
}

void CongestionWindow::OnAcknowledged(int message_count) {
  for (int i = 0; i < message_count && size_ < peer_window_; ++i) {
    if (size_ < threshold_) {
      ++size_;
    } else if (++progress_ >= size_) {
      ++size_;
      progress_ = 0;
    }
  }
}

void CongestionWindow::OnRetransmission() {
  threshold_ = std::max<uint16_t>(size_ / 2, 1);
  size_ = 1;
  progress_ = 0;
}

}  // namespace l2tp::protocol
