// What single tunnels do, line by line, for whoever looks for a fault in one of many.

#ifndef L2TP_SERVER_CONTROL_TUNNEL_DEBUG_H_
#define L2TP_SERVER_CONTROL_TUNNEL_DEBUG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/time.h"
#include "server/protocol/engine.h"

namespace l2tp::control {

// Takes a line of the log, "key=value ..."; empty: nobody wants it.
using WriteLine = std::function<void(const std::string& line)>;

// The tunnels that are watched. Loop thread only. Costs one look per message while there is none.
//
//   tunnel=tunnels/a debug=sent id=7 message=ICRQ ns=2 nr=1 session_id=0 octets=80 again=false
//     remote=192.0.2.1:1701 avps="Assigned-Session-ID=9 ..."
//   tunnel=tunnels/a debug=state id=7 from=wait-ctl-reply to=established
//   tunnel=tunnels/a debug=session id=7 session_id=9 from=wait-reply to=established
//
// A line holds no secret, and nothing of a peer's that could forge another line.
class TunnelDebug {
 public:
  static constexpr int kLinesPerSecond = 200;  // of each tunnel; the others are counted
  static constexpr size_t kMostOfAvps = 1000;  // characters

  explicit TunnelDebug(WriteLine write) : write_(std::move(write)) {}

  // Begins; `next_ns` is the Ns of the next new message that NoteSent() will see. Until the engine
  // has released the tunnel, or Stop().
  void Watch(Instant now, const protocol::Tunnel& tunnel, const std::string& name,
             uint16_t next_ns);
  void Stop(Instant now, TunnelHandle tunnel);
  bool any() const { return !watched_.empty(); }

  // A control message of a tunnel, watched or not: one that goes out, or one that `tunnel` is about
  // to get. Those from other addresses than the tunnel's peer are nobody's.
  void NoteSent(Instant now, TunnelHandle tunnel, const Path& path, ByteSpan datagram);
  void NoteReceived(Instant now, const protocol::Tunnel& tunnel, const Path& path,
                    ByteSpan datagram);
  // Something happened in this tunnel: its states are looked at by TellStates().
  void Touch(TunnelHandle tunnel);
  void TellStates(Instant now, const protocol::Engine& engine);

 private:
  struct Watched {
    std::string name;
    TunnelId id;
    uint16_t next_ns = 0;
    absl::string_view state;
    std::map<SessionId, absl::string_view> sessions;  // and their states
    Instant second_began;
    int lines = 0;  // of that second
  };

  void Write(Instant now, Watched* tunnel, absl::string_view what, absl::string_view rest);
  void WriteLast(Instant now, Watched* tunnel, absl::string_view what, absl::string_view rest);
  void TellLeftOut(Watched* tunnel);
  void Emit(const Watched& tunnel, absl::string_view what, absl::string_view rest);
  void WriteMessage(Instant now, Watched* tunnel, absl::string_view what, bool again,
                    const Path& path, ByteSpan datagram);
  void TellSessions(Instant now, const protocol::Tunnel& tunnel, Watched* watched);

  const WriteLine write_;
  absl::flat_hash_map<TunnelHandle, Watched> watched_;
  std::vector<TunnelHandle> touched_;  // may have some twice
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_TUNNEL_DEBUG_H_
