#include "tests/support/fake_ppp.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace l2tp::testing {

using control::PppId;

namespace {

constexpr uint64_t kFirstPid = 10000;

IpAddress Or(const IpAddress& address, absl::string_view fallback) {
  return address.is_v4() ? address : *IpAddress::Parse(fallback);
}

}  // namespace

PppId FakePpp::Start(const control::PppSpec& spec, UniqueFd pppox) {
  const PppId id(started_.size() + 1);
  started_.push_back(Started{.id = id, .spec = spec, .had_pppox = pppox.valid()});
  if (fail_next_start_.has_value()) {
    std::string message = *std::exchange(fail_next_start_, std::nullopt);
    Exit(id, -1, 0, std::move(message));
    return id;
  }
  pppox_[id] = std::move(pppox);
  if (on_start_) on_start_(id);
  return id;
}

void FakePpp::Begin(PppId ppp) {
  Started* started = FindMutable(ppp);
  if (started == nullptr || !started->running || std::exchange(started->begun, true)) return;
  for (control::PppEvent& event : std::exchange(held_[ppp], {})) HandOver(ppp, std::move(event));
}

void FakePpp::Stop(PppId ppp) {
  Started* started = FindMutable(ppp);
  if (started == nullptr || !started->running) return;
  const bool first = !std::exchange(started->stop_asked, true);
  if (exit_on_stop_) {
    Exit(ppp, 5);
  } else if (first && on_stop_) {
    on_stop_(ppp);
  }
}

int64_t FakePpp::Pid(PppId ppp) const {
  const Started* started = Find(ppp);
  if (started == nullptr || !started->running) return 0;
  return static_cast<int64_t>(kFirstPid + ppp.value());
}

control::PppCounts FakePpp::Counts() const {
  control::PppCounts counts;
  counts.running = running();
  counts.executed = static_cast<int64_t>(started_.size());
  return counts;
}

PppId FakePpp::last() const { return started_.empty() ? PppId() : started_.back().id; }

const FakePpp::Started* FakePpp::Find(PppId ppp) const {
  if (ppp.value() == 0 || ppp.value() > started_.size()) return nullptr;
  return &started_[ppp.value() - 1];
}

FakePpp::Started* FakePpp::FindMutable(PppId ppp) { return const_cast<Started*>(Find(ppp)); }

int FakePpp::running() const {
  int count = 0;
  for (const Started& started : started_) count += started.running ? 1 : 0;
  return count;
}

std::string FakePpp::InterfaceName(const Started& started) const {
  if (!started.spec.interface_name.empty()) return started.spec.interface_name;
  return absl::StrCat("ppp", started.id.value() - 1);
}

void FakePpp::LcpUp(PppId ppp, events::LcpInfo lcp) { Emit(ppp, control::PppLcpUp{lcp}); }

void FakePpp::Authenticated(PppId ppp, absl::string_view user, bool succeeded,
                            bool we_are_authenticator) {
  events::AuthInfo auth;
  auth.succeeded = succeeded;
  auth.we_are_authenticator = we_are_authenticator;
  auth.user = std::string(user);
  auth.method = "CHAP-MD5";
  Emit(ppp, control::PppAuth{auth});
}

void FakePpp::IpUp(PppId ppp) {
  const Started* started = Find(ppp);
  if (started == nullptr) return;
  control::PppIpUp up;
  up.interface_name = InterfaceName(*started);
  up.ipv4.local = Or(started->spec.local_address, "10.0.0.1");
  const IpAddress& admitted = started->admission.peer_address;
  up.ipv4.remote = admitted.is_set() ? admitted : Or(started->spec.peer_address, "10.0.0.2");
  IpUp(ppp, up);
}

void FakePpp::IpUp(PppId ppp, const control::PppIpUp& up) { Emit(ppp, up); }
void FakePpp::IpDown(PppId ppp) { Emit(ppp, control::PppIpDown()); }

