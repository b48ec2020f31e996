// Two engines, and a script that says what happens to them. A step is an octet; its lower six bits
// are those of a letter, small for the first engine (the actor) and capital for the second, so that
// a script can be read and written. Operands follow it; `tunnel` and `call` count from the newest.
//
//   o                      opens a tunnel
//   c, g  tunnel, what     places an incoming call, an outgoing one
//   a, f  call             accepts it, confirms it
//   i, e  call             sends Set-Link-Info, Wan-Error-Notify
//   h, q  it, result, how  hangs up a call, closes a tunnel
//   d, k, l, p             what it sent first arrives; arrives and stays; is lost; is put last
//   j     place, octet     what it sent first arrives, with this octet of it changed
//   v     source           what it sent first arrives from elsewhere
//   b                      all goes well for a while: everything arrives and calls are answered
//   m     header, message  gets a message that is made up (made_up_message.h)
//   r     header, text     gets a message with any AVPs
//   n     text             gets any datagram
//   z     source, count    gets so many SCCRQs
//   s, t  how long         time passes, in 10 ms or in seconds
//   u                      time passes until the next timer has rung
//   w     answer           what it says from now on when asked whether data came
//   x     settings (3)     the settings of its tunnels from now on
//   y                      dies, and begins anew
//
// In the end everything is closed, and nothing may be left.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/protocol/engine.h"
#include "tests/fuzz/made_up_message.h"
#include "tests/fuzz/node.h"
#include "tests/fuzz/require.h"
#include "tests/fuzz/script.h"

namespace l2tp::protocol {
namespace {

constexpr int kMostSteps = 200;
constexpr int kMostTurns = 32;  // of a conversation, see Converse()
constexpr int kMostSccrqs = 16;
// Longer than any set-up, retransmission cycle and retention after each other.
constexpr Duration kLong = Duration::Seconds(300);

Endpoint At(uint8_t source) { return {IpAddress::FromV4(0x0a000000u + source), 1701}; }

template <typename Handle>
Handle Pick(const std::vector<Handle>& handles, uint8_t from_newest) {
  if (handles.empty()) return Handle(12345);
  return handles[handles.size() - 1 - from_newest % handles.size()];
}

class Schedule {
 public:
  explicit Schedule(ByteSpan octets) : script_(octets), nodes_{Node(1, At(1)), Node(2, At(2))} {}

  void Run() {
    for (int i = 0; i < kMostSteps && !script_.empty(); ++i) {
      Step();
      Settle();
      for (const Node& node : nodes_) {
        const auto next = node.engine().NextTimeout();
        Require(!next.has_value() || *next >= now_, "no timer is in the past");
      }
    }
    End();
  }

 private:
  Node& Other(const Node& node) { return &node == &nodes_[0] ? nodes_[1] : nodes_[0]; }

  void Settle() {
    for (Node& node : nodes_) node.Take(now_);
  }

  void Step() {
    const uint8_t step = script_.U8();
    Node& actor = nodes_[(step & 0x20) != 0 ? 0 : 1];
    switch (static_cast<char>(0x60 | (step & 0x1f))) {
      case 'o': return actor.OpenTunnel(now_, Other(actor).address());
      case 'b': return Converse();
      case 'n': return actor.Receive(now_, Other(actor).address(), AsBytes(script_.Text()));
      case 'z': return Flood(actor);
      case 's': return Pass(Duration::Milliseconds(10 * script_.U8()));
      case 't': return Pass(Duration::Seconds(script_.U8()));
      case 'u': return PassOneTimer();
      case 'w': actor.data_answer = static_cast<Node::DataAnswer>(script_.U8() % 3); return;
      case 'x': return TakeSettings(actor);
      case 'y': return actor.Restart();
      case 'm':
      case 'r': return Make(actor, (step & 0x1f) == ('m' & 0x1f));
      case 'a':
      case 'c':
      case 'e':
      case 'f':
      case 'g':
      case 'h':
      case 'i':
      case 'q': return Command(actor, static_cast<char>(0x60 | (step & 0x1f)));
      default: return Deliver(actor, static_cast<char>(0x60 | (step & 0x1f)));
    }
  }

  void Command(Node& actor, char what) {
    Engine& engine = actor.engine();
    const uint8_t which = script_.U8();
    const TunnelHandle tunnel = Pick(actor.tunnels, which);
    const SessionHandle session = Pick(actor.sessions, which);
    switch (what) {
      case 'a': engine.AcceptSession(now_, session, {}); break;
      case 'f': engine.ConfirmSession(now_, session); break;
      case 'i': engine.SendLinkInfo(now_, session, {1, 2}); break;
      case 'e': engine.SendCallErrors(now_, session, {.crc_errors = 1}); break;
      case 'h': engine.CloseSession(now_, session, TakeClosure()); break;
      case 'q': engine.CloseTunnel(now_, tunnel, TakeClosure()); break;
      case 'c': actor.PlaceCall(now_, tunnel, TakeCall(CallDirection::kIncoming)); break;
      default: actor.PlaceCall(now_, tunnel, TakeCall(CallDirection::kOutgoing)); break;
    }
  }

