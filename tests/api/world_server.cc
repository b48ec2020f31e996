// A daemon without kernel, pppd and network, for tests of clients in other languages: prints the
// address of its API, and ends when its standard input does. Lines there make things happen:
//
//   traffic N      the first session receives N and sends 2N packets, the second 2N and 4N, ...
//   advance N      N seconds pass
//   fail           the next pppd does not start

#include <iostream>
#include <sstream>
#include <string>

#include "tests/api/api_world.h"

int main() {
  l2tp::api::ApiWorld world;
  std::cout << world.address() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    int64_t count = 0;
    words >> what >> count;
    if (what == "traffic") world.PassTraffic(count);
    if (what == "advance") world.Advance(l2tp::Duration::Seconds(count));
    if (what == "fail") world.OnLoop([&] { world.lac().ppp.FailNextStart("no such program"); });
  }
  return 0;
}
