// Handing work to the loop thread.

#ifndef L2TP_SERVER_API_EXECUTOR_H_
#define L2TP_SERVER_API_EXECUTOR_H_

#include "absl/functional/any_invocable.h"

namespace l2tp::api {

class Executor {
 public:
  virtual ~Executor() = default;

  // Runs `work` on the loop thread, after everything that was posted before. Any thread.
  // False when too much is waiting already: `work` has been destroyed without being run. Work that
  // is waiting when the loop ends is destroyed as well.
  virtual bool Post(absl::AnyInvocable<void()> work) = 0;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_EXECUTOR_H_
