#include "tests/support/sim_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace l2tp::testing {

SimNode::SimNode(const SimClock* clock, FakeDatagramPort* the_port, const std::string& host_name,
                 uint64_t seed, control::ControllerOptions options)
    : port(*the_port), random(seed) {
  if (options.host_name.empty()) options.host_name = host_name;
  if (options.listeners.empty()) options.listeners = {the_port->listener()};
  control::Ports ports;
  ports.clock = const_cast<SimClock*>(clock);
  ports.alarm = &alarm;
  ports.datagrams = &port;
  ports.kernel = &kernel;
  ports.ppp = &ppp;
  ports.authenticator = &authenticator;
  ports.random = &random;
  controller = std::make_unique<control::Controller>(options, ports);
  ppp.SetSink(controller.get());
  port.Start(*controller);
  port.OnClosed([this](int descriptor) { kernel.SocketClosed(descriptor); });
  const events::Filter filter{
      .kinds = {events::Kind::kTunnel, events::Kind::kSession, events::Kind::kRefusal}};
  subscription_ = controller->Watch({.filter = filter}, [] {}).value();
}

void SimNode::Collect() {
  while (auto item = subscription_->Pop()) {
    if (auto* event = std::get_if<events::EventPtr>(&*item)) events_.push_back(*event);
  }
  EXPECT_TRUE(subscription_->status().ok()) << subscription_->status();
}

const std::vector<events::EventPtr>& SimNode::events() {
  Collect();
  return events_;
}

std::vector<std::string> SimNode::TakeEventNames(absl::string_view prefix) {
  Collect();
  std::vector<std::string> names;
  for (; taken_ < events_.size(); ++taken_) {
    const std::string name = events::EventTypeName(events_[taken_]->type);
    if (absl::StartsWith(name, prefix)) names.push_back(name);
  }
  return names;
}

events::EventPtr SimNode::LastEvent(events::EventType type) {
  Collect();
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if ((*event)->type == type) return *event;
  }
  ADD_FAILURE() << "no " << events::EventTypeName(type);
  return nullptr;
}

events::SessionInfo SimNode::LastSession() {
  Collect();
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if ((*event)->is_session()) return std::get<events::SessionInfo>((*event)->resource);
  }
  ADD_FAILURE() << "no event about a session";
  return {};
}

events::TunnelInfo SimNode::LastTunnel() {
  Collect();
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if (auto* tunnel = std::get_if<events::TunnelInfo>(&(*event)->resource)) return *tunnel;
  }
  ADD_FAILURE() << "no event about a tunnel";
  return {};
}

SimWorld::SimWorld(uint64_t seed) : seed_(seed), network_(clock_, seed) {}

SimNode& SimWorld::AddNode(absl::string_view address, control::ControllerOptions options) {
  const IpAddress ip = *IpAddress::Parse(address);
  nodes_.push_back(std::make_unique<SimNode>(&clock_, &network_.AddNode(ip),
                                             absl::StrCat("node", nodes_.size() + 1, ".example"),
                                             seed_ * 1000 + nodes_.size(), std::move(options)));
  return *nodes_.back();
}

// Whatever the kernels and pppds have to tell, and what follows from it at once.
bool SimWorld::RunPending() {
  bool ran = false;
  for (auto& node : nodes_) {
    ran |= node->kernel.RunPending() > 0;
    for (; node->told_ppps_ < node->ppp.started().size(); ++node->told_ppps_) {
      if (!node->ppp_comes_up) continue;
      const control::PppId id = node->ppp.started()[node->told_ppps_].id;
      node->ppp.LcpUp(id);
      node->ppp.IpUp(id);
    }
    ran |= node->ppp.RunPending() > 0;
  }
  return ran;
}

std::optional<Instant> SimWorld::NextTime() const {
  std::optional<Instant> next = network_.NextEvent();
  for (const auto& node : nodes_) {
    const auto alarm = node->alarm.when();
    if (alarm.has_value() && (!next.has_value() || *alarm < *next)) next = alarm;
  }
  return next;
}

void SimWorld::RunFor(Duration duration) {
  const Instant end = clock_.Now() + duration;
  int64_t steps = 0;
  while (true) {
    while (RunPending()) {
    }
    const auto next = NextTime();
    if (!next.has_value() || *next > end) break;
    if (++steps > 50'000'000) {
      ADD_FAILURE() << "time does not pass";
      return;
    }
    clock_.Advance(std::max(clock_.Now(), *next));
    if (network_.DeliverDue() > 0) continue;
    for (auto& node : nodes_) {
      if (!node->alarm.when().has_value() || *node->alarm.when() > clock_.Now()) continue;
      node->alarm.Clear();
      node->controller->HandleTimeout();
    }
  }
  clock_.Advance(end);
}

}  // namespace l2tp::testing
