// Real processes that play pppd under a real supervisor, for tests.

#ifndef L2TP_SERVER_PPP_PPPD_SUPERVISOR_FIXTURE_H_
#define L2TP_SERVER_PPP_PPPD_SUPERVISOR_FIXTURE_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/ppp/pppd_supervisor.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"

namespace l2tp::ppp {

using control::PppEvent;
using control::PppExit;
using control::PppId;
using control::PppSpec;

class RecordingSink : public control::PppSink {
 public:
  void OnPppEvent(PppId ppp, const PppEvent& event) override {
    events.emplace_back(ppp, event);
    if (on_event) on_event(ppp, event);
  }
  std::optional<std::string> SecretFor(PppId) override { return secret; }
  void OnPeerLogin(PppId, const control::PeerLogin& login,
                   absl::AnyInvocable<void(control::LoginAnswer)> answer) override {
    logins.push_back(login);
    if (keep_answer != nullptr) {
      *keep_answer = std::move(answer);
      return;
    }
    answer({secret.has_value() ? control::LoginAnswer::Verdict::kCheck
                               : control::LoginAnswer::Verdict::kRefused,
            secret.value_or("")});
  }
  control::PeerAdmission Admit(PppId, absl::string_view user) override {
    control::PeerAdmission admission;
    admission.admitted = user == "bob";
    admission.message = "who is this";
    return admission;
  }

  template <typename T>
  int Count() const {
    int count = 0;
    for (const auto& [ppp, event] : events) count += std::holds_alternative<T>(event) ? 1 : 0;
    return count;
  }
  template <typename T>
  const T& Only() const {
    EXPECT_EQ(Count<T>(), 1);
    for (const auto& [ppp, event] : events) {
      if (const T* found = std::get_if<T>(&event)) return *found;
    }
    static const T none;
    return none;
  }

  std::vector<std::pair<PppId, PppEvent>> events;
  std::vector<control::PeerLogin> logins;
  absl::AnyInvocable<void(control::LoginAnswer)>* keep_answer = nullptr;
  std::optional<std::string> secret = "opensesame";
  std::function<void(PppId, const PppEvent&)> on_event;
};

// Real processes, but not pppd: tests/support/fake_pppd.c does what the test tells it to. With and
// without a zygote.
class PppdSupervisorTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/pppd_supervisor_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    settings_.pppd_path = FAKE_PPPD;
    settings_.zygote = GetParam();
    settings_.plugin_dir = folder_;
    settings_.event_socket = folder_ + "/ppp.sock";
    for (const char* plugin : {"/pppol2tp.so", "/pppol2tp_events.so"}) {
      const UniqueFd fd(open((folder_ + plugin).c_str(), O_CREAT | O_WRONLY, 0600));
    }
    log_before_ = spdlog::default_logger();
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log_));
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(logger);
  }

  void TearDown() override {
    supervisor_.reset();
    spdlog::set_default_logger(log_before_);
    for (const char* file : {"/pppol2tp.so", "/pppol2tp_events.so", "/ppp.sock"}) {
      unlink((folder_ + file).c_str());
    }
    rmdir(folder_.c_str());
    // No child is left, neither running nor as a zombie.
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  // A supervisor whose pppds all do `commands`.
  void Open(std::vector<std::string> commands) {
    settings_.extra_arguments = std::move(commands);
    settings_.extra_arguments.insert(settings_.extra_arguments.begin(), "play");
    supervisor_ = std::make_unique<PppdSupervisor>(io_, settings_, &sink_);
    const absl::Status status = supervisor_->Open();
    ASSERT_TRUE(status.ok()) << status;
    if (settings_.zygote) RunUntilLogged("ppp zygote waits");
  }

  PppId Start() {
    PppSpec spec;
    spec.name = "tunnels/a/sessions/b";
    spec.user = "alice";
    spec.require_auth = {control::AuthMethod::kPap};
    spec.radius = radius_;
    spec.tunnel_id = TunnelId(11);
    spec.session_id = SessionId(22);
    return supervisor_->Start(spec, UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC)));
  }

  // Ends all, for another Open().
  void Close() {
    supervisor_.reset();
    sink_.events.clear();
    log_.str("");
  }

  // Runs the loop until `done`; fails after a time that only a bug needs.
  void RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    io_.restart();
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    ASSERT_TRUE(done()) << "nothing came; the log was:\n" << log_.str();
  }
  void RunUntilExit() {
    RunUntil([this] { return sink_.Count<PppExit>() > 0; });
  }
  void RunUntilLogged(const std::string& words) {
    RunUntil([this, words] { return absl::StrContains(log_.str(), words); });
  }

  std::string folder_;
  Settings settings_;
  std::optional<control::RadiusSpec> radius_;  // of what Start() starts
  asio::io_context io_;
  RecordingSink sink_;
  std::ostringstream log_;
  std::shared_ptr<spdlog::logger> log_before_;
  std::unique_ptr<PppdSupervisor> supervisor_;
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_PPPD_SUPERVISOR_FIXTURE_H_
