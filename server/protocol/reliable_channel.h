// Reliable delivery of control messages (RFC 2661 section 5.8).

#ifndef L2TP_SERVER_PROTOCOL_RELIABLE_CHANNEL_H_
#define L2TP_SERVER_PROTOCOL_RELIABLE_CHANNEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/ids.h"
#include "server/base/time.h"
#include "server/protocol/congestion_window.h"
#include "server/wire/header.h"

namespace l2tp::protocol {

struct ChannelOptions {
  Duration retransmit_timeout = Duration::Seconds(1);  // first wait; doubles each time
  Duration retransmit_cap = Duration::Seconds(16);     // longest wait; the RFC wants at least 8 s
  int max_retransmits = 5;                             // then the channel has failed
  uint16_t receive_window = 64;  // messages ahead of a gap that are kept; what we advertise
  Duration ack_delay = Duration::Milliseconds(20);  // how long a ZLB waits for company

  // From the first transmission to the last retransmission: "a full retransmission cycle".
  Duration RetransmissionCycle() const;
  // The same, and the wait after it: when a channel without any answer has failed.
  Duration GiveUpTime() const;
};

// A message that the transport accepted as new and in order.
struct ReceivedMessage {
  SessionId session_id;  // of the header
  Bytes body;            // the AVPs
};

// The channel of one tunnel. Sequence:
//
//   channel.Send(session, body);
//   channel.HandleMessage(now, header, body, &delivered);
//   channel.HandleTimeout(now);
//   for (Bytes& datagram : channel.Flush(now)) ...        // after each of the above
//   arm a timer for channel.NextTimeout()
class ReliableChannel {
 public:
  explicit ReliableChannel(const ChannelOptions& options);

  // What goes into the Tunnel ID field; 0 until the peer has assigned one.
  void set_peer_tunnel_id(TunnelId id) { peer_tunnel_id_ = id; }
  void SetPeerWindow(uint16_t messages) { window_.SetPeerWindow(messages); }

  // Queues a message; it goes out with Flush() when the windows allow.
  void Send(SessionId session_id, Bytes body);

  // Until the peer has proved who it is, nothing is kept for it: messages ahead of a gap are
  // dropped, and come again.
  void set_keep_ahead(bool keep) { keep_ahead_ = keep; }

  // Takes a received control message: releases what its Nr acknowledges, then, unless it is a ZLB
  // (empty body), appends it and whatever it makes deliverable to `*delivered`.
  void HandleMessage(Instant now, const wire::ControlHeader& header, ByteSpan body,
                     std::vector<ReceivedMessage>* delivered);

  // Starts a retransmission or gives up, when due.
  void HandleTimeout(Instant now);

  // Everything that may be sent now, ready to go: new messages and retransmissions within the
  // window, or a ZLB when an acknowledgement is due and nothing carried it.
  std::vector<Bytes> Flush(Instant now);

  // Makes a pending acknowledgement due at once.
  void AcknowledgeNow();

  // nullopt: nothing is armed.
  std::optional<Instant> NextTimeout() const;

  // The last retransmission stayed unanswered: the peer is gone.
  bool failed() const { return failed_; }
  // Every message that was queued has been acknowledged.
  bool idle() const { return unacknowledged_.empty(); }
  // After Flush(): messages wait that have not been on the wire so far, because the peer's Receive
  // Window or our congestion window is full. Those that wait to be sent again do not count.
  bool window_full() const { return !failed_ && high_water_ < unacknowledged_.size(); }
  // Messages that are queued or on the wire without acknowledgement.
  size_t backlog() const { return unacknowledged_.size(); }
  int64_t retransmit_count() const { return retransmit_count_; }
  int64_t duplicate_count() const { return duplicate_count_; }
  uint16_t peer_window() const { return window_.peer_window(); }
  uint16_t nr() const { return nr_; }
  // Of the next message that has not been on the wire so far.
  uint16_t ns() const { return static_cast<uint16_t>(oldest_ns() + high_water_); }

 private:
  struct Outgoing {
    SessionId session_id;
    Bytes body;
  };

  uint16_t oldest_ns() const { return static_cast<uint16_t>(next_ns_ - unacknowledged_.size()); }
  void HandleAck(Instant now, uint16_t nr);
  void Accept(ByteSpan body, SessionId session_id, std::vector<ReceivedMessage>* delivered);
  Bytes Encode(SessionId session_id, uint16_t ns, ByteSpan body) const;
  Duration CurrentWait() const;

  const ChannelOptions options_;
  TunnelId peer_tunnel_id_;
  CongestionWindow window_;

  // Sending. unacknowledged_[i] has Ns oldest_ns() + i; the first sent_ of them are on the wire,
  // and all of those below high_water_ have been there before.
  std::deque<Outgoing> unacknowledged_;
  uint16_t next_ns_ = 0;  // of the next message to be queued
  size_t sent_ = 0;
  size_t high_water_ = 0;
  int retries_ = 0;  // of the oldest message
  std::optional<Instant> retransmit_at_;
  bool failed_ = false;

  // Receiving.
  uint16_t nr_ = 0;                            // next Ns we expect
  std::map<uint16_t, ReceivedMessage> ahead_;  // by Ns; at most receive_window
  int unacked_received_ = 0;                   // accepted since we last told the peer our Nr
  bool keep_ahead_ = true;
  bool ack_now_ = false;
  std::optional<Instant> ack_at_;

  int64_t retransmit_count_ = 0;
  int64_t duplicate_count_ = 0;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_RELIABLE_CHANNEL_H_
