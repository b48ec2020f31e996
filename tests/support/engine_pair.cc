#include "tests/support/engine_pair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace l2tp::testing {
namespace {

using protocol::Effect;

wire::MessageType TypeOf(const Bytes& datagram) {
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  EXPECT_TRUE(header.ok()) << header.status();
  const wire::RawMessage raw = wire::SplitAvps(body);
  if (raw.avps.empty()) return wire::MessageType::kZlb;
  ByteReader reader(raw.avps.front().value);
  return static_cast<wire::MessageType>(reader.ReadU16().value_or(0));
}

Endpoint At(uint32_t address) { return {IpAddress::FromV4(address), 1701}; }

}  // namespace

EnginePair::EnginePair(PairOptions options)
    : lac(options.seed * 2 + 1, true,
          [&] {
            auto params = options.lac_params;
            if (params.host_name.empty()) params.host_name = "lac.example";
            return params;
          }()),
      lns(options.seed * 2 + 2, options.lns_admits,
          [&] {
            auto params = options.lns_params;
            if (params.host_name.empty()) params.host_name = "lns.example";
            return params;
          }()),
      options_(std::move(options)),
      lac_end_(At(0x0a000001)),
      lns_end_(At(0x0a000002)),
      fate_(options_.seed) {}

protocol::Admission EnginePair::Side::Admit(const Path&, absl::string_view) {
  protocol::Admission admission;
  admission.admitted = admit;
  admission.params = params;
  if (!admit) {
    admission.refusal = wire::MakeResult(wire::StopCcnResult::kNotAuthorized);
    admission.params.secret.clear();
  }
  return admission;
}

SeenTunnel& EnginePair::Side::Tunnel(TunnelHandle handle) {
  for (SeenTunnel& tunnel : tunnels) {
    if (tunnel.handle == handle) return tunnel;
  }
  tunnels.emplace_back().handle = handle;
  return tunnels.back();
}

SeenSession& EnginePair::Side::Session(SessionHandle handle) {
  for (SeenSession& session : sessions) {
    if (session.handle == handle) return session;
  }
  sessions.emplace_back().handle = handle;
  return sessions.back();
}

TunnelHandle EnginePair::OpenTunnel() { return OpenTunnelFrom(lac); }

TunnelHandle EnginePair::OpenTunnelFrom(Side& side) {
  const auto handle =
      side.engine.OpenTunnel(now_, &side == &lac ? lns_end_ : lac_end_, side.params);
  EXPECT_TRUE(handle.ok());
  side.Tunnel(*handle).id = side.engine.FindTunnel(*handle)->id();
  CarryOut(side);
  return *handle;
}

SessionHandle EnginePair::PlaceCall(TunnelHandle tunnel, protocol::CallInfo call) {
  return PlaceCallFrom(lac, tunnel, std::move(call));
}

SessionHandle EnginePair::PlaceCallFrom(Side& side, TunnelHandle tunnel, protocol::CallInfo call) {
  const auto handle = side.engine.PlaceCall(now_, tunnel, std::move(call));
  EXPECT_TRUE(handle.ok()) << handle.status();
  if (const auto* session = side.engine.FindSession(*handle)) {
    side.Session(*handle).id = session->id();
  }
  CarryOut(side);
  return *handle;
}

void EnginePair::CloseTunnel(TunnelHandle tunnel, const wire::ResultCode& result) {
  protocol::Closure closure;
  closure.result = result;
  lac.engine.CloseTunnel(now_, tunnel, closure);
  CarryOut(lac);
}

void EnginePair::CloseSession(SessionHandle session, const wire::ResultCode& result) {
  protocol::Closure closure;
  closure.result = result;
  lac.engine.CloseSession(now_, session, closure);
  CarryOut(lac);
}

bool EnginePair::SendLinkInfo(SessionHandle session, const wire::Accm& accm) {
  const bool sent = lns.engine.SendLinkInfo(now_, session, accm);
  CarryOut(lns);
  return sent;
}

void EnginePair::Flush() {
  CarryOut(lac);
  CarryOut(lns);
}

void EnginePair::Expire() {
  const auto lac_next = lac.engine.NextTimeout();
  const auto lns_next = lns.engine.NextTimeout();
  Side& side = !lns_next.has_value() || (lac_next.has_value() && *lac_next < *lns_next) ? lac : lns;
  now_ = std::max(now_, *side.engine.NextTimeout());
  side.engine.HandleTimeout(now_);
  CarryOut(side);
}

void EnginePair::Transmit(bool to_lns, Bytes bytes) {
  ByteSpan body;
  const auto header = wire::ParseControlHeader(bytes, &body);
  next_ns_[to_lns ? 0 : 1] = static_cast<uint16_t>(header->ns + (body.empty() ? 0 : 1));
  if (fate_.Chance(loss_percent_)) return;
  const int copies = fate_.Chance(duplicate_percent_) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    Instant arrival = now_;
    if (max_delay_ > Duration()) {
      arrival = now_ + Duration::Nanoseconds(static_cast<int64_t>(
                           fate_.Below(static_cast<uint64_t>(max_delay_.nanoseconds()))));
    }
    link_.insert({arrival, order_++, to_lns, bytes});
  }
}

