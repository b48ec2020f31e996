// Any IPv4 packet. What is taken for an echo is encoded and parsed to the same.

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/load/ppp/icmp_echo.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using l2tp::load::ppp::EncodeIcmpEcho;
  using l2tp::load::ppp::ParseIcmpEcho;
  const auto echo = ParseIcmpEcho(l2tp::ByteSpan(data, size));
  if (!echo.has_value()) return 0;
  const l2tp::Bytes again = EncodeIcmpEcho(*echo);
  const auto parsed = ParseIcmpEcho(again);
  if (!parsed.has_value() || parsed->reply != echo->reply || parsed->source != echo->source ||
      parsed->destination != echo->destination || parsed->identifier != echo->identifier ||
      parsed->sequence != echo->sequence || parsed->data != echo->data) {
    std::fprintf(stderr, "does not hold: an echo is encoded and parsed to the same\n");
    std::abort();
  }
  return 0;
}
