// Whole controllers in one thread and in simulated time: real wire, protocol, control and events;
// simulated network, kernel and pppd.
//
//   SimWorld world(/*seed=*/1);
//   SimNode& lac = world.AddNode("192.0.2.1");
//   SimNode& lns = world.AddNode("192.0.2.2");
//   lac.controller->CreateTunnel(...);
//   world.RunFor(Duration::Seconds(1));
//   EXPECT_THAT(lac.EventNames(), ElementsAre("TUNNEL_CREATED", "TUNNEL_UP"));

#ifndef L2TP_TESTS_SUPPORT_SIM_WORLD_H_
#define L2TP_TESTS_SUPPORT_SIM_WORLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/control/controller.h"
#include "server/events/event.h"
#include "server/events/subscription.h"
#include "tests/support/fake_authenticator.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/fake_ppp.h"
#include "tests/support/seeded_random.h"

namespace l2tp::testing {

class SimClock final : public control::Clock {
 public:
  Instant Now() const override { return now_; }
  WallTime WallNow() const override { return {now_.nanoseconds()}; }
  void Advance(Instant to) { now_ = to; }

 private:
  Instant now_ = Instant() + Duration::Seconds(1000);
};

class SimAlarm final : public control::Alarm {
 public:
  void Set(std::optional<Instant> when) override { when_ = when; }
  // The time that was set, once; nullopt: none, or it has been taken.
  std::optional<Instant> when() const { return when_; }
  void Clear() { when_.reset(); }

 private:
  std::optional<Instant> when_;
};

// One daemon and what it stands on.
struct SimNode {
  SimNode(const SimClock* clock, FakeDatagramPort* port, const std::string& host_name,
          uint64_t seed, control::ControllerOptions options);

  // Names of the events that have come since the last call, those of `prefix` only.
  std::vector<std::string> TakeEventNames(absl::string_view prefix = "");
  // All events so far, oldest first.
  const std::vector<events::EventPtr>& events();
  // The last event of that type; fails the test and gives nullptr when there was none.
  events::EventPtr LastEvent(events::EventType type);
  // The session, or tunnel, of the last event about one.
  events::SessionInfo LastSession();
  events::TunnelInfo LastTunnel();

  FakeDatagramPort& port;
  FakeKernel kernel;
  FakePpp ppp;
  FakeAuthenticator authenticator;
  SeededRandom random;
  SimAlarm alarm;
  std::unique_ptr<control::Controller> controller;
  // Every pppd that is started reports LCP and IP up by itself.
  bool ppp_comes_up = true;

 private:
  friend class SimWorld;
  void Collect();
  std::shared_ptr<events::Subscription> subscription_;
  std::vector<events::EventPtr> events_;
  size_t taken_ = 0;
  size_t told_ppps_ = 0;
};

class SimWorld {
 public:
  explicit SimWorld(uint64_t seed = 1);

  SimNode& AddNode(absl::string_view address, control::ControllerOptions options = {});

  // Lets everything happen that is due within `duration`.
  void RunFor(Duration duration);

  FakeNetwork& network() { return network_; }
  const SimClock& clock() const { return clock_; }

 private:
  bool RunPending();
  std::optional<Instant> NextTime() const;

  const uint64_t seed_;
  SimClock clock_;
  FakeNetwork network_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_SIM_WORLD_H_