void EnginePair::CarryOut(Side& side) {
  for (auto effects = side.engine.TakeEffects(); !effects.empty();
       effects = side.engine.TakeEffects()) {
    for (Effect& effect : effects) {
      if (auto* transmit = std::get_if<protocol::Transmit>(&effect)) {
        Transmit(&side == &lac, std::move(transmit->datagram));
      } else if (auto* accepted = std::get_if<protocol::TunnelAccepted>(&effect)) {
        side.Tunnel(accepted->tunnel).id = side.engine.FindTunnel(accepted->tunnel)->id();
      } else if (auto* established = std::get_if<protocol::TunnelEstablished>(&effect)) {
        side.Tunnel(established->tunnel).established = true;
        side.Tunnel(established->tunnel).peer = established->peer;
      } else if (auto* closed = std::get_if<protocol::TunnelClosed>(&effect)) {
        side.Tunnel(closed->tunnel).closure = closed->closure;
      } else if (auto* drained = std::get_if<protocol::TunnelDrained>(&effect)) {
        side.Tunnel(drained->tunnel).drained = true;
      } else if (auto* released = std::get_if<protocol::TunnelReleased>(&effect)) {
        side.Tunnel(released->tunnel).released = true;
      } else if (auto* quiet = std::get_if<protocol::TunnelQuiet>(&effect)) {
        side.engine.QuietChecked(now_, quiet->tunnel, data_flows_);
      } else if (auto* requested = std::get_if<protocol::SessionRequested>(&effect)) {
        SeenSession& session = side.Session(requested->session);
        session.id = requested->session_id;
        session.peer_id = requested->peer_session_id;
        if (options_.lns_refuses_calls.has_value()) {
          protocol::Closure closure;
          closure.result = *options_.lns_refuses_calls;
          closure.q931_cause = options_.refusal_q931_cause;
          side.engine.CloseSession(now_, requested->session, closure);
        } else {
          EXPECT_TRUE(side.engine.AcceptSession(now_, requested->session, options_.line));
          if (requested->side == protocol::CallSide::kLac) {
            EXPECT_TRUE(side.engine.ConfirmSession(now_, requested->session));
          }
        }
      } else if (auto* answered = std::get_if<protocol::SessionAnswered>(&effect)) {
        side.Session(answered->session).peer_id = answered->peer_session_id;
        EXPECT_TRUE(side.engine.ConfirmSession(now_, answered->session));
      } else if (auto* up = std::get_if<protocol::SessionEstablished>(&effect)) {
        side.Session(up->session).established = true;
        side.Session(up->session).call = up->call;
      } else if (auto* down = std::get_if<protocol::SessionClosed>(&effect)) {
        side.Session(down->session).closure = down->closure;
      } else if (auto* info = std::get_if<protocol::LinkInfoReceived>(&effect)) {
        side.Session(info->session).accm = info->accm;
      } else if (auto* errors = std::get_if<protocol::CallErrorsReceived>(&effect)) {
        side.Session(errors->session).call_errors = errors->errors;
      } else if (auto* refused = std::get_if<protocol::TunnelRefused>(&effect)) {
        side.refused.push_back(*refused);
      } else if (auto* refused_call = std::get_if<protocol::CallRefused>(&effect)) {
        side.refused_calls.push_back(*refused_call);
      }
    }
  }
}

void EnginePair::Receive(const Datagram& datagram) {
  last_delivered_ = TypeOf(datagram.bytes);
  Side& side = datagram.to_lns ? lns : lac;
  Endpoint from = datagram.to_lns ? lac_end_ : lns_end_;
  if (!datagram.to_lns && options_.lns_answers_from_port != 0) {
    from.port = options_.lns_answers_from_port;
  }
  side.engine.HandleDatagram(now_, {datagram.to_lns ? lns_end_ : lac_end_, from}, datagram.bytes);
  CarryOut(side);
}

wire::MessageType EnginePair::Deliver() {
  if (link_.empty()) {
    ADD_FAILURE() << "nothing is in flight";
    return wire::MessageType::kZlb;
  }
  const Datagram datagram = *link_.begin();
  link_.erase(link_.begin());
  Receive(datagram);
  return last_delivered_;
}

wire::MessageType EnginePair::Drop() {
  if (link_.empty()) {
    ADD_FAILURE() << "nothing is in flight";
    return wire::MessageType::kZlb;
  }
  const wire::MessageType type = TypeOf(link_.begin()->bytes);
  link_.erase(link_.begin());
  return type;
}

void EnginePair::Duplicate() {
  Datagram copy = *link_.begin();
  copy.order = order_++;
  link_.insert(std::move(copy));
}

void EnginePair::SendFromLacAs(const wire::ControlHeader& header, const Bytes& body) {
  lns.engine.HandleDatagram(now_, lns_path(), wire::EncodeControl(header, body));
  CarryOut(lns);
}

bool EnginePair::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  int64_t steps = 0;
  while (!done()) {
    Instant next = end;
    const auto consider = [&next](std::optional<Instant> when) {
      if (when.has_value() && *when < next) next = *when;
    };
    if (!link_.empty()) consider(link_.begin()->arrival);
    consider(lac.engine.NextTimeout());
    consider(lns.engine.NextTimeout());
    if (next > now_) now_ = next;
    if (!link_.empty() && link_.begin()->arrival <= now_) {
      Deliver();
      continue;
    }
    // A timer that stays due after it was handled would stop time for ever.
    if (++steps > 50'000'000) {
      ADD_FAILURE() << "time does not pass";
      return false;
    }
    bool fired = false;
    for (Side* side : {&lac, &lns}) {
      const auto due = side->engine.NextTimeout();
      if (!due.has_value() || *due > now_) continue;
      side->engine.HandleTimeout(now_);
      CarryOut(*side);
      fired = true;
    }
    if (!fired && now_ >= end) return false;
  }
  return true;
}

}  // namespace l2tp::testing
