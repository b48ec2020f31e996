// The tally in words and in JSON.

#ifndef L2TP_TESTS_BENCH_LOAD_REPORT_H_
#define L2TP_TESTS_BENCH_LOAD_REPORT_H_

#include <string>

#include "server/base/time.h"
#include "tests/bench/load/tally.h"

namespace l2tp::load {

// What the tally does not know.
struct RunFacts {
  bool answer = false;
  std::string peer;  // the target, or where we listened
  Duration elapsed;
  Duration user_cpu;  // of this process
  Duration system_cpu;
  int64_t datagrams_sent = 0;
  int64_t datagrams_received = 0;
  int64_t datagrams_dropped = 0;  // not sent, or not to be
};

// Nothing has failed, and something has come up if anything was tried. What was cut short by the
// end of the run is no failure.
bool AllWell(const Tally& tally);

// Calls that came up, by the time from the first ICRQ to the last that came up, over all rounds; 0
// when that took no time.
double CallsPerSecond(const Tally& tally);

// Both end with a newline.
std::string TextReport(const Tally& tally, const RunFacts& facts);
// One object on one line; README.md lists its fields.
std::string JsonReport(const Tally& tally, const RunFacts& facts);

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_REPORT_H_
