#include "server/protocol/reliable_channel.h"

#include <algorithm>

#include "server/protocol/sequence.h"

namespace l2tp::protocol {
namespace {

// Until the peer's Receive Window Size AVP is known, and when it sends none (section 4.4.3).
constexpr uint16_t kDefaultPeerWindow = 4;

// The wait after `retries` retransmissions: doubling, capped.
Duration Wait(const ChannelOptions& options, int retries) {
  Duration wait = options.retransmit_timeout;
  for (int i = 0; i < retries && wait < options.retransmit_cap; ++i) wait = wait * 2;
  return std::min(wait, std::max(options.retransmit_cap, options.retransmit_timeout));
}

}  // namespace

Duration ChannelOptions::RetransmissionCycle() const {
  Duration cycle;
  for (int i = 0; i < max_retransmits; ++i) cycle = cycle + Wait(*this, i);
  return cycle;
}

Duration ChannelOptions::GiveUpTime() const {
  return RetransmissionCycle() + Wait(*this, max_retransmits);
}

ReliableChannel::ReliableChannel(const ChannelOptions& options)
    : options_(options), window_(kDefaultPeerWindow) {}

void ReliableChannel::Send(SessionId session_id, Bytes body) {
  unacknowledged_.push_back({session_id, std::move(body)});
  ++next_ns_;
}

void ReliableChannel::HandleMessage(Instant now, const wire::ControlHeader& header, ByteSpan body,
                                    std::vector<ReceivedMessage>* delivered) {
  HandleAck(now, header.nr);
  if (body.empty()) return;  // a ZLB neither advances Nr nor is acknowledged
  switch (ClassifyNs(nr_, header.ns)) {
    case Arrival::kOld:
      // Our acknowledgement was lost, or is late: repeat it with the present Nr.
      ++duplicate_count_;
      ack_now_ = true;
      return;
    case Arrival::kAhead:
      if (keep_ahead_ && static_cast<uint16_t>(header.ns - nr_) < options_.receive_window) {
        ahead_.try_emplace(header.ns,
                           ReceivedMessage{header.session_id, {body.begin(), body.end()}});
      }
      return;
    case Arrival::kInSequence: break;
  }
  Accept(body, header.session_id, delivered);
  for (auto next = ahead_.find(nr_); next != ahead_.end(); next = ahead_.find(nr_)) {
    ReceivedMessage message = std::move(next->second);
    ahead_.erase(next);
    Accept(message.body, message.session_id, delivered);
  }
  // A sender in slow start waits for this acknowledgement: only a single message may be delayed.
  if (unacked_received_ >= 2) ack_now_ = true;
  if (!ack_at_.has_value()) ack_at_ = now + options_.ack_delay;
}

void ReliableChannel::Accept(ByteSpan body, SessionId session_id,
                             std::vector<ReceivedMessage>* delivered) {
  delivered->push_back({session_id, Bytes(body.begin(), body.end())});
  ++nr_;
  ++unacked_received_;
}

void ReliableChannel::HandleAck(Instant now, uint16_t nr) {
  // Only what has been on the wire can be acknowledged.
  const uint16_t released = AcknowledgedCount(oldest_ns(), ns(), nr);
  if (released == 0) return;
  unacknowledged_.erase(unacknowledged_.begin(), unacknowledged_.begin() + released);
  sent_ -= std::min<size_t>(sent_, released);
  high_water_ -= released;
  window_.OnAcknowledged(released);
  retries_ = 0;
  retransmit_at_.reset();
  if (sent_ > 0) retransmit_at_ = now + CurrentWait();
}

void ReliableChannel::HandleTimeout(Instant now) {
  if (ack_at_.has_value() && *ack_at_ <= now) ack_now_ = true;
  if (!retransmit_at_.has_value() || *retransmit_at_ > now) return;
  retransmit_at_.reset();
  if (retries_ >= options_.max_retransmits) {
    failed_ = true;
    return;
  }
  ++retries_;
  window_.OnRetransmission();
  sent_ = 0;  // everything outstanding goes again, at the pace of the window
}

std::vector<Bytes> ReliableChannel::Flush(Instant now) {
  std::vector<Bytes> datagrams;
  if (failed_) return datagrams;
  while (sent_ < unacknowledged_.size() && sent_ < window_.size()) {
    const Outgoing& message = unacknowledged_[sent_];
    const auto ns = static_cast<uint16_t>(oldest_ns() + sent_);
    datagrams.push_back(Encode(message.session_id, ns, message.body));
    if (sent_ < high_water_) ++retransmit_count_;
    ++sent_;
    high_water_ = std::max(high_water_, sent_);
    if (!retransmit_at_.has_value()) retransmit_at_ = now + CurrentWait();
  }
  if (datagrams.empty() && ack_now_) {
    // A ZLB carries the Ns the next new message will have, and takes none itself.
    datagrams.push_back(Encode(SessionId(), ns(), ByteSpan()));
  }
  if (!datagrams.empty()) {
    ack_now_ = false;
    ack_at_.reset();
    unacked_received_ = 0;
  }
  return datagrams;
}

void ReliableChannel::AcknowledgeNow() {
  if (ack_at_.has_value()) ack_now_ = true;
}

std::optional<Instant> ReliableChannel::NextTimeout() const {
  if (failed_) return std::nullopt;
  if (!ack_at_.has_value()) return retransmit_at_;
  if (!retransmit_at_.has_value()) return ack_at_;
  return std::min(*ack_at_, *retransmit_at_);
}

Bytes ReliableChannel::Encode(SessionId session_id, uint16_t ns, ByteSpan body) const {
  return wire::EncodeControl({peer_tunnel_id_, session_id, ns, nr_}, body);
}

Duration ReliableChannel::CurrentWait() const { return Wait(options_, retries_); }

}  // namespace l2tp::protocol
