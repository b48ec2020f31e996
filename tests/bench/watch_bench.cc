// Subscribers of events over gRPC, on a Unix socket: what one that never reads costs those that do.

#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

constexpr int kReaders = 50;
constexpr int kTunnelsPerTurn = 2000;  // each is created and closed

// One stream, read on a thread of its own if it is read at all.
class Subscriber {
 public:
  Subscriber(const std::string& address, int index) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("l2tp.subscriber", index);  // a connection of its own
    channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    stream_ = v1::EventService::NewStub(channel_)->Watch(&context_, v1::WatchRequest());
    v1::WatchResponse first;
    stream_->Read(&first);  // it has begun
  }
  ~Subscriber() {
    context_.TryCancel();
    if (thread_.joinable()) thread_.join();
    v1::WatchResponse rest;
    while (stream_->Read(&rest)) {
    }
    stream_->Finish();
  }

  void ReadOn() {
    thread_ = std::thread([this] {
      v1::WatchResponse response;
      while (stream_->Read(&response)) {
        if (!response.has_event()) continue;
        if (response.event().revision() != last_ + 1) in_order_ = false;
        last_ = response.event().revision();
        seen_.store(last_, std::memory_order_release);
        seen_.notify_all();
      }
    });
  }
  void WaitFor(int64_t revision) {
    for (int64_t seen = seen_.load(); seen < revision; seen = seen_.load()) seen_.wait(seen);
  }
  bool in_order() const { return in_order_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> stream_;
  std::thread thread_;
  int64_t last_ = 0;
  std::atomic<int64_t> seen_ = 0;
  std::atomic<bool> in_order_ = true;
};

// Events until all fifty have them; the argument says how many others never read.
void FiftyReaders(benchmark::State& state) {
  ApiWorld world({.server = {}, .limits = {.ring_size = 8192, .queue_size = 1024}});
  std::vector<std::unique_ptr<Subscriber>> silent;
  for (int64_t i = 0; i < state.range(0); ++i) {
    silent.push_back(std::make_unique<Subscriber>(world.address(), 1000 + static_cast<int>(i)));
  }
  std::vector<std::unique_ptr<Subscriber>> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(std::make_unique<Subscriber>(world.address(), i));
    readers.back()->ReadOn();
  }
  int64_t revision = 0;
  int64_t events = 0;
  for (auto _ : state) {
    const int64_t before = revision;
    for (int i = 0; i < kTunnelsPerTurn; ++i) {
      world.OnLoop([&] {
        control::TunnelSpec spec;
        spec.id = absl::StrCat("t", i);
        spec.remote.address = *IpAddress::Parse("192.0.2.2");
        benchmark::DoNotOptimize(world.lac().controller->CreateTunnel(spec));
        world.lac().controller->DeleteTunnel("tunnels/" + spec.id, {.force = true},
                                             [](const absl::Status&) {});
      });
      // No faster than the readers: who reads must not be dropped.
      if (i % 200 == 199) {
        world.OnLoop([&] { revision = world.lac().controller->GetSystem().revision; });
        for (const auto& reader : readers) reader->WaitFor(revision);
      }
    }
    events += revision - before;
  }
  int lost = 0;
  for (const auto& reader : readers) lost += reader->in_order() ? 0 : 1;
  if (lost > 0) state.SkipWithError("a reader missed events");
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  int watchers = 0;
  world.OnLoop([&] { watchers = world.lac().controller->GetSystem().watcher_count; });
  state.counters["watchers left"] = watchers;
}
BENCHMARK(FiftyReaders)
    ->Arg(0)
    ->Arg(1)
    ->Iterations(4)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace l2tp::api
