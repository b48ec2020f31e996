// Any frames for one end of a PPP link, and time in between. Whatever the peer does, no answer is
// longer than what PPP allows, there are only a few of them for each frame, timers are never in the
// past, and a link that has ended stays so.
//
// The input: an octet for the end that is played, then steps. A step is an octet of length and so
// many octets of a frame. Some lengths are none: at 255 time passes until the next timer, at 254
// the peer acknowledges our last Configure-Request, and at 253 it welcomes our last login. Without
// these two no input would get far.

#include <cstdio>
#include <cstdlib>

#include "tests/bench/load/ppp/link.h"
#include "tests/support/seeded_random.h"

namespace l2tp::load::ppp {
namespace {

constexpr uint8_t kTimePasses = 255;
constexpr uint8_t kAcknowledge = 254;
constexpr uint8_t kWelcome = 253;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

LinkOptions OptionsFor(uint8_t end) {
  LinkOptions options;
  options.login = {"alice", "open sesame"};
  options.ipv6 = (end & 1) != 0;
  options.lcp.echo_interval = Duration::Seconds((end & 2) != 0 ? 10 : 0);
  options.lcp.mru = (end & 4) != 0 ? 1460 : 1500;
  const auto method = static_cast<AuthMethod>((end >> 3) % 3);
  if ((end & 0x80) != 0) {  // LNS
    if ((end & 0x40) != 0) options.lcp.require_auth = method;
    options.local = IpAddress::FromV4(0x0a000001);
    options.remote = IpAddress::FromV4(0x0a000002);
  } else {
    options.lcp.accept_auth = {AuthMethod::kChapMd5, AuthMethod::kMsChapV2, AuthMethod::kPap};
  }
  return options;
}

class Story {
 public:
  explicit Story(uint8_t end) : link_(OptionsFor(end), &random_) {
    link_.Start(now_);
    Settle(0);
  }

  void Receive(ByteSpan frame) {
    const auto packet = link_.HandleFrame(now_, frame);
    if (packet.has_value()) {
      Require(link_.ipv4_up(), "IPv4 comes through only while IPCP is open");
      Require(packet->empty() || (packet->data() >= frame.data() &&
                                  packet->data() + packet->size() <= frame.data() + frame.size()),
              "a packet lies within its frame");
    }
    Settle(frame.size());
  }
  void Acknowledge() { Answer(request_, static_cast<uint8_t>(Code::kConfigureAck)); }
  // PAP's Authenticate-Ack is 2, CHAP's Success 3.
  void Welcome() {
    const auto login = ParseFrame(login_);
    if (login.has_value()) Answer(login_, login->protocol == kPapProtocol ? 2 : 3);
  }
  void TimePasses() {
    const auto next = link_.NextTimeout();
    if (!next.has_value()) return;
    Require(*next >= now_, "no timer is in the past");
    now_ = *next;
    link_.HandleTimeout(now_);
    Settle(0);
    const auto later = link_.NextTimeout();
    Require(!later.has_value() || *later > now_, "a timer that went off is not due again at once");
  }

 private:
  // Sends a frame of ours back with another code.
  void Answer(Bytes frame, uint8_t code) {
    constexpr size_t kCode = 4;  // behind Address, Control and Protocol
    if (frame.size() <= kCode) return;
    frame[kCode] = code;
    Receive(frame);
  }
  void Remember(const Bytes& frame, uint16_t protocol, uint8_t code) {
    const bool login = protocol == kPapProtocol || protocol == kChapProtocol;
    if (login) {
      login_ = frame;
    } else if (static_cast<Code>(code) == Code::kConfigureRequest) {
      request_ = frame;
    }
  }

  void Settle(size_t received) {
    const auto frames = link_.TakeFrames();
    // At most: an answer, requests of LCP, both logins and two NCPs, a Terminate-Request.
    Require(frames.size() <= 8, "a frame brings out a few at most");
    for (const Bytes& frame : frames) {
      Require(frame.size() <= 300 + 2 * received, "an answer is not much longer than its question");
      const auto parsed = ParseFrame(frame);
      Require(parsed.has_value(), "what is sent is a frame");
      const auto packet = ParseControlPacket(parsed->information);
      Require(packet.has_value(), "what is sent is a packet");
      Remember(frame, parsed->protocol, packet->code);
    }
    for (const LinkEvent event : link_.TakeEvents()) {
      Require(!down_, "nothing follows the end");
      if (event == LinkEvent::kDown) down_ = true;
      if (event == LinkEvent::kIpv4Up) Require(link_.local().is_v4(), "who is up has an address");
    }
    Require(down_ == (link_.end() != LinkEnd::kNone), "an end has a reason");
  }

  testing::SeededRandom random_{1};
  Instant now_ = Instant() + Duration::Seconds(100);
  Link link_;
  Bytes request_;  // our last Configure-Request
  Bytes login_;    // our last packet of PAP or CHAP
  bool down_ = false;
};

}  // namespace
}  // namespace l2tp::load::ppp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace ppp = l2tp::load::ppp;
  l2tp::ByteReader reader(l2tp::ByteSpan(data, size));
  ppp::Story story(reader.ReadU8().value_or(0));
  while (const auto length = reader.ReadU8()) {
    switch (*length) {
      case ppp::kTimePasses: story.TimePasses(); break;
      case ppp::kAcknowledge: story.Acknowledge(); break;
      case ppp::kWelcome: story.Welcome(); break;
      default: story.Receive(reader.ReadBytes(*length).value_or(reader.ReadRest()));
    }
  }
  return 0;
}