void FakePpp::Ipv6Up(PppId ppp) {
  const Started* started = Find(ppp);
  if (started == nullptr) return;
  control::PppIpv6Up up;
  up.interface_name = InterfaceName(*started);
  up.ipv6.local = *IpAddress::Parse("fe80::1");
  up.ipv6.remote = *IpAddress::Parse("fe80::2");
  Emit(ppp, up);
}

void FakePpp::Ipv6Down(PppId ppp) { Emit(ppp, control::PppIpv6Down()); }

void FakePpp::Phase(PppId ppp, events::PppPhase phase) {
  Emit(ppp, control::PppPhaseChange{phase});
}

void FakePpp::CcpUp(PppId ppp) {
  const events::Compression mppe = {"MPPE", 128, false};
  Emit(ppp, control::PppCcpUp{{mppe, mppe}});
}

void FakePpp::CcpDown(PppId ppp) { Emit(ppp, control::PppCcpDown()); }
void FakePpp::Echo(PppId ppp, int unanswered) { Emit(ppp, control::PppEcho{unanswered}); }
void FakePpp::Statistics(PppId ppp, const events::PppCounters& counters) {
  Emit(ppp, control::PppStatistics{counters});
}

void FakePpp::Exit(PppId ppp, int status, int signal, std::string message) {
  Started* started = FindMutable(ppp);
  if (started == nullptr || !started->running) return;
  control::PppExit exit;
  exit.status = signal == 0 ? status : -1;
  exit.signal = signal;
  exit.stopped_by_us = started->stop_asked;
  exit.message = std::move(message);
  Emit(ppp, exit);
  started->running = false;
  pppox_.erase(ppp);
}

std::optional<std::string> FakePpp::AskSecret(PppId ppp) { return sink_->SecretFor(ppp); }

void FakePpp::AskLogin(PppId ppp, const control::PeerLogin& login,
                       absl::AnyInvocable<void(control::LoginAnswer)> answer) {
  sink_->OnPeerLogin(ppp, login, std::move(answer));
}

control::PeerAdmission FakePpp::AskAdmission(PppId ppp, absl::string_view user) {
  control::PeerAdmission admission = sink_->Admit(ppp, user);
  Started* started = FindMutable(ppp);
  if (admission.admitted && started != nullptr) started->admission = admission;
  return admission;
}

bool FakePpp::LogIn(PppId ppp, absl::string_view user, absl::string_view password) {
  control::PeerLogin login;
  login.user = std::string(user);
  login.response = std::string(password);
  using Verdict = control::LoginAnswer::Verdict;
  control::LoginAnswer answer;
  AskLogin(ppp, login, [&answer](control::LoginAnswer given) { answer = std::move(given); });
  const bool proved = answer.verdict == Verdict::kAccepted ||
                      (answer.verdict == Verdict::kCheck && answer.secret == password);
  const bool in = proved && AskAdmission(ppp, user).admitted;
  Authenticated(ppp, user, in);
  if (!in) Exit(ppp, 11);
  return in;
}

void FakePpp::Emit(PppId ppp, control::PppEvent event) {
  const Started* started = Find(ppp);
  if (started == nullptr || !started->running) return;
  if (!started->begun && !std::holds_alternative<control::PppExit>(event)) {
    held_[ppp].push_back(std::move(event));
    return;
  }
  HandOver(ppp, std::move(event));
}

void FakePpp::HandOver(PppId ppp, control::PppEvent event) {
  absl::AnyInvocable<void()> hand_over = [this, ppp, event = std::move(event)] {
    sink_->OnPppEvent(ppp, event);
  };
  if (post_) {
    post_(std::move(hand_over));
  } else {
    pending_.push_back(std::move(hand_over));
  }
}

int FakePpp::RunPending() {
  int count = 0;
  while (!pending_.empty()) {
    absl::AnyInvocable<void()> hand_over = std::move(pending_.front());
    pending_.pop_front();
    hand_over();
    ++count;
  }
  return count;
}

}  // namespace l2tp::testing
