// What a pppd prints, line by line.

#ifndef L2TP_SERVER_PPP_OUTPUT_LINES_H_
#define L2TP_SERVER_PPP_OUTPUT_LINES_H_

#include <cstddef>
#include <deque>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace l2tp::ppp {

// Cuts a stream of octets into lines. A line is cut off after kMaxLineSize octets; a tab becomes
// a space and what else is not printable ASCII '?', for a peer can put anything into pppd's mouth.
class OutputLines {
 public:
  static constexpr size_t kMaxLineSize = 1024;  // pppd's own limit
  using LineHandler = absl::FunctionRef<void(absl::string_view line)>;

  // Calls `handler` for each line that `octets` completes, without its newline. Empty lines are
  // left out.
  void Append(absl::string_view octets, LineHandler handler);
  // The stream has ended: what is left is a line too.
  void Finish(LineHandler handler);

 private:
  std::string line_;
};

// The last lines that may tell why pppd ended: those it prints at every end are left out.
class LastWords {
 public:
  void Add(absl::string_view line);
  // The lines joined by "; ", oldest first. "" when there were none.
  std::string Text() const;

 private:
  static constexpr size_t kMaxLines = 3;
  std::deque<std::string> lines_;
  bool closed_ = false;
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_OUTPUT_LINES_H_
