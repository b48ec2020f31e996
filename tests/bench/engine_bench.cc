// The protocol engine without sockets: what a message costs, and that it does not cost more when
// there are many tunnels. Compare lines of one run, not runs.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/protocol/call_info.h"
#include "server/protocol/engine.h"
#include "tests/support/seeded_random.h"

namespace l2tp::protocol {
namespace {

class Everybody final : public PeerDirectory {
 public:
  Admission Admit(const Path&, absl::string_view) override {
    Admission admission;
    admission.admitted = true;
    admission.params = params;
    return admission;
  }
  TunnelParams params;
};

TunnelParams Params() {
  TunnelParams params;
  params.host_name = "bench.example";
  params.hello_interval = Duration();
  return params;
}

Endpoint At(uint32_t address) { return {IpAddress::FromV4(0x0a000000 + address), 1701}; }

// One engine that opens tunnels and calls (the LAC), one that answers (the LNS). Every tunnel has
// an address of its own on the LAC's side.
class Pair {
 public:
  explicit Pair(int tunnels) {
    everybody_.params = Params();
    lns_.set_half_open_limits({.total = 1'000'000, .per_address = 1'000'000});
    for (int i = 0; i < tunnels; ++i) {
      tunnels_.push_back(*lac_.OpenTunnel(now_, At(0), Params()));
      address_of_[tunnels_.back().value()] = static_cast<uint32_t>(i + 1);
      Settle();
    }
    Acknowledge();
  }

  // Carries messages until nobody has anything to say. The number of datagrams.
  int64_t Settle() {
    int64_t datagrams = 0;
    bool moved = true;
    while (moved) {
      moved = false;
      for (Effect& effect : lac_.TakeEffects()) {
        if (auto* transmit = std::get_if<Transmit>(&effect)) {
          lns_.HandleDatagram(now_, {At(0), At(address_of_.at(transmit->tunnel.value()))},
                              transmit->datagram);
          moved = true;
          ++datagrams;
        } else if (const auto* answered = std::get_if<SessionAnswered>(&effect)) {
          lac_.ConfirmSession(now_, answered->session);
          moved = true;
        }
      }
      for (Effect& effect : lns_.TakeEffects()) {
        if (auto* transmit = std::get_if<Transmit>(&effect)) {
          lac_.HandleDatagram(now_, {transmit->path.remote, At(0)}, transmit->datagram);
          moved = true;
          ++datagrams;
        } else if (const auto* requested = std::get_if<SessionRequested>(&effect)) {
          lns_.AcceptSession(now_, requested->session);
          moved = true;
        }
      }
    }
    return datagrams;
  }

  // Lets every pending acknowledgement go.
  void Acknowledge() {
    now_ = now_ + Duration::Milliseconds(100);
    lac_.HandleTimeout(now_);
    lns_.HandleTimeout(now_);
    Settle();
  }

  // ICRQ, ICRP, ICCN, CDN and their acknowledgements in one of the tunnels.
  int64_t CallAndHangUp(size_t tunnel) {
    const SessionHandle call = *lac_.PlaceCall(now_, tunnels_[tunnel % tunnels_.size()], {});
    int64_t datagrams = Settle();
    Closure closure;
    closure.result = wire::MakeResult(wire::CdnResult::kAdministrative);
    lac_.CloseSession(now_, call, std::move(closure));
    datagrams += Settle();
    now_ = now_ + Duration::Milliseconds(21);  // the delay of acknowledgements
    lac_.HandleTimeout(now_);
    lns_.HandleTimeout(now_);
    return datagrams + Settle();
  }

 private:
  Everybody everybody_;
  testing::SeededRandom random_{1};
  Engine lac_{&everybody_, &random_, 1};
  Engine lns_{&everybody_, &random_, 1};
  Instant now_ = Instant() + Duration::Seconds(1000);
  std::vector<TunnelHandle> tunnels_;
  absl::flat_hash_map<uint64_t, uint32_t> address_of_;
};

// Messages a second through two engines, at so many open tunnels: the cost must stay flat.
void BM_CallsThroughAPair(benchmark::State& state) {
  Pair pair(static_cast<int>(state.range(0)));
  int64_t datagrams = 0;
  size_t tunnel = 0;
  for (auto _ : state) datagrams += pair.CallAndHangUp(tunnel += 7919);
  state.SetItemsProcessed(datagrams);
}
BENCHMARK(BM_CallsThroughAPair)->Arg(1)->Arg(1000)->Arg(20000);

CallInfo SomeCall() {
  CallInfo call;
  call.calling_number = "5552000";
  call.called_number = "5551000";
  call.tx_connect_speed = 100'000'000;
  return call;
}

void BM_EncodeIcrq(benchmark::State& state) {
  const CallInfo call = SomeCall();
  for (auto _ : state) benchmark::DoNotOptimize(EncodeBody(MakeIcrq(SessionId(7), call)));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodeIcrq);

void BM_EncodeIcrqHidden(benchmark::State& state) {
  const CallInfo call = SomeCall();
  const Bytes random(16, 0x5a);
  const wire::HidingParams hiding{"s3cret", random, {}};
  for (auto _ : state) benchmark::DoNotOptimize(EncodeBody(MakeIcrq(SessionId(7), call), &hiding));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodeIcrqHidden);

void BM_DecodeIcrq(benchmark::State& state) {
  const Bytes body = EncodeBody(MakeIcrq(SessionId(7), SomeCall()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::DecodeMessage(wire::SplitAvps(body), std::nullopt));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeIcrq);

// A flood from addresses that never come again, while the table is full.
void BM_SccrqOfAFlood(benchmark::State& state) {
  Everybody everybody;
  everybody.params = Params();
  testing::SeededRandom random(1);
  Engine engine(&everybody, &random, 1);
  wire::Message sccrq(wire::MessageType::kSccrq);
  sccrq.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kHostName, std::string("anybody"))
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{77});
  const Bytes datagram =
      wire::EncodeControl({TunnelId(), SessionId(), 0, 0}, wire::EncodeBody(sccrq));
  const Instant now = Instant() + Duration::Seconds(1000);
  uint32_t source = 0;
  for (auto _ : state) {
    engine.HandleDatagram(now, {At(0), At(++source)}, datagram);
    benchmark::DoNotOptimize(engine.TakeEffects());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_SccrqOfAFlood);

}  // namespace
}  // namespace l2tp::protocol
