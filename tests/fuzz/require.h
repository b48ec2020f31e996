// What must hold whatever the input is: if it does not, the fuzzer has found something.

#ifndef L2TP_TESTS_FUZZ_REQUIRE_H_
#define L2TP_TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace l2tp {

inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace l2tp

#endif  // L2TP_TESTS_FUZZ_REQUIRE_H_
