#include "server/control/tunnel_debug.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/quote.h"
#include "server/protocol/sequence.h"
#include "server/wire/header.h"
#include "server/wire/message.h"

namespace l2tp::control {
namespace {

constexpr absl::string_view kGone = "gone";

// Names are static: what an engine calls its states.
std::map<SessionId, absl::string_view> StatesOf(const protocol::Tunnel& tunnel) {
  std::map<SessionId, absl::string_view> states;
  for (const auto& [id, session] : tunnel.sessions()) states[id] = session->StateName();
  return states;
}

}  // namespace

void TunnelDebug::Watch(Instant now, const protocol::Tunnel& tunnel, const std::string& name,
                        uint16_t next_ns) {
  if (!write_) return;
  Watched& watched = watched_[tunnel.handle()];
  watched = Watched();
  watched.name = name;
  watched.id = tunnel.id();
  watched.next_ns = next_ns;
  watched.second_began = now;
  watched.state = tunnel.StateName();
  watched.sessions = StatesOf(tunnel);
  Write(now, &watched, "on",
        absl::StrCat(" state=", watched.state, " sessions=", watched.sessions.size()));
}

void TunnelDebug::Stop(Instant now, TunnelHandle tunnel) {
  const auto found = watched_.find(tunnel);
  if (found == watched_.end()) return;
  WriteLast(now, &found->second, "off", "");
  watched_.erase(found);
}

void TunnelDebug::NoteSent(Instant now, TunnelHandle tunnel, const Path& path, ByteSpan datagram) {
  const auto found = watched_.find(tunnel);
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (found == watched_.end() || !header.ok()) return;
  Watched& watched = found->second;
  const bool again =
      !body.empty() && protocol::ClassifyNs(watched.next_ns, header->ns) == protocol::Arrival::kOld;
  if (!body.empty() && !again) watched.next_ns = static_cast<uint16_t>(header->ns + 1);
  WriteMessage(now, &watched, "sent", again, path, datagram);
}

void TunnelDebug::NoteReceived(Instant now, const protocol::Tunnel& tunnel, const Path& path,
                               ByteSpan datagram) {
  const auto found = watched_.find(tunnel.handle());
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (found == watched_.end() || !header.ok()) return;
  if (path.remote.address != tunnel.path().remote.address) return;
  const bool again =
      !body.empty() && protocol::ClassifyNs(tunnel.nr(), header->ns) == protocol::Arrival::kOld;
  WriteMessage(now, &found->second, "received", again, path, datagram);
  Touch(tunnel.handle());
}

void TunnelDebug::WriteMessage(Instant now, Watched* tunnel, absl::string_view what, bool again,
                               const Path& path, ByteSpan datagram) {
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  const wire::RawMessage raw = wire::SplitAvps(body);
  const wire::Decoded decoded = wire::DecodeMessage(raw, std::nullopt);
  const bool readable =
      !decoded.ignore && !(decoded.fault.has_value() && decoded.fault->unreadable);
  std::string rest = absl::StrCat(
      " message=", readable ? wire::MessageTypeName(decoded.message.type()) : "unknown",
      " ns=", header->ns, " nr=", header->nr, " session_id=", header->session_id.value(),
      " octets=", datagram.size(), " again=", again ? "true" : "false",
      " remote=", path.remote.ToString());
  if (!raw.avps.empty()) {
    absl::StrAppend(&rest, " avps=", Quoted(wire::DescribeAvps(raw, kMostOfAvps)));
  }
  Write(now, tunnel, what, rest);
}

void TunnelDebug::Touch(TunnelHandle tunnel) {
  if (watched_.contains(tunnel)) touched_.push_back(tunnel);
}

void TunnelDebug::TellStates(Instant now, const protocol::Engine& engine) {
  if (touched_.empty()) return;
  for (const TunnelHandle handle : std::exchange(touched_, {})) {
    const auto found = watched_.find(handle);
    if (found == watched_.end()) continue;
    Watched& watched = found->second;
    const protocol::Tunnel* tunnel = engine.FindTunnel(handle);
    const absl::string_view state = tunnel == nullptr ? "released" : tunnel->StateName();
    if (state != watched.state) {
      const std::string change = absl::StrCat(" from=", watched.state, " to=", state);
      if (tunnel == nullptr) {
        WriteLast(now, &watched, "state", change);
      } else {
        Write(now, &watched, "state", change);
      }
      watched.state = state;
    }
    if (tunnel == nullptr) {
      watched_.erase(found);
    } else {
      TellSessions(now, *tunnel, &watched);
    }
  }
}

void TunnelDebug::TellSessions(Instant now, const protocol::Tunnel& tunnel, Watched* watched) {
  std::map<SessionId, absl::string_view> states = StatesOf(tunnel);
  const auto tell = [&](SessionId id, absl::string_view from, absl::string_view to) {
    Write(now, watched, "session",
          absl::StrCat(" session_id=", id.value(), " from=", from, " to=", to));
  };
  for (const auto& [id, state] : watched->sessions) {
    if (!states.contains(id)) tell(id, state, kGone);
  }
  for (const auto& [id, state] : states) {
    const auto before = watched->sessions.find(id);
    if (before == watched->sessions.end()) {
      tell(id, kGone, state);
    } else if (before->second != state) {
      tell(id, before->second, state);
    }
  }
  watched->sessions = std::move(states);
}

void TunnelDebug::Write(Instant now, Watched* tunnel, absl::string_view what,
                        absl::string_view rest) {
  if (now - tunnel->second_began > Duration::Seconds(1)) {
    TellLeftOut(tunnel);
    tunnel->second_began = now;
  }
  if (++tunnel->lines <= kLinesPerSecond) Emit(*tunnel, what, rest);
}

// The last line of a tunnel is never left out.
void TunnelDebug::WriteLast(Instant now, Watched* tunnel, absl::string_view what,
                            absl::string_view rest) {
  TellLeftOut(tunnel);
  Write(now, tunnel, what, rest);
}

void TunnelDebug::TellLeftOut(Watched* tunnel) {
  const int left_out = std::exchange(tunnel->lines, 0) - kLinesPerSecond;
  if (left_out > 0) Emit(*tunnel, "left_out", absl::StrCat(" lines=", left_out));
}

void TunnelDebug::Emit(const Watched& tunnel, absl::string_view what, absl::string_view rest) {
  write_(absl::StrCat("tunnel=", tunnel.name, " debug=", what, " id=", tunnel.id.value(), rest));
}

}  // namespace l2tp::control
