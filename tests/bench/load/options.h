// The command line.

#ifndef L2TP_TESTS_BENCH_LOAD_OPTIONS_H_
#define L2TP_TESTS_BENCH_LOAD_OPTIONS_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/load/lac.h"
#include "tests/bench/load/lns.h"

namespace l2tp::load {

enum ExitStatus {
  kAllWell = 0,      // see AllWell()
  kSomeFailed = 1,   // the report says what
  kUsage = 2,        // the command line is wrong
  kCannotStart = 3,  // a file cannot be read, a socket not be bound
};

struct Options {
  bool answer = false;
  LacPlan lac;
  LnsPlan lns;
  Endpoint listen;    // --answer
  int rounds = 1;     // 0: until `duration` is over
  Duration duration;  // 0: no limit
  Duration pause;     // between rounds
  bool json = false;
  bool quiet = false;  // no progress
};

// What to do, or what to exit with: then the help, the version or what is wrong has been written.
// Reads the files with secrets.
struct ParsedCommand {
  Options options;
  std::optional<int> exit;
};
ParsedCommand ParseCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err);

// "192.0.2.1", "192.0.2.1:1701", "2001:db8::1", "[2001:db8::1]:1701"; nullopt for anything else.
std::optional<Endpoint> ParseEndpoint(absl::string_view text, uint16_t default_port);

// "192.0.2.1", "192.0.2.1-192.0.2.9" or "192.0.2.0/28" (with the first and the last of it), at most
// 65,536 of them; nullopt for anything else.
std::optional<std::vector<IpAddress>> ParseAddressRange(absl::string_view text);

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_OPTIONS_H_
