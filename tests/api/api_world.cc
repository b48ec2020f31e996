#include "tests/api/api_world.h"

#include <unistd.h>

#include <cstdlib>
#include <future>
#include <utility>

#include "gtest/gtest.h"
#include "server/api/past_events.h"

namespace l2tp::api {
namespace {

const IpAddress kLac = IpAddress::FromV4(0xc0000201);  // 192.0.2.1
const IpAddress kLns = IpAddress::FromV4(0xc0000202);

}  // namespace

Node::Node(const std::string& host_name, ManualClock* the_clock,
           testing::FakeDatagramPort* the_port, uint64_t seed,
           const events::EventLog::Limits& limits)
    : clock(the_clock), port(the_port), random(seed) {
  control::ControllerOptions options;
  options.host_name = host_name;
  options.version = "1.2.3";
  options.pppd_path = "/usr/sbin/pppd";
  options.listeners = {port->listener()};
  options.event_limits = limits;
  const control::Ports ports{.clock = clock,
                             .alarm = &alarm,
                             .datagrams = port,
                             .kernel = &kernel,
                             .ppp = &ppp,
                             .random = &random};
  controller = std::make_unique<control::Controller>(options, ports);
  port->Start(*controller);
  port->OnClosed([this](int socket) { kernel.SocketClosed(socket); });
  ppp.SetSink(controller.get());
}

bool Node::Step() {
  bool active = kernel.RunPending() > 0;
  for (; ppp_seen < ppp.started().size(); ++ppp_seen) {
    const control::PppId id = ppp.started()[ppp_seen].id;
    active = true;
    if (!ppp_comes_up) continue;
    ppp.LcpUp(id);
    ppp.IpUp(id);
  }
  active |= ppp.RunPending() > 0;
  if (alarm.when.has_value() && *alarm.when <= clock->Now()) {
    controller->HandleTimeout();
    active = true;
  }
  return active;
}

ApiWorld::ApiWorld(Options options) : network_(clock_, /*seed=*/1), settling_(this) {
  char folder[] = "/tmp/l2tp-api-XXXXXX";
  folder_ = ::mkdtemp(folder);
  lac_ =
      std::make_unique<Node>("lac", &clock_, &network_.AddNode(kLac), options.run, options.limits);
  lns_ = std::make_unique<Node>("lns", &clock_, &network_.AddNode(kLns), 2, options.limits);
  EXPECT_TRUE(lns_->controller->CreatePeer({.name = "peers/lac"}).ok());

  if (!options.history.empty()) {
    history::EventHistory::Options history;
    history.store.directory = options.history;
    history.store.run = lac_->controller->run();
    history.store.start = clock_.WallNow();
    history.store.segment_size = 4096;
    history.store.read_octets = 6000;
    history.to_record = ToRecord;
    history.now = [start = clock_.WallNow()] { return start; };
    auto opened = history::EventHistory::Open(history);
    EXPECT_TRUE(opened.ok()) << opened.status();
    history_ = *std::move(opened);
    lac_->controller->OnEvent([this](const events::EventPtr& event) { history_->Append(event); });
    options.server.history = history_.get();
  }

  loop_ = std::make_unique<asio::io_context>();
  work_.emplace(loop_->get_executor());
  executor_ = std::make_unique<AsioExecutor>(loop_.get());
  thread_ = std::thread([this] { loop_->run(); });

  options.server.listen_addresses = options.more_addresses;
  options.server.listen_addresses.insert(options.server.listen_addresses.begin(),
                                         "unix:" + folder_ + "/api.sock");
  server_ = std::make_unique<Server>(options.server, lac_->controller.get(), &settling_);
  const absl::Status status = server_->Start();
  EXPECT_TRUE(status.ok()) << status;
  server_->SetServing(true);
  channel_ = Channel();
}

ApiWorld::~ApiWorld() {
  server_->Shutdown(Duration::Milliseconds(500));
  StopLoop();
  server_.reset();
  ::rmdir(folder_.c_str());
}

void ApiWorld::StopLoop() {
  if (!thread_.joinable()) return;
  loop_->stop();
  thread_.join();
  work_.reset();
  loop_.reset();  // destroys what waits
}

void ApiWorld::OnLoop(const std::function<void()>& work) {
  std::promise<void> done;
  // The promise is kept after settling: it is posted behind.
  ASSERT_TRUE(settling_.Post([&] { work(); }));
  ASSERT_TRUE(executor_->Post([&] { done.set_value(); }));
  done.get_future().wait();
}

void ApiWorld::Advance(Duration duration) {
  OnLoop([&] {
    const Instant end = clock_.Now() + duration;
    while (true) {
      Settle();
      std::optional<Instant> next;
      for (const Node* node : {lac_.get(), lns_.get()}) {
        if (node->alarm.when.has_value() && (!next || *node->alarm.when < *next)) {
          next = node->alarm.when;
        }
      }
      if (!next.has_value() || *next > end) break;
      clock_.AdvanceTo(*next);
    }
    clock_.AdvanceTo(end);
  });
}

void ApiWorld::PassTraffic(int64_t packets) {
  OnLoop([&] {
    passed_ += packets;
    int64_t n = 0;
    for (const control::KernelSession& session : lac_->kernel.KernelSessions()) {
      const int64_t count = ++n * passed_;
      lac_->kernel.SetCounters(session.tunnel_id, session.session_id,
                               {.tx_packets = 2 * count,
                                .tx_bytes = 2000 * count,
                                .rx_packets = count,
                                .rx_bytes = 1000 * count});
    }
  });
}

bool ApiWorld::SettlingExecutor::Post(absl::AnyInvocable<void()> work) {
  return world_->executor_->Post([world = world_, work = std::move(work)]() mutable {
    work();
    world->Settle();
  });
}

void ApiWorld::Settle() {
  while (true) {
    const bool lac_active = lac_->Step();
    const bool lns_active = lns_->Step();
    if (lac_active || lns_active) continue;
    const std::optional<Instant> arrival = network_.NextEvent();
    if (!arrival.has_value()) return;
    clock_.AdvanceTo(*arrival);
    network_.DeliverDue();
  }
}

}  // namespace l2tp::api
