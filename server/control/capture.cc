#include "server/control/capture.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/wire/header.h"
#include "server/wire/message.h"

namespace l2tp::control {
namespace {

// What a waiting message takes: its datagram, and about this.
size_t Cost(const CapturedMessage& message) {
  return sizeof(CapturedMessage) + message.datagram.size();
}

// A copy without a password in it.
Bytes CopyForReader(ByteSpan datagram) {
  Bytes copy(datagram.begin(), datagram.end());
  ByteSpan body;
  if (!wire::ParseControlHeader(copy, &body).ok()) return copy;
  for (const wire::RawAvp& avp : wire::SplitAvps(body).avps) {
    const bool secret = !avp.hidden && avp.vendor_id == wire::kIetf &&
                        avp.type == static_cast<uint16_t>(wire::AvpType::kProxyAuthenResponse);
    if (!secret) continue;
    // The value points into `copy`.
    const auto begin = copy.begin() + (avp.value.data() - copy.data());
    std::fill(begin, begin + static_cast<ptrdiff_t>(avp.value.size()), uint8_t{'*'});
  }
  return copy;
}

}  // namespace

std::string DescribeDatagram(ByteSpan datagram) {
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (!header.ok()) return absl::StrCat("not a control message, ", datagram.size(), " octets");
  std::string text = absl::StrCat(header->tunnel_id.value(), "/", header->session_id.value(),
                                  " Ns ", header->ns, " Nr ", header->nr, " ");
  const wire::RawMessage raw = wire::SplitAvps(body);
  const wire::Decoded decoded = wire::DecodeMessage(raw, std::nullopt);
  absl::StrAppend(&text, decoded.message.ToString());
  const auto hidden = std::count_if(raw.avps.begin(), raw.avps.end(),
                                    [](const wire::RawAvp& avp) { return avp.hidden; });
  if (hidden > 0) {
    // Those the decoder complains of; it has no secret.
    absl::StrAppend(&text, " (", hidden, " hidden AVPs)");
  } else if (decoded.fault.has_value()) {
    absl::StrAppend(&text, " (", decoded.fault->text, ")");
  }
  return text;
}

// ---- Capture -----------------------------------------------------------------------------------

std::optional<CapturedMessage> Capture::Pop() {
  std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  CapturedMessage message = std::move(queue_.front());
  queue_.pop_front();
  queued_octets_ -= Cost(message);
  return message;
}

bool Capture::empty() const {
  std::lock_guard lock(mutex_);
  return queue_.empty();
}

absl::Status Capture::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void Capture::Cancel() {
  std::lock_guard lock(mutex_);
  if (!status_.ok()) return;
  status_ = absl::CancelledError("the reader went away");
  queue_.clear();
  queued_octets_ = 0;
}

bool Capture::Wants(std::optional<TunnelHandle> tunnel, absl::string_view tunnel_name,
                    const IpAddress& remote) {
  if (filter_.remote.is_set() && filter_.remote != remote) return false;
  if (filter_.tunnel.empty()) return true;
  if (!tunnel.has_value()) return false;
  if (filter_.tunnel == tunnel_name) followed_.insert(*tunnel);
  return followed_.contains(*tunnel);
}

void Capture::Push(CapturedMessage message) {
  {
    std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    if (queued_octets_ + Cost(message) > capacity_) {
      ++dropped_;
      return;
    }
    queued_octets_ += Cost(message);
    message.dropped_count = std::exchange(dropped_, 0);
    queue_.push_back(std::move(message));
    if (queue_.size() > 1) return;
  }
  on_ready_();
}

// ---- Captures ----------------------------------------------------------------------------------

absl::StatusOr<std::shared_ptr<Capture>> Captures::Start(CaptureFilter filter,
                                                         absl::AnyInvocable<void()> on_ready) {
  DropEnded();
  if (captures_.size() >= kMaxCaptures) {
    return MakeError(Reason::kCaptureLimit,
                     absl::StrCat("there are ", kMaxCaptures, " captures already"),
                     {{"limit", absl::StrCat(kMaxCaptures)}});
  }
  captures_.push_back(
      std::make_shared<Capture>(std::move(filter), kQueueOctets, std::move(on_ready)));
  return captures_.back();
}

void Captures::Note(WallTime time, bool sent, const Path& path, ByteSpan datagram,
                    std::optional<TunnelHandle> tunnel, absl::string_view tunnel_name) {
  DropEnded();
  for (const auto& capture : captures_) {
    if (!capture->Wants(tunnel, tunnel_name, path.remote.address)) continue;
    capture->Push({time, sent, path, CopyForReader(datagram), 0});
  }
}

void Captures::Forget(TunnelHandle tunnel) {
  for (const auto& capture : captures_) capture->followed_.erase(tunnel);
}

void Captures::DropEnded() {
  std::erase_if(captures_, [](const auto& capture) { return !capture->status().ok(); });
}

}  // namespace l2tp::control
