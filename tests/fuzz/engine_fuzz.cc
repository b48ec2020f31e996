// Two engines and a link that does what the input says: who sends what, what is lost, repeated,
// changed or made up, what callers ask for, and how time passes. At the end everything is closed
// and nothing may be left.

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "server/protocol/engine.h"
#include "tests/support/seeded_random.h"

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

constexpr size_t kMostSteps = 200;
constexpr size_t kMostInFlight = 64;
constexpr size_t kLargestDatagram = 65507;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

struct Side final : PeerDirectory {
  explicit Side(uint64_t seed, TunnelParams the_params)
      : random(seed), params(std::move(the_params)), engine(this, &random, 1) {
    engine.set_half_open_limits({.total = 8, .per_address = 4});
  }
  Admission Admit(const Path&, absl::string_view host_name) override {
    Admission admission;
    admission.admitted = host_name != "stranger";
    admission.params = params;
    if (!admission.admitted) {
      admission.refusal = wire::MakeResult(wire::StopCcnResult::kNotAuthorized);
    }
    return admission;
  }

  testing::SeededRandom random;
  TunnelParams params;
  Engine engine;
  std::vector<TunnelHandle> tunnels;
  std::vector<SessionHandle> sessions;
  std::deque<Bytes> sent;
};

class Schedule {
 public:
  explicit Schedule(FuzzedDataProvider* input)
      : input_(*input), sides_{Side(1, Params()), Side(2, Params())} {}

  void Run() {
    for (size_t step = 0; step < kMostSteps && input_.remaining_bytes() > 0; ++step) {
      Side& side = sides_[input_.ConsumeBool()];
      Step(side);
      CarryOut();
      for (const Side& each : sides_) {
        const auto next = each.engine.NextTimeout();
        Require(!next.has_value() || *next >= now_ || &each != &side, "no timer is in the past");
      }
    }
    End();
  }

 private:
  TunnelParams Params() {
    TunnelParams params;
    params.host_name = input_.ConsumeBool() ? "host" : "stranger";
    if (input_.ConsumeBool()) params.secret = "s3cret";
    params.hide_avps = input_.ConsumeBool();
    params.tie_breaker = input_.ConsumeBool();
    params.bearer_capabilities = input_.ConsumeIntegralInRange<uint32_t>(0, 3);
    params.channel.receive_window = input_.ConsumeIntegralInRange<uint16_t>(1, 16);
    return params;
  }

  Side& Other(const Side& side) { return &side == &sides_[0] ? sides_[1] : sides_[0]; }
  static Endpoint At(uint32_t address) { return {IpAddress::FromV4(0x0a000000 + address), 1701}; }
  Endpoint EndOf(const Side& side) const { return At(&side == &sides_[0] ? 1 : 2); }

