#include "server/ppp/progress.h"

#include <utility>
#include <variant>

namespace l2tp::ppp {

using events::PppPhase;

bool Progress::Go(Step step) { return std::exchange(step_, step) != step; }

bool Progress::Begin() {
  begun_ = true;
  return step_ == Step::kHeld && Go(Step::kBeforeLcp);
}

bool Progress::Take(const PluginMessageBody& news) { return Go(StepOf(news)); }

Progress::Step Progress::StepOf(const PluginMessageBody& news) {
  if (std::holds_alternative<ExitReport>(news)) return Step::kEnding;
  if (const auto* change = std::get_if<control::PppPhaseChange>(&news)) {
    switch (change->phase) {
      case PppPhase::kDead: return step_;
      case PppPhase::kEstablish: ipv4_ = ipv6_ = false; return Step::kLcp;
      case PppPhase::kAuthenticate: return Step::kLogin;
      case PppPhase::kNetwork: return ipv4_ || ipv6_ ? Step::kRunning : Step::kNetwork;
      case PppPhase::kTerminate: return Step::kEnding;
    }
  }
  if (std::holds_alternative<control::PppIpUp>(news)) ipv4_ = true;
  if (std::holds_alternative<control::PppIpDown>(news)) ipv4_ = false;
  if (std::holds_alternative<control::PppIpv6Up>(news)) ipv6_ = true;
  if (std::holds_alternative<control::PppIpv6Down>(news)) ipv6_ = false;
  switch (step_) {
    case Step::kStarting: return begun_ ? Step::kBeforeLcp : Step::kHeld;
    // Of what comes down on the way to another phase, the phase tells.
    case Step::kNetwork:
    case Step::kRunning: return ipv4_ || ipv6_ ? Step::kRunning : Step::kNetwork;
    default: return step_;
  }
}

Duration Progress::limit() const {
  switch (step_) {
    case Step::kStarting: return limits_.start;
    case Step::kBeforeLcp:
    case Step::kLcp:
    case Step::kLogin:
    case Step::kNetwork: return limits_.phase;
    case Step::kEnding: return limits_.end;
    case Step::kHeld:
    case Step::kRunning: break;
  }
  return Duration();
}

absl::string_view Progress::where() const {
  switch (step_) {
    case Step::kStarting: return "starting";
    case Step::kHeld: return "waiting for the call";
    case Step::kBeforeLcp: return "before LCP";
    case Step::kLcp: return "in LCP";
    case Step::kLogin: return "in authentication";
    case Step::kNetwork: return "in IPCP or IPv6CP";
    case Step::kRunning: return "running";
    case Step::kEnding: break;
  }
  return "at its end";
}

}  // namespace l2tp::ppp
