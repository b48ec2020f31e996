// How long to wait before trying again.

#ifndef L2TP_CLIENTS_CPP_BACKOFF_H_
#define L2TP_CLIENTS_CPP_BACKOFF_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace l2tp::client {

// Full jitter: each wait is uniform between 0 and a bound that doubles up to a maximum, so that the
// clients of a daemon that comes back do not come back together.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Backoff(Milliseconds first, Milliseconds most, uint64_t seed)
      : first_(first), most_(most), bound_(first), random_(seed) {}

  Milliseconds Next() {
    const Milliseconds wait(
        std::uniform_int_distribution<Milliseconds::rep>(0, bound_.count())(random_));
    bound_ = std::min(most_, bound_ * 2);
    return wait;
  }
  // Something worked.
  void Reset() { bound_ = first_; }

 private:
  const Milliseconds first_;
  const Milliseconds most_;
  Milliseconds bound_;
  std::mt19937_64 random_;
};

}  // namespace l2tp::client

#endif  // L2TP_CLIENTS_CPP_BACKOFF_H_