  Closure TakeClosure() {
    Closure closure;
    closure.result.result = script_.U8();
    const uint8_t how = script_.U8();
    closure.result.error = how & 0x0f;
    if ((how & 0x10) != 0) closure.result.message = "why";
    if ((how & 0x20) != 0) closure.q931_cause = wire::Q931Cause{16, 0x45, "busy"};
    if ((how & 0x40) != 0) closure.ppp_cause = wire::PppDisconnectCause{1, 0xc021, 1, "LCP"};
    return closure;
  }

  CallInfo TakeCall(CallDirection direction) {
    CallInfo call;
    call.direction = direction;
    const uint8_t what = script_.U8();
    if ((what & 0x01) != 0) call.called_number = "5550100";
    if ((what & 0x02) != 0) call.calling_number = call.sub_address = "2";
    if ((what & 0x04) != 0) call.bearer_type = what >> 6;
    if ((what & 0x08) != 0) call.physical_channel_id = 7;
    if ((what & 0x10) != 0) call.rx_connect_speed = 64000;
    call.sequencing_required = (what & 0x20) != 0;
    if ((what & 0x40) != 0) call.framing_type = what >> 6;
    if ((what & 0x80) != 0) {
      call.private_group_id = "group";
      call.proxy = {.last_sent_lcp_confreq = "\x05\x06test",
                    .authen_type = 2,
                    .authen_name = "alice",
                    .authen_challenge = std::string(16, 'c'),
                    .authen_id = 1,
                    .authen_response = std::string(16, 'r')};
      call.access_line = {{wire::AvpType::kAgentCircuitId, std::string("circuit")}};
    }
    return call;
  }

  void TakeSettings(Node& node) {
    TunnelParams& params = node.params;
    const uint8_t what = script_.U8();
    params.secret = (what & 0x01) != 0 ? ((what & 0x02) != 0 ? "another" : "s3cret") : "";
    params.hide_avps = (what & 0x04) != 0;
    params.tie_breaker = (what & 0x08) != 0;
    node.welcoming = (what & 0x10) == 0;
    params.hello_interval = Duration::Seconds((what & 0x20) != 0 ? 4 : 60);
    if ((what & 0x40) != 0) params.hello_interval = Duration();
    params.setup_timeout = Duration::Seconds((what & 0x80) != 0 ? 2 : 60);
    const uint8_t more = script_.U8();
    params.bearer_capabilities = more & 3;
    params.framing_capabilities = (more >> 2 & 3) ^ 3;
    params.firmware_revision = (more & 0x10) != 0 ? 0x0100 : 0;
    params.vendor_name = (more & 0x20) != 0 ? "vendor" : "";
    params.channel.max_retransmits = (more & 0x40) != 0 ? 1 : 5;
    if ((more & 0x80) != 0 && node.tunnels.empty()) node.Limit({.total = 8, .per_address = 4});
    params.channel.receive_window = std::max<uint8_t>(script_.U8(), 1);
  }

  // ---- What arrives ----------------------------------------------------------------------------

  // Something becomes of the oldest datagram of `from`.
  void Deliver(Node& from, char how) {
    const uint16_t place = how == 'j' ? script_.U16() : 0;
    const uint8_t octet = how == 'j' || how == 'v' ? script_.U8() : 0;
    if (from.sent.empty()) return;
    Transmit transmit = from.sent.front();
    if (how != 'k') from.sent.pop_front();
    if (how == 'l') return;
    if (how == 'p') {
      from.sent.push_back(std::move(transmit));
      return;
    }
    if (how == 'j') transmit.datagram[place % transmit.datagram.size()] = octet;
    Endpoint source = from.address();
    if (how == 'v') source = octet < 0x80 ? At(octet) : Endpoint{source.address, octet};
    Arrive(source, transmit);
  }

  void Arrive(const Endpoint& source, const Transmit& transmit) {
    for (Node& node : nodes_) {
      if (transmit.path.remote.address != node.address().address) continue;
      node.Receive(now_, source, transmit.datagram);
    }
  }

  void Converse() {
    for (int turn = 0; turn < kMostTurns; ++turn) {
      bool busy = false;
      for (Node& node : nodes_) {
        Settle();
        busy = node.Answer(now_) || busy;
        Settle();
        for (const Transmit& transmit : std::exchange(node.sent, {})) {
          Arrive(node.address(), transmit);
          busy = true;
        }
      }
      Settle();
      if (!busy) return;
      Pass(Duration::Milliseconds(30));  // until acknowledgements have gone
    }
  }

