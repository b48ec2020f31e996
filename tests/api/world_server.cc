// A daemon without kernel, pppd and network, for tests of clients in other languages: prints the
// address of its API, and ends when its standard input does.
//
//   l2tp_api_world_server [FOLDER]
//
// With FOLDER it also listens on TCP and prints that address in a second line; ca.crt, and
// client.crt and client.key of an admin, are put into FOLDER. Lines of its standard input make
// things happen:
//
//   traffic N      the first session receives N and sends 2N packets, the second 2N and 4N, ...
//   advance N      N seconds pass
//   fail           the next pppd does not start

#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/api/api_world.h"
#include "tests/api/certificates.h"

namespace {

using l2tp::api::ApiWorld;
using l2tp::api::Authority;
using l2tp::api::Identity;

ApiWorld::Options WithTls(const std::string& folder) {
  const Authority ca("the CA");
  const Identity ours = ca.Issue({.common_name = "lac", .alternative_names = "IP:127.0.0.1"});
  const Identity client = ca.Issue({.common_name = "alice"});
  std::ofstream(folder + "/ca.crt") << ca.certificate();
  std::ofstream(folder + "/server.crt") << ours.certificate;
  std::ofstream(folder + "/server.key") << ours.key;
  std::ofstream(folder + "/client.crt") << client.certificate;
  std::ofstream(folder + "/client.key") << client.key;
  ApiWorld::Options options;
  options.more_addresses = {"127.0.0.1:0"};
  options.server.tls = {.certificate = folder + "/server.crt",
                        .key = folder + "/server.key",
                        .client_ca = folder + "/ca.crt"};
  options.server.roles = {{.role = l2tp::Role::kAdmin, .certificate = "alice"}};
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(077);
  ApiWorld world(argc > 1 ? WithTls(argv[1]) : ApiWorld::Options());
  for (const std::string& address : world.server().addresses()) std::cout << address << std::endl;
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
