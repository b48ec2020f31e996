// The protocol engine: every tunnel of the daemon, without sockets and without a clock.

#ifndef L2TP_SERVER_PROTOCOL_ENGINE_H_
#define L2TP_SERVER_PROTOCOL_ENGINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/random.h"
#include "server/protocol/effects.h"
#include "server/protocol/params.h"
#include "server/protocol/sccrq_gate.h"
#include "server/protocol/tunnel.h"
#include "server/protocol/waiting_time.h"

namespace l2tp::protocol {

// Datagrams that led to nothing, by why.
struct EngineCounters {
  int64_t malformed = 0;       // no sound L2TPv2 control header
  int64_t unknown_tunnel = 0;  // Tunnel ID that is not ours
  int64_t foreign_source = 0;  // right Tunnel ID, wrong address or port
  int64_t refused_sccrq = 0;   // answered with StopCCN, unless that is longer than they are
  int64_t dropped_sccrq = 0;   // too many half-open tunnels: not answered
  int64_t displaced = 0;       // half-open tunnels that made room for others
  int64_t lost_ties = 0;       // SCCRQ that crossed ours and lost (section 4.4.3): not answered
  int64_t retransmits = 0;     // control messages that were sent again
  int64_t duplicates = 0;      // that came again
};

// Not thread-safe. After each call that takes `now`, carry out TakeEffects() and arm a timer for
// NextTimeout(). `now` must not go backwards. Work per call does not grow with the number of
// tunnels or sessions, timers excepted: O(log tunnels).
class Engine {
 public:
  // `directory` and `random` are not owned and must outlive the engine. `first_call_serial_number`
  // should differ from run to run (section 4.4.4: unique for a significant time).
  Engine(PeerDirectory* directory, RandomSource* random, uint32_t first_call_serial_number);

  void set_half_open_limits(const HalfOpenLimits& limits) { gate_.set_limits(limits); }

  // A datagram from a UDP socket. `path.local` is the address it was sent to. Data messages are
  // ignored: they are the kernel's.
  void HandleDatagram(Instant now, const Path& path, ByteSpan datagram);
  void HandleTimeout(Instant now);
  std::optional<Instant> NextTimeout() const;
  std::vector<Effect> TakeEffects() { return std::exchange(effects_, {}); }

  // Starts a control connection to `remote`; SCCRQ is among the effects. IDS_EXHAUSTED when no
  // Tunnel ID is free.
  absl::StatusOr<TunnelHandle> OpenTunnel(Instant now, const Endpoint& remote, TunnelParams params);
  // StopCCN with `closure.result`. Unknown handles are ignored, here and below.
  void CloseTunnel(Instant now, TunnelHandle tunnel, Closure closure);

  // The answer to TunnelQuiet.
  void QuietChecked(Instant now, TunnelHandle tunnel, bool data_came);

  // Places a call: an incoming one (we are LAC) or an outgoing one (we are LNS). Waits for the
  // tunnel if it is not open yet. Errors: NOT_FOUND, TUNNEL_CLOSING, IDS_EXHAUSTED.
  absl::StatusOr<SessionHandle> PlaceCall(Instant now, TunnelHandle tunnel, CallInfo call);
  // The answer to SessionRequested: sends ICRP, or OCRP and later OCCN with `line`.
  // False when the session is gone meanwhile.
  bool AcceptSession(Instant now, SessionHandle session, const LineInfo& line = {});
  // The data path of a call is there, unless AcceptSession has said so (ICRP): sends ICCN or OCCN.
  bool ConfirmSession(Instant now, SessionHandle session);
  // CDN with `closure.result`.
  void CloseSession(Instant now, SessionHandle session, Closure closure);
  // LNS: sends Set-Link-Info. False when the session is not established, or we are LAC.
  bool SendLinkInfo(Instant now, SessionHandle session, const wire::Accm& accm);
  // LAC: sends Wan-Error-Notify. False when the session is not established, when we are LNS, or
  // within 60 seconds of the last one.
  bool SendCallErrors(Instant now, SessionHandle session, const wire::CallErrors& errors);

  // Whose messages carry this Tunnel ID; nullopt when it is nobody's.
  std::optional<TunnelHandle> FindHandle(TunnelId tunnel_id) const;
  // nullptr when it is gone. Valid until the next call that is not const.
  const Tunnel* FindTunnel(TunnelHandle tunnel) const;
  const Session* FindSession(SessionHandle session) const;

  // Tunnels of every state, those in retention included.
  size_t tunnel_count() const { return tunnels_.size(); }
  // Of those, what peers have begun and not established.
  size_t half_open_count() const { return gate_.half_open(); }
  const EngineCounters& counters() const { return counters_; }
  // For how long messages have waited because their tunnel's window was full, tunnel by tunnel,
  // added up; until now.
  Duration window_full_time(Instant now) const { return window_full_.Until(now); }

 private:
  struct PeerKey {  // what makes an SCCRQ a duplicate (section 5.8 for Tunnel ID 0)
    Endpoint remote;
    TunnelId peer_tunnel_id;
    friend bool operator==(const PeerKey&, const PeerKey&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const PeerKey& key) {
      return H::combine(std::move(h), key.remote, key.peer_tunnel_id);
    }
  };
  struct Entry {
    std::unique_ptr<Tunnel> tunnel;
    std::optional<Instant> armed;  // its place in timers_
    std::optional<PeerKey> peer_key;
    bool window_full = false;  // counts in window_full_
    bool half_open = false;    // opened by the peer and not established so far
    bool opening = false;      // opened by us, and no answer so far: stands in opening_
    IpAddress opening_to;
  };

  struct Sccrq {  // of a tunnel that does not exist so far
    const Path& path;
    const wire::Message& message;
    size_t size;  // of the datagram, in octets
  };

  void HandleWithoutTunnelId(Instant now, const Path& path, const wire::ControlHeader& header,
                             ByteSpan body);
  void HandleSccrq(Instant now, const Sccrq& sccrq, Admission admission);
  void RefuseSccrq(const Sccrq& sccrq, const wire::ResultCode& result);
  void DropSccrq(const Sccrq& sccrq, absl::string_view why);
  void TellRefused(const Sccrq& sccrq, const wire::ResultCode& told, absl::string_view why);
  bool WinsTie(Instant now, const IpAddress& source, const wire::Message& sccrq);
  Entry* Find(TunnelHandle handle);
  bool HandleForExisting(Instant now, const Path& path, const wire::ControlHeader& header,
                         ByteSpan body, const PeerKey& key, wire::MessageType type);
  void EndHalfOpen(TunnelHandle handle, Entry* entry);
  void EndOpening(TunnelHandle handle, Entry* entry);
  // After any call on a tunnel: transmit, re-arm, forget it when it is released.
  void Settle(Instant now, TunnelHandle handle);

  PeerDirectory* const directory_;
  std::vector<Effect> effects_;
  TunnelServices services_;
  IdAllocator tunnel_ids_;
  uint64_t next_handle_ = 1;
  absl::flat_hash_map<TunnelHandle, Entry> tunnels_;
  absl::flat_hash_map<TunnelId, TunnelHandle> by_id_;
  absl::flat_hash_map<PeerKey, TunnelHandle> by_peer_;
  absl::btree_set<std::pair<Instant, TunnelHandle>> timers_;
  absl::flat_hash_map<IpAddress, std::vector<TunnelHandle>> opening_;  // by remote address
  SccrqGate gate_;
  EngineCounters counters_;
  WaitingTime window_full_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_ENGINE_H_
