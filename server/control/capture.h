// Copies of control messages, as they were received and sent, for whoever looks for a fault.

#ifndef L2TP_SERVER_CONTROL_CAPTURE_H_
#define L2TP_SERVER_CONTROL_CAPTURE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/time.h"

namespace l2tp::control {

// Which messages are wanted. Empty members take everything.
struct CaptureFilter {
  // Messages of this tunnel only; it need not exist yet. An SCCRQ of a peer belongs to no tunnel:
  // the tunnel gets its name when it is established.
  std::string tunnel;
  // Messages to and from this address only.
  IpAddress remote;
};

struct CapturedMessage {
  WallTime time;
  bool sent = false;  // by us; else received
  Path path;          // path.local may be unset in what was sent before the peer answered
  // The datagram as it is on the wire, hidden AVPs hidden; but the value of a Proxy Authen Response
  // that is not hidden, which can be a password, is overwritten by '*'.
  Bytes datagram;
  // Messages that were left out just before this one because the reader was too slow.
  int64_t dropped_count = 0;
};

// "7/0 Ns 1 Nr 1 SCCCN Challenge-Response=<16 octets>": Tunnel ID and Session ID of the header,
// numbers, message type, and the AVPs that can be read without a secret. What is no control message
// is called so.
std::string DescribeDatagram(ByteSpan datagram);

// One reader's bounded queue. Made by Captures::Start on the loop thread, read on any thread:
//
//   while (auto message = capture->Pop()) ...
//   if (!capture->status().ok()) ...   // ended; else wait for on_ready
//
// The loop never waits for the reader: what does not fit is counted and left out.
class Capture {
 public:
  // `on_ready` is called on the loop thread whenever the queue turns from empty to non-empty. It
  // must not block. `capacity`: octets that may wait.
  Capture(CaptureFilter filter, size_t capacity, absl::AnyInvocable<void()> on_ready)
      : filter_(std::move(filter)), capacity_(capacity), on_ready_(std::move(on_ready)) {}

  // Any thread.
  std::optional<CapturedMessage> Pop();
  bool empty() const;
  // OK while it runs; CANCELLED after Cancel().
  absl::Status status() const;
  // Ends it from the reader's side.
  void Cancel();

 private:
  friend class Captures;

  // Loop thread.
  bool Wants(std::optional<TunnelHandle> tunnel, absl::string_view tunnel_name,
             const IpAddress& remote);
  void Push(CapturedMessage message);

  const CaptureFilter filter_;
  const size_t capacity_;
  absl::AnyInvocable<void()> on_ready_;
  // Tunnels that had the wanted name: they are followed to their very end, which comes after the
  // name is gone. Loop thread only.
  absl::flat_hash_set<TunnelHandle> followed_;

  mutable std::mutex mutex_;
  std::deque<CapturedMessage> queue_;  // guarded by mutex_
  size_t queued_octets_ = 0;           // guarded by mutex_
  int64_t dropped_ = 0;                // since the last message in the queue; guarded by mutex_
  absl::Status status_;                // guarded by mutex_
};

// All captures under way. Loop thread only. Costs one look per message while there is none.
class Captures {
 public:
  static constexpr size_t kMaxCaptures = 16;
  static constexpr size_t kQueueOctets = 1 << 20;  // that one reader may lag behind

  // Error: CAPTURE_LIMIT.
  absl::StatusOr<std::shared_ptr<Capture>> Start(CaptureFilter filter,
                                                 absl::AnyInvocable<void()> on_ready);

  bool any() const { return !captures_.empty(); }
  // A control message. `tunnel_name` empty: not one that the API shows, or no tunnel at all.
  void Note(WallTime time, bool sent, const Path& path, ByteSpan datagram,
            std::optional<TunnelHandle> tunnel, absl::string_view tunnel_name);
  // Nothing of the tunnel will come any more.
  void Forget(TunnelHandle tunnel);

 private:
  void DropEnded();

  std::vector<std::shared_ptr<Capture>> captures_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CAPTURE_H_