  void Step(Side& side) {
    switch (input_.ConsumeIntegralInRange<int>(0, 13)) {
      case 0: {
        const auto tunnel = side.engine.OpenTunnel(now_, EndOf(Other(side)), side.params);
        if (tunnel.ok()) side.tunnels.push_back(*tunnel);
        break;
      }
      case 1: return PlaceCall(side);
      case 2: side.engine.CloseTunnel(now_, Pick(side.tunnels), SomeClosure()); break;
      case 3: side.engine.CloseSession(now_, Pick(side.sessions), SomeClosure()); break;
      case 4: side.engine.AcceptSession(now_, Pick(side.sessions)); break;
      case 5: side.engine.ConfirmSession(now_, Pick(side.sessions)); break;
      case 6: side.engine.SendLinkInfo(now_, Pick(side.sessions), {1, 2}); break;
      case 7: side.engine.SendCallErrors(now_, Pick(side.sessions), {}); break;
      case 8: return Deliver(side, false);
      case 9: return Deliver(side, true);
      case 10:
        if (!side.sent.empty()) side.sent.pop_front();
        break;
      case 11: return SendMadeUp(side);
      case 12: return SendAnything(side);
      default: Pass(Duration::Milliseconds(input_.ConsumeIntegralInRange<int>(1, 70'000)));
    }
  }

  template <typename Handle>
  Handle Pick(const std::vector<Handle>& handles) {
    if (handles.empty()) return Handle(12345);
    return handles[input_.ConsumeIntegralInRange<size_t>(0, handles.size() - 1)];
  }

  Closure SomeClosure() {
    Closure closure;
    closure.result.result = input_.ConsumeIntegral<uint16_t>();
    closure.result.error = input_.ConsumeIntegral<uint8_t>();
    return closure;
  }

  void PlaceCall(Side& side) {
    CallInfo call;
    if (input_.ConsumeBool()) call.direction = CallDirection::kOutgoing;
    call.called_number = input_.ConsumeRandomLengthString(8);
    const auto session = side.engine.PlaceCall(now_, Pick(side.tunnels), std::move(call));
    if (session.ok()) side.sessions.push_back(*session);
  }

  // The oldest datagram of `side` arrives, perhaps with an octet changed.
  void Deliver(Side& side, bool changed) {
    if (side.sent.empty()) return;
    Bytes datagram = side.sent.front();
    if (input_.ConsumeBool()) side.sent.pop_front();  // else it comes again
    if (changed && !datagram.empty()) {
      datagram[input_.ConsumeIntegralInRange<size_t>(0, datagram.size() - 1)] =
          input_.ConsumeIntegral<uint8_t>();
    }
    Receive(Other(side), EndOf(side), datagram);
  }

  // A message that fits a tunnel of the other side, with fields from the input.
  void SendMadeUp(Side& side) {
    Side& to = Other(side);
    wire::ControlHeader header;
    if (const Tunnel* tunnel = to.engine.FindTunnel(Pick(to.tunnels))) {
      header.tunnel_id = tunnel->id();
    }
    if (const Session* session = to.engine.FindSession(Pick(to.sessions))) {
      header.session_id = session->id();
    }
    if (input_.ConsumeBool()) header.session_id = SessionId();
    if (input_.ConsumeBool()) header.tunnel_id = TunnelId();
    header.ns = input_.ConsumeIntegralInRange<uint16_t>(0, 12);
    header.nr = input_.ConsumeIntegralInRange<uint16_t>(0, 12);
    Message message(static_cast<MessageType>(input_.ConsumeIntegralInRange<int>(1, 16)));
    message.Add(AvpType::kAssignedTunnelId, input_.ConsumeIntegral<uint16_t>());
    message.Add(AvpType::kAssignedSessionId, input_.ConsumeIntegralInRange<uint16_t>(0, 4));
    message.Add(AvpType::kProtocolVersion, wire::ProtocolVersion{});
    message.Add(AvpType::kHostName, std::string("host"));
    message.Add(AvpType::kFramingCapabilities, uint32_t{3});
    message.Add(AvpType::kFramingType, uint32_t{3});
    message.Add(AvpType::kBearerType, uint32_t{3});
    message.Add(AvpType::kCallSerialNumber, uint32_t{1});
    message.Add(AvpType::kMinimumBps, uint32_t{1});
    message.Add(AvpType::kMaximumBps, uint32_t{1});
    message.Add(AvpType::kCalledNumber, std::string("1"));
    message.Add(AvpType::kTxConnectSpeed, uint32_t{1});
    message.Add(AvpType::kResultCode, wire::MakeResult(wire::CdnResult::kBusy));
    message.Add(AvpType::kAccm, wire::Accm{});
    message.Add(AvpType::kCallErrors, wire::CallErrors{});
    if (input_.ConsumeBool()) message.Add(AvpType::kTieBreaker, input_.ConsumeIntegral<uint64_t>());
    const uint32_t source = input_.ConsumeIntegralInRange<uint32_t>(1, 40);
    Receive(to, At(source), wire::EncodeControl(header, wire::EncodeBody(message)));
  }

  void SendAnything(Side& side) {
    const std::string octets = input_.ConsumeRandomLengthString(200);
    Receive(Other(side), EndOf(side), Bytes(octets.begin(), octets.end()));
  }

  void Receive(Side& side, const Endpoint& from, const Bytes& datagram) {
    side.engine.HandleDatagram(now_, {EndOf(side), from}, datagram);
  }

  // To `until` or a little less far; timers ring on their way.
  void Pass(Duration duration) {
    const Instant until = now_ + duration;
    while (true) {
      Side* next = nullptr;
      for (Side& side : sides_) {
        const auto timeout = side.engine.NextTimeout();
        if (timeout.has_value() && (next == nullptr || *timeout < *next->engine.NextTimeout())) {
          next = &side;
        }
      }
      if (next == nullptr || *next->engine.NextTimeout() > until) break;
      now_ = std::max(now_, *next->engine.NextTimeout());
      next->engine.HandleTimeout(now_);
      const auto after = next->engine.NextTimeout();
      Require(!after.has_value() || *after > now_, "a timer that rang is set in the future");
      CarryOut();
    }
    now_ = until;
  }

  void CarryOut() {
    for (Side& side : sides_) {
      for (Effect& effect : side.engine.TakeEffects()) {
        if (auto* transmit = std::get_if<Transmit>(&effect)) {
          ByteSpan body;
          Require(transmit->datagram.size() <= kLargestDatagram, "it fits into a datagram");
          Require(wire::ParseControlHeader(transmit->datagram, &body).ok(), "the header is sound");
          if (side.sent.size() < kMostInFlight) side.sent.push_back(std::move(transmit->datagram));
        } else if (const auto* accepted = std::get_if<TunnelAccepted>(&effect)) {
          side.tunnels.push_back(accepted->tunnel);
        } else if (const auto* quiet = std::get_if<TunnelQuiet>(&effect)) {
          if (input_.ConsumeBool()) {
            side.engine.QuietChecked(now_, quiet->tunnel, input_.ConsumeBool());
          }
        } else if (const auto* requested = std::get_if<SessionRequested>(&effect)) {
          side.sessions.push_back(requested->session);
        }
      }
    }
  }

  void End() {
    for (Side& side : sides_) {
      Require(side.engine.half_open_count() <= 8, "half-open tunnels keep to their limit");
      for (const TunnelHandle tunnel : side.tunnels) side.engine.CloseTunnel(now_, tunnel, {});
    }
    CarryOut();
    Pass(Duration::Seconds(300));
    for (const Side& side : sides_) {
      Require(side.engine.tunnel_count() == 0, "no tunnel is left");
      Require(side.engine.half_open_count() == 0, "no half-open tunnel is left");
      Require(!side.engine.NextTimeout().has_value(), "no timer is left");
    }
  }

  FuzzedDataProvider& input_;
  Instant now_ = Instant() + Duration::Seconds(1000);
  Side sides_[2];
};

}  // namespace
}  // namespace l2tp::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  l2tp::protocol::Schedule(&input).Run();
  return 0;
}
