#include "tests/bench/load/pinger.h"

#include <algorithm>

namespace l2tp::load {
namespace {

constexpr Duration kRetry = Duration::Milliseconds(500);
// As much as ping(8) sends.
constexpr size_t kDataSize = 56;

}  // namespace

void Pinger::Start(Instant now, const IpAddress& local, const IpAddress& remote,
                   uint16_t identifier) {
  if (state_ != State::kIdle || plan_.count <= 0) return;
  if (!remote.is_v4()) {
    state_ = State::kFailed;
    return;
  }
  state_ = State::kRunning;
  local_ = local;
  remote_ = remote;
  identifier_ = identifier;
  started_ = now;
  give_up_ = now + plan_.timeout;
  first_sequence_ = 1;
  Send(now);
}

void Pinger::Send(Instant now) {
  static const Bytes data(kDataSize, 0x5a);
  ++sequence_;
  ++sent_;
  waiting_ = true;
  packets_.push_back(ppp::EncodeIcmpEcho({.source = local_,
                                          .destination = remote_,
                                          .identifier = identifier_,
                                          .sequence = sequence_,
                                          .data = data}));
  due_ = std::min(now + kRetry, give_up_);
}

void Pinger::HandleReply(Instant now, const ppp::IcmpEcho& reply) {
  if (!waiting_ || !reply.reply || reply.identifier != identifier_ || reply.source != remote_ ||
      reply.destination != local_) {
    return;
  }
  // Any request since the last reply may be the one that got through.
  const auto behind = static_cast<uint16_t>(reply.sequence - first_sequence_);
  if (behind > static_cast<uint16_t>(sequence_ - first_sequence_)) return;
  ++answered_;
  waiting_ = false;
  if (!first_reply_.has_value()) first_reply_ = now - started_;
  if (answered_ >= plan_.count) {
    state_ = State::kDone;
    due_.reset();
    return;
  }
  first_sequence_ = static_cast<uint16_t>(sequence_ + 1);
  due_ = now + plan_.interval;
}

void Pinger::HandleTimeout(Instant now) {
  if (!due_.has_value() || *due_ > now) return;
  if (!waiting_) {
    give_up_ = now + plan_.timeout;
  } else if (now >= give_up_) {
    state_ = State::kFailed;
    due_.reset();
    return;
  }
  Send(now);
}

}  // namespace l2tp::load
