// l2tp-load: a load peer for LNSs.

#include <sys/prctl.h>

#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/load/options.h"
#include "tests/bench/load/runner.h"

int main(int argc, char** argv) {
  const auto parsed = l2tp::load::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc),
                                                   std::cout, std::cerr);
  if (parsed.exit.has_value()) return *parsed.exit;
  // A core file would hold the secrets.
  ::prctl(PR_SET_DUMPABLE, 0);
  return l2tp::load::Runner(parsed.options).Run();
}
