// ICMP echoes in IPv4 packets (RFC 791, RFC 792): enough to see that a session carries data.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_ICMP_ECHO_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_ICMP_ECHO_H_

#include <cstdint>
#include <optional>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"

namespace l2tp::load::ppp {

struct IcmpEcho {
  bool reply = false;
  IpAddress source;
  IpAddress destination;
  uint16_t identifier = 0;
  uint16_t sequence = 0;
  ByteSpan data;  // into what was parsed
};

// nullopt for anything else than a whole ICMP echo with right checksums: fragments, options of IP
// that do not fit, other protocols.
std::optional<IcmpEcho> ParseIcmpEcho(ByteSpan packet);
// A packet with TTL 64. `data` has at most 65507 octets, else the rest of it is left out.
Bytes EncodeIcmpEcho(const IcmpEcho& echo);

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_ICMP_ECHO_H_
