// What a simulation has found to be wrong.

#ifndef L2TP_TESTS_SUPPORT_FINDINGS_H_
#define L2TP_TESTS_SUPPORT_FINDINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "server/control/ports.h"

namespace l2tp::testing {

// Every finding names the seed and the simulated time.
class Findings {
 public:
  // `clock` must outlive this.
  Findings(const control::Clock& clock, uint64_t seed) : clock_(clock), seed_(seed) {}

  void Add(absl::string_view who, absl::string_view what) {
    const double now = static_cast<double>(clock_.Now().nanoseconds()) / 1e9;
    all_.push_back(absl::StrCat("seed ", seed_, ", at ", absl::StrFormat("%.6f", now), " s, ", who,
                                ": ", what));
  }

  bool empty() const { return all_.empty(); }
  const std::vector<std::string>& all() const { return all_; }

 private:
  const control::Clock& clock_;
  const uint64_t seed_;
  std::vector<std::string> all_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_FINDINGS_H_
