// A daemon with its API, and a peer for it to talk to, without kernel, pppd and network.

#ifndef L2TP_TESTS_API_API_WORLD_H_
#define L2TP_TESTS_API_API_WORLD_H_

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clients/cpp/channel.h"
#include "clients/cpp/error.h"
#include "server/api/asio_executor.h"
#include "server/api/server.h"
#include "server/control/controller.h"
#include "server/history/event_history.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/fake_ppp.h"
#include "tests/support/seeded_random.h"

namespace l2tp::api {

class ManualClock final : public control::Clock {
 public:
  Instant Now() const override { return now_; }
  WallTime WallNow() const override { return {1'700'000'000'000'000'000 + now_.nanoseconds()}; }
  void AdvanceTo(Instant when) { now_ = std::max(now_, when); }

 private:
  Instant now_ = Instant::FromNanoseconds(1'000'000'000);
};

// One controller on fakes. Loop thread only.
struct Node {
  Node(const std::string& host_name, ManualClock* clock, testing::FakeDatagramPort* port,
       uint64_t seed, const events::EventLog::Limits& limits);

  struct ManualAlarm final : control::Alarm {
    void Set(std::optional<Instant> at) override { when = at; }
    std::optional<Instant> when;
  };

  // Does what is due now; false if there was nothing.
  bool Step();

  ManualClock* clock;
  ManualAlarm alarm;
  testing::FakeDatagramPort* port;
  testing::FakeKernel kernel;
  testing::FakePpp ppp;
  testing::SeededRandom random;
  size_t ppp_seen = 0;       // of ppp.started()
  bool ppp_comes_up = true;  // a pppd that is started brings up LCP and IPCP by itself
  std::unique_ptr<control::Controller> controller;
};

// "lac" at 192.0.2.1 has the API; "lns" at 192.0.2.2 is a controller that takes its calls. The loop
// runs on a thread of its own, as in the daemon; time stands still but for datagrams on their way.
// Whatever is posted to the loop is followed by all that comes of it.
class ApiWorld {
 public:
  struct Options {
    ServerOptions server;  // listen_addresses is set to a socket in a folder of its own ...
    std::vector<std::string> more_addresses;  // ... and these
    events::EventLog::Limits limits;
    std::string history;  // directory of events; empty: none
    uint64_t run = 1;     // of the LAC: what is random differs between runs
  };
  ApiWorld() : ApiWorld(Options()) {}
  explicit ApiWorld(Options options);
  ~ApiWorld();

  // Runs `work` on the loop, and what comes of it, and waits for that.
  void OnLoop(const std::function<void()>& work);
  // Lets time pass, with all that is due meanwhile.
  void Advance(Duration duration);
  // The n-th session of the LAC's kernel receives n times so many packets of 1000 octets, and sends
  // twice as many.
  void PassTraffic(int64_t packets);

  // Makes one unary call: Call(&v1::TunnelService::Stub::GetTunnel, request, &response).
  template <typename Stub, typename Request, typename Response>
  client::Error Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request, Response* response) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    Stub stub(channel_);
    response->Clear();
    return client::DecodeError((stub.*method)(&context, request, response));
  }
  // Does so, and gives the reason of the error; "" when there was none.
  template <typename Stub, typename Request, typename Response>
  std::string Reason(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request, Response* response) const {
    const client::Error error = Call(method, request, response);
    if (error.code == grpc::StatusCode::OK) return "";
    return error.reason.empty() ? "no reason, but: " + error.message : error.reason;
  }

  std::shared_ptr<grpc::Channel> Channel() const { return client::Connect(address()); }
  const std::string& address() const { return server_->addresses().front(); }
  Server& server() { return *server_; }
  // On the loop only.
  Node& lac() { return *lac_; }
  Node& lns() { return *lns_; }

  // Ends the loop without answering what waits, as a daemon that is killed.
  void StopLoop();

 private:
  // Settles after each piece of work.
  class SettlingExecutor final : public Executor {
   public:
    explicit SettlingExecutor(ApiWorld* world) : world_(world) {}
    bool Post(absl::AnyInvocable<void()> work) override;

   private:
    ApiWorld* world_;
  };

  void Settle();

  std::string folder_;
  ManualClock clock_;
  int64_t passed_ = 0;  // packets of the first session
  testing::FakeNetwork network_;
  std::unique_ptr<history::EventHistory> history_;
  std::unique_ptr<Node> lac_;
  std::unique_ptr<Node> lns_;
  std::unique_ptr<asio::io_context> loop_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::unique_ptr<AsioExecutor> executor_;
  SettlingExecutor settling_;
  std::thread thread_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;  // of Call()
};

}  // namespace l2tp::api

#endif  // L2TP_TESTS_API_API_WORLD_H_
