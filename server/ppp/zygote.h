// A pppd that has everything behind it that pppds have in common, and forks one for each session.

#ifndef L2TP_SERVER_PPP_ZYGOTE_H_
#define L2TP_SERVER_PPP_ZYGOTE_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/unique_fd.h"
#include "server/ppp/settings.h"
#include "server/ppp/spawn.h"

namespace l2tp::ppp {

// Loop thread only. The zygote runs pppol2tp_events.so's `pppol2tp_events_zygote`; the protocol is
// in plugin/README.md. It is a child of ours, and so are the pppds that it forks: they go on when
// it ends. A zygote that ends is started again, later each time; meanwhile it is not ready().
class Zygote {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Child>)>;

  // `settings` is not owned and must outlive this.
  Zygote(asio::io_context& io, const Settings& settings);
  // Ends it. Forks that have not been answered are forgotten.
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  void Start();

  // False when Fork() would fail: it has not said so far that it waits, it has ended, or
  // /etc/ppp/options is another file than it has read; then a new one is started.
  bool ready();

  // Forks a pppd that reads `options` besides those of the zygote, with descriptors as Spawn()
  // gives them. `done` is called in the order of the calls, never from inside one; with an error
  // when there is no such pppd.
  void Fork(const std::vector<std::string>& options, const std::vector<int>& inherited, Done done);

  // Calls `done` for what the zygote has answered already. Its answer always comes before anything
  // that the new pppd does.
  void TakeAnswers();

 private:
  struct Waiting {
    UniqueFd output;  // our end
    Done done;
  };

  absl::Status Launch();
  absl::Status SendRequest(const std::vector<std::string>& options, const std::vector<int>& fds);
  void WaitForAnswers();
  void WaitForExit();
  bool TakeAnswer();
  void End(const absl::Status& why);
  void StartLater();

  asio::io_context& io_;
  const Settings& settings_;
  asio::posix::stream_descriptor socket_;
  asio::posix::stream_descriptor exit_watch_;  // pidfd
  UniqueFd output_;
  asio::steady_timer restart_;
  std::chrono::seconds restart_delay_;
  bool ready_ = false;
  timespec options_read_ = {};  // modification time of /etc/ppp/options
  std::deque<Waiting> waiting_;
  // Handlers that asio still holds when this is gone find it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_ZYGOTE_H_