  // An octet for the header: bit 0 no Tunnel ID, bit 1 no Session ID, bits 2 and 3 Ns (as expected,
  // one less, one more, told), bit 4 Nr told, bit 5 AVPs hidden, bit 6 another source, bit 7 an
  // older tunnel.
  void Make(Node& to, bool message) {
    const uint8_t how = script_.U8();
    const TunnelHandle handle = Pick(to.tunnels, how >> 7);
    const Tunnel* tunnel = to.engine().FindTunnel(handle);
    const Session* session = to.engine().FindSession(Pick(to.sessions, how >> 7));
    const Node::Voice* voice = to.VoiceOf(handle);
    wire::ControlHeader header;
    if (tunnel != nullptr && (how & 0x01) == 0) header.tunnel_id = tunnel->id();
    if (session != nullptr && (how & 0x02) == 0) header.session_id = session->id();
    if (voice != nullptr) {
      const std::array<int, 4> ahead = {0, -1, 1, 0};
      header.ns = static_cast<uint16_t>(voice->expected_ns + ahead[how >> 2 & 3]);
      header.nr = voice->next_ns;
    }
    if ((how >> 2 & 3) == 3) header.ns = script_.U8();
    if ((how & 0x10) != 0) header.nr = script_.U8();
    const Endpoint source = (how & 0x40) != 0 ? At(script_.U8()) : Other(to).address();
    Bytes body;
    if (message) {
      const std::string vector(16, 'v');
      const std::string secret = voice != nullptr ? voice->secret : "s3cret";
      const wire::HidingParams hiding{secret, AsBytes(vector), ByteSpan()};
      const bool hide = (how & 0x20) != 0 && !secret.empty();
      body = EncodeBody(wire::MakeUpMessage(&script_), hide ? &hiding : nullptr);
    } else {
      const std::string text = script_.Text();
      body.assign(text.begin(), text.end());
    }
    to.Receive(now_, source, wire::EncodeControl(header, body));
  }

  void Flood(Node& to) {
    const Endpoint source = At(script_.U8());
    const int count = script_.U8() % kMostSccrqs;
    wire::Message sccrq(wire::MessageType::kSccrq);
    sccrq.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{});
    sccrq.Add(wire::AvpType::kHostName, std::string("flood"));
    sccrq.Add(wire::AvpType::kFramingCapabilities, uint32_t{3});
    for (int i = 1; i <= count; ++i) {
      wire::Message each = sccrq;
      each.Add(wire::AvpType::kAssignedTunnelId, static_cast<uint16_t>(i));
      to.Receive(now_, source, wire::EncodeControl({}, wire::EncodeBody(each)));
      to.Take(now_);
    }
  }

  // ---- Time ------------------------------------------------------------------------------------

  Node* NextToRing() {
    Node* next = nullptr;
    for (Node& node : nodes_) {
      const auto timeout = node.engine().NextTimeout();
      if (timeout.has_value() && (next == nullptr || *timeout < *next->engine().NextTimeout())) {
        next = &node;
      }
    }
    return next;
  }

  void Ring(Node& node) {
    now_ = *node.engine().NextTimeout();
    node.engine().HandleTimeout(now_);
    const auto after = node.engine().NextTimeout();
    Require(!after.has_value() || *after > now_, "a timer that rang is set in the future");
    node.Take(now_);
  }

  void Pass(Duration duration) {
    Settle();
    const Instant until = now_ + duration;
    for (Node* next = NextToRing(); next != nullptr && *next->engine().NextTimeout() <= until;
         next = NextToRing()) {
      Ring(*next);
    }
    now_ = until;
  }

  void PassOneTimer() {
    Settle();
    if (Node* next = NextToRing()) Ring(*next);
  }

  void End() {
    for (Node& node : nodes_) {
      Require(node.engine().half_open_count() <= static_cast<size_t>(node.limits().total),
              "half-open tunnels keep to their limit");
      for (const TunnelHandle tunnel : node.tunnels) node.engine().CloseTunnel(now_, tunnel, {});
    }
    Pass(kLong);
    for (const Node& node : nodes_) {
      Require(node.engine().tunnel_count() == 0, "no tunnel is left");
      Require(node.engine().half_open_count() == 0, "no half-open tunnel is left");
      Require(!node.engine().NextTimeout().has_value(), "no timer is left");
      Require(node.lives().empty(), "the end of every tunnel and call has been told");
    }
  }

  Script script_;
  Instant now_ = Instant() + Duration::Seconds(1000);
  std::array<Node, 2> nodes_;
};

}  // namespace
}  // namespace l2tp::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l2tp::protocol::Schedule(l2tp::ByteSpan(data, size)).Run();
  return 0;
}
