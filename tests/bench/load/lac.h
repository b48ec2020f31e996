// Plays LACs: opens tunnels, places calls in them, and takes all of it down again.

#ifndef L2TP_TESTS_BENCH_LOAD_LAC_H_
#define L2TP_TESTS_BENCH_LOAD_LAC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/bench/load/station.h"

namespace l2tp::load {

enum class Teardown {
  kCdn,      // CDN for each call, then StopCCN
  kStopCcn,  // StopCCN alone
  kAbrupt,   // not a word
};

struct LacPlan {
  Endpoint target;
  std::vector<IpAddress> local;  // tunnels take turns; empty: the kernel chooses
  // 0: each tunnel has a port of its own. Else the tunnels of an address share it.
  uint16_t local_port = 0;
  int tunnels = 1;
  int calls = 1;                        // in each tunnel
  double rate = 0;                      // calls a second; 0: as fast as `concurrency` allows
  int concurrency = 64;                 // calls at a time that are neither up nor failed
  std::string host_name = "l2tp-load";  // "%d": the number of the tunnel, from 1
  std::string secret;
  bool hide_avps = false;
  CallPlan call;  // "%d" in its user: the number of the call, from 1
  Duration hold;  // how long all is kept when everything is up or has failed
  Teardown teardown = Teardown::kCdn;
};

// `text` with each "%d" replaced.
std::string Numbered(absl::string_view text, uint64_t number);

// One round: up, held, down.
class Lac final : public Station, private protocol::PeerDirectory {
 public:
  Lac(LacPlan plan, const World& world);

  // Once, when the port delivers datagrams to this.
  void Start();
  // No more calls; what is there is taken down.
  void Stop();
  // All is down, and the peer knows, or will not say.
  bool done() const { return stage_ == Stage::kDone; }

  size_t placed_count() const { return next_call_; }
  size_t failed_count() const { return failed_; }
  size_t total_count() const { return total_; }

 private:
  enum class Stage { kUp, kHold, kDown, kDone };
  struct Slot {  // for one of the tunnels
    TunnelHandle tunnel;
    bool ended = false;
    std::string cause;                   // why it has ended
    std::vector<SessionHandle> waiting;  // calls placed before it was established
  };

  // Station
  void HandleEffect(Instant now, protocol::Effect& effect) override;
  void HandleSent(Instant now, const protocol::Transmit& transmit) override;
  void HandleUp(Instant now, Call& call) override;
  void HandlePinged(Call& call) override;
  bool MayEnd(const Call& call, const protocol::Closure& closure) const override;
  void HandleEnd(Instant now, const Call& call, bool failed) override;
  bool Advance(Instant now) override;
  std::optional<Instant> NextAdvance() const override;
  // protocol::PeerDirectory: nobody may open tunnels to a LAC.
  protocol::Admission Admit(const Path& path, absl::string_view host_name) override;

  bool PlaceDue(Instant now);
  void Place(Instant now, uint64_t number);
  bool OpenTunnel(Instant now, size_t index);
  absl::StatusOr<control::SocketId> OpenSocket(size_t index);
  void HandleEstablished(Instant now, const protocol::TunnelEstablished& established);
  void HandleTunnelClosed(const protocol::TunnelClosed& closed);
  void FailUnplaced(absl::string_view cause);
  void HandleAnswered(Instant now, const protocol::SessionAnswered& answered);
  void HandleDrained(Instant now, TunnelHandle tunnel);
  Instant DueTime(uint64_t number) const;
  void BeginDown(Instant now, Duration patience);
  void Finish();

  const LacPlan plan_;
  const uint64_t total_;
  Stage stage_ = Stage::kUp;
  std::vector<Slot> slots_;
  absl::flat_hash_map<TunnelHandle, size_t> slot_of_;
  std::vector<control::SocketId> shared_sockets_;  // by address; with a fixed port only
  // Calls whose ICCN has not gone out, by tunnel and the peer's Session ID.
  absl::flat_hash_map<std::pair<TunnelHandle, SessionId>, SessionHandle> unconfirmed_;
  Instant started_;
  std::optional<Instant> last_up_;
  uint64_t next_call_ = 0;
  int pending_ = 0;       // calls neither up nor failed
  uint64_t settled_ = 0;  // calls that failed, or are up and pinged
  size_t failed_ = 0;
  int64_t came_up_ = 0;
  Instant hold_until_;
  Instant down_began_;
  Instant down_deadline_;
  size_t undrained_ = 0;  // tunnels whose StopCCN is not acknowledged
};

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_LAC_H_
