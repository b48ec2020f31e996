// One end of a PPP link, from the first Configure-Request to the last (RFC 1661 section 3).

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_LINK_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_LINK_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "tests/bench/load/ppp/authentication.h"
#include "tests/bench/load/ppp/ipcp.h"
#include "tests/bench/load/ppp/ipv6cp.h"
#include "tests/bench/load/ppp/lcp.h"

namespace l2tp::load::ppp {

struct LinkOptions {
  LcpOptions lcp;
  Credentials login;  // ours, when the peer asks; with lcp.require_auth: our name, and the password
                      // that the peer has to know
  IpAddress local;    // not set: the peer gives it
  IpAddress remote;   // not set: the peer has its own
  bool ipv6 = false;  // negotiate IPV6CP as well
};

enum class LinkEvent {
  kLcpUp,
  kAuthenticated,  // or nobody wanted to be
  kIpv4Up,
  kIpv6Up,
  kDown,  // the last one: see end()
};

enum class LinkEnd {
  kNone,
  kClosed,            // Close()
  kPeer,              // Terminate-Request
  kNoAnswer,          // Configure-Requests stayed unanswered
  kNoAgreement,       // on LCP's options
  kLcpRejected,       // the peer does not know LCP
  kOwnLoginRefused,   // by the peer, or it could not prove itself
  kPeerLoginRefused,  // by us
  kLoginUnanswered,
  kIpcpRefused,
  kIpcpUnanswered,
  kIpv6cpRefused,
  kEchoUnanswered,
  kLoopback,
};
// "Terminate-Request from the peer"; "" for kNone.
absl::string_view LinkEndText(LinkEnd end);

// Without sockets and without a clock. After each call, carry out TakeFrames() and TakeEvents(), in
// this order, and arm a timer for NextTimeout().
class Link {
 public:
  // `random` must outlive this.
  Link(LinkOptions options, RandomSource* random);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // LCP begins. A frame of the peer's begins it as well.
  void Start(Instant now);
  // Terminate-Request.
  void Close(Instant now) { End(now, LinkEnd::kClosed); }

  // A frame of the peer's, with or without Address and Control. Gives the IPv4 packet in it, when
  // there is one and IPCP is open; it points into `octets`.
  std::optional<ByteSpan> HandleFrame(Instant now, ByteSpan octets);
  // A frame with an IPv4 packet. Only while IPCP is open; else it is dropped.
  void SendIpv4(ByteSpan packet);
  void HandleTimeout(Instant now);

  std::optional<Instant> NextTimeout() const;
  std::vector<Bytes> TakeFrames() { return std::exchange(frames_, {}); }
  std::vector<LinkEvent> TakeEvents() { return std::exchange(events_, {}); }

  LinkEnd end() const { return end_; }
  bool ipv4_up() const { return ipcp_ != nullptr && ipcp_->opened(); }
  bool ipv6_up() const { return ipv6cp_ != nullptr && ipv6cp_->opened(); }
  // Not set before kIpv4Up; `remote` stays so when the peer has no address.
  IpAddress local() const { return ipv4_up() ? ipcp_->local() : IpAddress(); }
  IpAddress remote() const { return ipv4_up() ? ipcp_->remote() : IpAddress(); }

 private:
  enum class Phase { kDead, kEstablish, kAuthenticate, kNetwork, kTerminate };

  void HandleAuthPacket(Instant now, const Frame& frame);
  void HandleProtocolReject(Instant now, uint16_t protocol);
  void Settle(Instant now);
  void SettleLcp(Instant now);
  void SettleAuthentication(Instant now);
  void SettleNetwork(Instant now);
  void BeginAuthentication(Instant now);
  void BeginNetwork(Instant now);
  void LeaveNetwork();
  void End(Instant now, LinkEnd end);
  void Collect();
  template <typename Protocol>
  void CollectFrom(uint16_t number, Protocol* protocol);

  const LinkOptions options_;
  RandomSource* const random_;
  Phase phase_ = Phase::kDead;
  Lcp lcp_;
  std::unique_ptr<Authentication> own_;   // we log in
  uint16_t own_protocol_ = 0;             // by PAP or CHAP; LCP's option may have changed since
  std::unique_ptr<Authentication> peer_;  // the peer does
  std::unique_ptr<Ipcp> ipcp_;
  std::unique_ptr<Ipv6cp> ipv6cp_;
  bool ipv4_told_ = false;
  bool ipv6_told_ = false;
  LinkEnd end_ = LinkEnd::kNone;
  std::vector<Bytes> frames_;
  std::vector<LinkEvent> events_;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_LINK_H_
