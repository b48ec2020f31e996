// A control::PppPort without processes: a test tells what each PPP session does.
//
//   FakePpp ppp(&controller);
//   ... the controller calls Start() ...
//   ppp.LcpUp(ppp.last());
//   ppp.IpUp(ppp.last());
//   ppp.RunPending();

#ifndef L2TP_TESTS_SUPPORT_FAKE_PPP_H_
#define L2TP_TESTS_SUPPORT_FAKE_PPP_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"

namespace l2tp::testing {

// As with the real one, nothing is called from inside Start() or Stop(): events wait until the test
// calls RunPending(), or until the function given to PostTo() runs them.
class FakePpp : public control::PppPort {
 public:
  // `sink` is not owned. May be set later, before the first event.
  explicit FakePpp(control::PppSink* sink = nullptr) : sink_(sink) {}
  void SetSink(control::PppSink* sink) { sink_ = sink; }

  struct Started {
    control::PppId id;
    control::PppSpec spec;
    bool had_pppox = false;  // a valid descriptor was handed over
    bool running = true;
    bool begun = false;  // Begin() was called
    bool stop_asked = false;
    control::PeerAdmission admission;  // the last that let a peer in
  };

  // control::PppPort:
  control::PppId Start(const control::PppSpec& spec, UniqueFd pppox) override;
  void Begin(control::PppId ppp) override;
  void Stop(control::PppId ppp) override;
  int64_t Pid(control::PppId ppp) const override;
  control::PppCounts Counts() const override;

  // Every Start() so far, oldest first.
  const std::vector<Started>& started() const { return started_; }
  // The id of the last Start(); 0 when there was none.
  control::PppId last() const;
  // Null when there was no such Start().
  const Started* Find(control::PppId ppp) const;
  int running() const;

  // The next Start() fails as if pppd were not there.
  void FailNextStart(std::string message) { fail_next_start_ = std::move(message); }
  // Stop() makes a session exit with status 5 (default), or the test calls Exit() itself.
  void ExitOnStop(bool on) { exit_on_stop_ = on; }

  // Called from inside Start() and Stop(), for a world that makes up what pppds do. Stop() is told
  // once a session, and only while it runs.
  void OnStart(std::function<void(control::PppId)> on_start) { on_start_ = std::move(on_start); }
  void OnStop(std::function<void(control::PppId)> on_stop) { on_stop_ = std::move(on_stop); }

  // Story: what the session `ppp` does. Waits for Begin(), but for an exit. Ignored, as by a real
  // pppd, once it has ended.
  void LcpUp(control::PppId ppp, events::LcpInfo lcp = {0, 0, 1500, 1500});
  void Authenticated(control::PppId ppp, absl::string_view user, bool succeeded = true,
                     bool we_are_authenticator = true);
  // Addresses of the admission, of the spec, or 10.0.0.1 and 10.0.0.2.
  void IpUp(control::PppId ppp);
  void IpUp(control::PppId ppp, const control::PppIpUp& up);
  void IpDown(control::PppId ppp);
  void Ipv6Up(control::PppId ppp);
  void Ipv6Down(control::PppId ppp);
  void Phase(control::PppId ppp, events::PppPhase phase);
  void CcpUp(control::PppId ppp);  // MPPE with 128 bits, both ways
  void CcpDown(control::PppId ppp);
  void Echo(control::PppId ppp, int unanswered);
  void Statistics(control::PppId ppp, const events::PppCounters& counters);
  void Exit(control::PppId ppp, int status, int signal = 0, std::string message = "");
  // pppd asks for our own secret; the answer comes at once.
  std::optional<std::string> AskSecret(control::PppId ppp);
  // The peer logs in: `answer` is called when there is one.
  void AskLogin(control::PppId ppp, const control::PeerLogin& login,
                absl::AnyInvocable<void(control::LoginAnswer)> answer);
  // ... has proved who it is. If it is let in, it is `user` with the addresses it got.
  control::PeerAdmission AskAdmission(control::PppId ppp, absl::string_view user);
  // The whole of it, by PAP, and what is reported of it: a refused peer's pppd exits with 11. True:
  // it is in. The answer has to come at once.
  bool LogIn(control::PppId ppp, absl::string_view user, absl::string_view password);

  // Hands over what has happened, and what happens because of it. Returns how many events.
  int RunPending();
  // From now on each event is handed to `post` as a closure, for example to a simulated network
  // that delays it. RunPending() has nothing to do then.
  void PostTo(absl::AnyInvocable<void(absl::AnyInvocable<void()>)> post) {
    post_ = std::move(post);
  }

 private:
  Started* FindMutable(control::PppId ppp);
  void Emit(control::PppId ppp, control::PppEvent event);
  void HandOver(control::PppId ppp, control::PppEvent event);
  std::string InterfaceName(const Started& started) const;

  control::PppSink* sink_;
  std::vector<Started> started_;
  // As pppd inherits it: the kernel keeps the session while one copy is open.
  std::map<control::PppId, UniqueFd> pppox_;
  std::map<control::PppId, std::vector<control::PppEvent>> held_;  // until Begin()
  std::function<void(control::PppId)> on_start_;
  std::function<void(control::PppId)> on_stop_;
  std::deque<absl::AnyInvocable<void()>> pending_;
  absl::AnyInvocable<void(absl::AnyInvocable<void()>)> post_;
  std::optional<std::string> fail_next_start_;
  bool exit_on_stop_ = true;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_FAKE_PPP_H_
