// The whole daemon in one object.

#ifndef L2TP_SERVER_MAIN_DAEMON_H_
#define L2TP_SERVER_MAIN_DAEMON_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/config/config.h"

namespace l2tp {

// Owns everything. One thread calls Start() and Run(); the API's threads come and go inside.
class Daemon {
 public:
  explicit Daemon(config::Config config);
  ~Daemon();

  // Checks the kernel and pppd, opens sockets, takes the configured resources up. The message of a
  // failure says what is missing and what to do about it.
  absl::Status Start();

  // Serves until SIGTERM or SIGINT, then closes every tunnel and returns. A second signal ends the
  // wait for peers that do not answer.
  void Run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace l2tp

#endif  // L2TP_SERVER_MAIN_DAEMON_H_
