// The real thing: our supervisor, our plugins, a real pppd at both ends of an L2TP session of the
// kernel. Needs root and a kernel with PPPoL2TP: the lab (tests/lab). Skipped elsewhere. pppds are
// forked from a zygote, or executed with L2TP_EXECUTE in the environment.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "plugin/tests/session_pair.h"
#include "server/ppp/pppd_supervisor.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"

namespace l2tp::ppp {
namespace {

using control::AuthMethod;
using control::PppEvent;
using control::PppExit;
using control::PppId;
using control::PppSpec;
using events::PppPhase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RecordingSink : public control::PppSink {
 public:
  void OnPppEvent(PppId ppp, const PppEvent& event) override { events.emplace_back(ppp, event); }
  std::optional<std::string> SecretFor(PppId) override { return own_secret; }
  void OnPeerLogin(PppId, const control::PeerLogin& login,
                   absl::AnyInvocable<void(control::LoginAnswer)> answer) override {
    if (login.user != "alice") return answer({});
    if (accept_logins) return answer({control::LoginAnswer::Verdict::kAccepted, ""});
    answer({control::LoginAnswer::Verdict::kCheck, alices_secret});
  }
  control::PeerAdmission Admit(PppId, absl::string_view user) override {
    admitted.emplace_back(user);
    return admission;
  }

  template <typename T>
  int Count(PppId ppp) const {
    int count = 0;
    for (const auto& [id, event] : events) {
      count += id == ppp && std::holds_alternative<T>(event) ? 1 : 0;
    }
    return count;
  }
  template <typename T>
  T Last(PppId ppp) const {
    EXPECT_GT(Count<T>(ppp), 0);
    T last = {};
    for (const auto& [id, event] : events) {
      if (id != ppp) continue;
      if (const T* found = std::get_if<T>(&event)) last = *found;
    }
    return last;
  }

  std::vector<std::pair<PppId, PppEvent>> events;
  std::string own_secret = "open sesame";
  std::string alices_secret = "open sesame";
  bool accept_logins = false;
  control::PeerAdmission admission = {.admitted = true};
  std::vector<std::string> admitted;
};

class PppdLabTest : public testing::Test {
 protected:
  void SetUp() override {
    session_pair pair;
    if (session_pair_open(&pair) != 0) {
      ASSERT_TRUE(errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT || errno == EPERM)
          << strerror(errno);
      GTEST_SKIP() << "no PPPoL2TP here";
    }
    for (int end = 0; end < 2; ++end) {
      sessions_[end] = UniqueFd(pair.session[end]);
      tunnels_[end] = UniqueFd(pair.tunnel[end]);
      sockets_[end] = UniqueFd(pair.udp[end]);
    }
    char folder[] = "/tmp/pppd_lab_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    // For another pppd than the first that the build is for.
    const char* plugins = std::getenv("L2TP_PLUGIN_DIR");
    settings_.plugin_dir = plugins != nullptr ? plugins : PLUGIN_DIR;
    settings_.event_socket = absl::StrCat(folder, "/ppp.sock");
    settings_.grace = Duration::Seconds(60);  // the lab may share its machine with a build
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log_));
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(logger);

    lns_.name = "tunnels/b/sessions/lns";
    lns_.tunnel_id = TunnelId(pair.tunnel_id[0]);
    lns_.session_id = SessionId(pair.session_id[0]);
    lns_.lns = true;
    lns_.mtu = lns_.mru = 1400;
    lns_.local_address = *IpAddress::Parse("10.77.0.1");
    lns_.peer_address = *IpAddress::Parse("10.77.0.2");
    lns_.dns = {*IpAddress::Parse("10.77.0.53")};
    lac_.name = "tunnels/a/sessions/lac";
    lac_.tunnel_id = TunnelId(pair.tunnel_id[1]);
    lac_.session_id = SessionId(pair.session_id[1]);
    lac_.mtu = lac_.mru = 1380;
    lac_.ask_dns = true;
  }

  void TearDown() override {
    supervisor_.reset();
    if (HasFailure()) std::fputs(log_.str().c_str(), stderr);
  }

  // Both calls are established.
  void Start() {
    StartHeld();
    supervisor_->Begin(lns_id_);
    supervisor_->Begin(lac_id_);
  }
  void StartHeld() {
    supervisor_ = std::make_unique<PppdSupervisor>(io_, settings_, &sink_);
    const absl::Status status = supervisor_->Open();
    ASSERT_TRUE(status.ok()) << status;
    if (settings_.zygote) {
      RunUntil([this] { return log_.str().find("ppp zygote waits") != std::string::npos; });
    }
    lns_id_ = supervisor_->Start(lns_, std::move(sessions_[0]));
    lac_id_ = supervisor_->Start(lac_, std::move(sessions_[1]));
  }

  void RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    io_.restart();
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.run_one_for(std::chrono::milliseconds(200));
    }
    ASSERT_TRUE(done()) << "it did not come to that";
  }
  template <typename T>
  void RunUntilBothHad() {
    RunUntil([this] { return sink_.Count<T>(lns_id_) > 0 && sink_.Count<T>(lac_id_) > 0; });
  }
  std::vector<PppPhase> Phases(PppId ppp) const {
    std::vector<PppPhase> phases;
    for (const auto& [id, event] : sink_.events) {
      const auto* change = std::get_if<control::PppPhaseChange>(&event);
      if (id == ppp && change != nullptr) phases.push_back(change->phase);
    }
    return phases;
  }
  void StopBoth() {
    supervisor_->StopAll();
    RunUntilBothHad<PppExit>();
  }

  UniqueFd sessions_[2], tunnels_[2], sockets_[2];
  Settings settings_;
  PppSpec lns_, lac_;
  asio::io_context io_;
  RecordingSink sink_;
  std::ostringstream log_;
  std::unique_ptr<PppdSupervisor> supervisor_;
  PppId lns_id_, lac_id_;
};

// Holds: R-2661-8.1-14
TEST_F(PppdLabTest, WholeLifeOfASessionIsReported) {
  lns_.ipv6 = lac_.ipv6 = true;
  lac_.asyncmap = 0xa0000;
  lac_.interface_name = "customer7";
  Start();
  RunUntilBothHad<control::PppIpUp>();
  RunUntilBothHad<control::PppIpv6Up>();

  const auto lcp = sink_.Last<control::PppLcpUp>(lac_id_).lcp;
  EXPECT_EQ(lcp.receive_accm, 0xa0000u);
  EXPECT_EQ(lcp.send_accm, 0u);
  EXPECT_EQ(lcp.mru, 1380u);
  EXPECT_EQ(lcp.peer_mru, 1400u);
  EXPECT_EQ(sink_.Last<control::PppLcpUp>(lns_id_).lcp.send_accm, 0xa0000u);

  // What one end has asked for is what the other has granted.
  const auto there = sink_.Last<control::PppLcpUp>(lns_id_).lcp;
  EXPECT_THAT(lcp.asked_options, ElementsAre(1, 2, 5));  // MRU, ACCM, Magic-Number
  EXPECT_EQ(lcp.agreed_options, lcp.asked_options);
  EXPECT_EQ(there.peer_options, lcp.asked_options);
  EXPECT_NE(lcp.magic, 0u);
  EXPECT_EQ(there.peer_magic, lcp.magic);
  EXPECT_EQ(there.magic, lcp.peer_magic);
  EXPECT_EQ(lcp.auth_of_peer + lcp.auth_of_us, "");

  const auto up = sink_.Last<control::PppIpUp>(lac_id_);
  EXPECT_EQ(up.interface_name, "customer7");
  EXPECT_NE(if_nametoindex("customer7"), 0u);
  EXPECT_EQ(up.ipv4.local.ToString(), "10.77.0.2");
  EXPECT_EQ(up.ipv4.remote.ToString(), "10.77.0.1");
  ASSERT_EQ(up.ipv4.dns.size(), 2u);  // pppd tells its one server as both
  EXPECT_EQ(up.ipv4.dns[0].ToString(), "10.77.0.53");

  const auto ipv6_here = sink_.Last<control::PppIpv6Up>(lac_id_).ipv6;
  const auto ipv6_there = sink_.Last<control::PppIpv6Up>(lns_id_).ipv6;
  EXPECT_EQ(ipv6_here.local, ipv6_there.remote);
  EXPECT_EQ(ipv6_here.remote, ipv6_there.local);
  EXPECT_EQ(sink_.Count<control::PppAuth>(lac_id_), 0);

  supervisor_->Stop(lac_id_);
  RunUntilBothHad<PppExit>();
  EXPECT_THAT(Phases(lac_id_), ElementsAre(PppPhase::kEstablish, PppPhase::kAuthenticate,
                                           PppPhase::kNetwork, PppPhase::kTerminate));
  EXPECT_EQ(Phases(lns_id_), Phases(lac_id_));
  EXPECT_TRUE(sink_.Last<PppExit>(lac_id_).counters.has_value());
  EXPECT_EQ(sink_.Count<control::PppLcpUp>(lac_id_), 1);
  EXPECT_EQ(sink_.Count<control::PppIpDown>(lac_id_), 1);
  EXPECT_EQ(sink_.Count<control::PppIpv6Down>(lns_id_), 1);
  EXPECT_EQ(sink_.Last<PppExit>(lac_id_).status, 5);
  EXPECT_TRUE(sink_.Last<PppExit>(lac_id_).stopped_by_us);
  EXPECT_FALSE(sink_.Last<PppExit>(lns_id_).stopped_by_us);
  EXPECT_THAT(sink_.Last<PppExit>(lns_id_).message, HasSubstr("LCP terminated by peer"));
}

// Holds: R-2661-5.0-01
TEST_F(PppdLabTest, NothingIsSaidBeforeTheCallIsEstablishedAndWhatCameInIsNotLost) {
  StartHeld();
  supervisor_->Begin(lac_id_);
  const auto a_while = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  RunUntil([&] { return std::chrono::steady_clock::now() >= a_while; });
  EXPECT_EQ(sink_.Count<control::PppLcpUp>(lac_id_), 0);
  EXPECT_EQ(sink_.Count<PppExit>(lns_id_) + sink_.Count<PppExit>(lac_id_), 0);
  supervisor_->Begin(lns_id_);
  RunUntilBothHad<control::PppIpUp>();
}

TEST_F(PppdLabTest, StoppedBeforeTheCallIsEstablishedItEndsByItself) {
  StartHeld();
  // Both have come so far that they handle signals.
  RunUntil([this] {
    const std::string log = log_.str();
    return log.find("ppp plugin name=") != log.rfind("ppp plugin name=");
  });
  StopBoth();
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 5);
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).signal, 0);
}

class PppdLoginTest : public PppdLabTest, public testing::WithParamInterface<AuthMethod> {};

TEST_P(PppdLoginTest, SecretsComeFromTheDaemonAndTheMethodIsReported) {
  static const char* const kNames[] = {"PAP", "CHAP-MD5", "MS-CHAPv2"};
  lns_.require_auth = {GetParam()};
  lac_.user = "alice";
  lac_.debug = lns_.debug = true;
  Start();
  RunUntilBothHad<control::PppIpUp>();

  const auto there = sink_.Last<control::PppAuth>(lns_id_).auth;
  EXPECT_TRUE(there.succeeded);
  EXPECT_TRUE(there.we_are_authenticator);
  EXPECT_EQ(there.user, "alice");
  EXPECT_EQ(there.method, kNames[static_cast<int>(GetParam())]);
  const auto here = sink_.Last<control::PppAuth>(lac_id_).auth;
  EXPECT_TRUE(here.succeeded);
  EXPECT_FALSE(here.we_are_authenticator);
  EXPECT_EQ(here.user, "alice");
  EXPECT_EQ(here.method, kNames[static_cast<int>(GetParam())]);
  EXPECT_EQ(sink_.Last<control::PppLcpUp>(lns_id_).lcp.auth_of_peer, there.method);
  EXPECT_EQ(sink_.Last<control::PppLcpUp>(lac_id_).lcp.auth_of_us, there.method);
  EXPECT_EQ(sink_.Last<control::PppIpUp>(lns_id_).ipv4.remote.ToString(), "10.77.0.2");
  StopBoth();
  EXPECT_THAT(log_.str(), Not(HasSubstr("open sesame")));
}

TEST_P(PppdLoginTest, WrongSecretIsRefused) {
  lns_.require_auth = {GetParam()};
  lac_.user = "alice";
  sink_.own_secret = "wrong";
  Start();
  RunUntilBothHad<PppExit>();

  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 11);
  EXPECT_EQ(sink_.Last<PppExit>(lac_id_).status, 19);
  const auto there = sink_.Last<control::PppAuth>(lns_id_).auth;
  EXPECT_FALSE(there.succeeded);
  EXPECT_TRUE(there.we_are_authenticator);
  EXPECT_EQ(there.user, "alice");
  const auto here = sink_.Last<control::PppAuth>(lac_id_).auth;
  EXPECT_FALSE(here.succeeded);
  EXPECT_FALSE(here.we_are_authenticator);
  EXPECT_EQ(sink_.Count<control::PppIpUp>(lns_id_), 0);
}

TEST_P(PppdLoginTest, UnknownUserIsRefused) {
  lns_.require_auth = {GetParam()};
  lac_.user = "mallory";
  Start();
  RunUntilBothHad<PppExit>();
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 11);
  EXPECT_TRUE(sink_.admitted.empty());
}

TEST_P(PppdLoginTest, AdmissionGivesOtherAddresses) {
  lns_.require_auth = {GetParam()};
  lac_.user = "alice";
  lns_.ipv6 = lac_.ipv6 = true;
  sink_.admission.peer_address = *IpAddress::Parse("10.77.0.99");
  sink_.admission.peer_interface_id = *IpAddress::Parse("::1:2:3:4");
  Start();
  RunUntilBothHad<control::PppIpUp>();
  RunUntilBothHad<control::PppIpv6Up>();
  EXPECT_EQ(sink_.Last<control::PppIpUp>(lns_id_).ipv4.remote.ToString(), "10.77.0.99");
  EXPECT_EQ(sink_.Last<control::PppIpUp>(lac_id_).ipv4.local.ToString(), "10.77.0.99");
  EXPECT_EQ(sink_.Last<control::PppIpv6Up>(lac_id_).ipv6.local.ToString(), "fe80::1:2:3:4");
}

TEST_F(PppdLabTest, AdmissionTellsDnsServersAndLimitsTheTime) {
  lns_.require_auth = {AuthMethod::kPap};
  lac_.user = "alice";
  sink_.admission.dns = {*IpAddress::Parse("10.77.0.54"), *IpAddress::Parse("10.77.0.55")};
  sink_.admission.session_timeout = Duration::Seconds(1);
  Start();
  RunUntilBothHad<control::PppIpUp>();
  const auto dns = sink_.Last<control::PppIpUp>(lac_id_).ipv4.dns;
  ASSERT_EQ(dns.size(), 2u);
  EXPECT_EQ(dns[0].ToString(), "10.77.0.54");
  EXPECT_EQ(dns[1].ToString(), "10.77.0.55");
  RunUntilBothHad<PppExit>();
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 13);  // connect time
}

TEST_P(PppdLoginTest, WhoIsNotAdmittedIsRefusedAndToldWhy) {
  lns_.require_auth = {GetParam()};
  lac_.user = "alice";
  lac_.debug = true;
  sink_.admission = {.admitted = false, .message = "Too many sessions"};
  Start();
  RunUntilBothHad<PppExit>();
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 11);
  EXPECT_EQ(sink_.Last<PppExit>(lac_id_).status, 19);
  EXPECT_EQ(sink_.admitted, std::vector<std::string>{"alice"});
  EXPECT_FALSE(sink_.Last<control::PppAuth>(lns_id_).auth.succeeded);
  EXPECT_THAT(log_.str(), HasSubstr("Too many sessions"));
  EXPECT_THAT(log_.str(), Not(HasSubstr("Access granted")));
}

INSTANTIATE_TEST_SUITE_P(Methods, PppdLoginTest,
                         testing::Values(AuthMethod::kPap, AuthMethod::kChapMd5,
                                         AuthMethod::kMsChapV2));

TEST_F(PppdLabTest, LoginThatWasCheckedElsewhereIsNotCheckedAgain) {
  lns_.require_auth = {AuthMethod::kChapMd5};
  lac_.user = "alice";
  sink_.own_secret = "whatever";
  sink_.accept_logins = true;
  Start();
  RunUntilBothHad<control::PppIpUp>();
}

TEST_F(PppdLabTest, PasswordInAnotherScriptMatches) {
  lns_.require_auth = {AuthMethod::kPap};
  lac_.user = "alice";
  sink_.own_secret = sink_.alices_secret = "S\xc3\xa9same \xe2\x98\xba";
  Start();
  RunUntilBothHad<control::PppIpUp>();
}

TEST_F(PppdLabTest, PeerThatWillNotLogInIsNotLetInByDebiansSecretsFile) {
  // Debian's pap-secrets lets anybody in as "" whom `login` would check; we do not use `login`.
  lns_.require_auth = {AuthMethod::kPap};
  {
    const UniqueFd fd(open("/etc/ppp/pap-secrets", O_WRONLY | O_APPEND | O_CREAT, 0600));
    const absl::string_view line = "* * \"\" *\n";
    ASSERT_EQ(write(fd.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  Start();
  RunUntilBothHad<PppExit>();
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 11);
  EXPECT_EQ(sink_.Count<control::PppIpUp>(lns_id_), 0);
  EXPECT_FALSE(sink_.Last<control::PppAuth>(lns_id_).auth.succeeded);
}

TEST_F(PppdLabTest, EncryptionByMppeComesUp) {
  lns_.require_auth = {AuthMethod::kMsChapV2};
  lac_.user = "alice";
  lns_.mppe_required = lac_.mppe_required = true;
  Start();
  RunUntilBothHad<control::PppIpUp>();
  for (const PppId ppp : {lns_id_, lac_id_}) {
    const auto ccp = sink_.Last<control::PppCcpUp>(ppp).ccp;
    for (const events::Compression& way : {ccp.send, ccp.receive}) {
      EXPECT_EQ(way.method, "MPPE");
      EXPECT_EQ(way.key_bits, 128);
      EXPECT_FALSE(way.stateful);
    }
  }
  StopBoth();
  EXPECT_EQ(sink_.Count<control::PppCcpUp>(lac_id_), 1);
  EXPECT_EQ(sink_.Count<control::PppCcpDown>(lac_id_), 1);
}

TEST_F(PppdLabTest, InterfaceNameThatIsTakenEndsTheSessionAndSaysSo) {
  lac_.interface_name = "lo";
  Start();
  RunUntil([this] { return sink_.Count<PppExit>(lac_id_) > 0; });
  EXPECT_NE(sink_.Last<PppExit>(lac_id_).status, 0);
  EXPECT_THAT(sink_.Last<PppExit>(lac_id_).message, HasSubstr(" lo: File exists"));
}

TEST_F(PppdLabTest, DeadPeerIsNoticedByEchoes) {
  lns_.lcp_echo_interval = 1;
  lns_.lcp_echo_failures = 2;
  Start();
  RunUntilBothHad<control::PppIpUp>();
  kill(static_cast<pid_t>(supervisor_->Pid(lac_id_)), SIGSTOP);
  RunUntil([this] { return sink_.Count<PppExit>(lns_id_) > 0; });
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 15);
  EXPECT_THAT(sink_.Last<PppExit>(lns_id_).message, HasSubstr("No response to 2 echo-requests"));
  EXPECT_GT(sink_.Last<PppExit>(lns_id_).counters->connect_seconds, 0);
  EXPECT_EQ(sink_.Count<control::PppEcho>(lns_id_), 2);
  EXPECT_EQ(sink_.Last<control::PppEcho>(lns_id_).unanswered, 2);
}

TEST_F(PppdLabTest, PeerThatAnswersEchoesAgainIsReported) {
  lns_.lcp_echo_interval = 1;
  lns_.lcp_echo_failures = 20;
  Start();
  RunUntilBothHad<control::PppIpUp>();
  EXPECT_EQ(sink_.Count<control::PppEcho>(lns_id_), 0);
  const auto lac = static_cast<pid_t>(supervisor_->Pid(lac_id_));
  kill(lac, SIGSTOP);
  RunUntil([this] { return sink_.Count<control::PppEcho>(lns_id_) > 0; });
  EXPECT_GT(sink_.Last<control::PppEcho>(lns_id_).unanswered, 0);
  kill(lac, SIGCONT);
  RunUntil([this] { return sink_.Last<control::PppEcho>(lns_id_).unanswered == 0; });
}

TEST_F(PppdLabTest, StatisticsComeWhileIpIsUp) {
  settings_.extra_arguments = {"pppol2tp_events_statistics", "1"};
  Start();
  RunUntilBothHad<control::PppIpUp>();
  RunUntil([this] {
    return sink_.Count<control::PppStatistics>(lac_id_) > 0 &&
           sink_.Last<control::PppStatistics>(lac_id_).counters.connect_seconds > 0;
  });
}

// By itself it would for the time that lcp-restart gives, which is longer than the grace period.
TEST_F(PppdLabTest, StoppedPppdDoesNotWaitForAnAnswer) {
  settings_.grace = Settings().grace;
  settings_.extra_arguments = {"lcp-restart", "10"};
  Start();
  RunUntilBothHad<control::PppIpUp>();
  kill(static_cast<pid_t>(supervisor_->Pid(lac_id_)), SIGSTOP);
  supervisor_->Stop(lns_id_);
  RunUntil([this] { return sink_.Count<PppExit>(lns_id_) > 0; });
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).status, 5);  // not killed
}

TEST_F(PppdLabTest, StoppedPppdDoesNotWaitAfterThePeersRequestEither) {
  settings_.grace = Settings().grace;
  settings_.extra_arguments = {"lcp-restart", "10"};
  Start();
  RunUntilBothHad<control::PppIpUp>();
  supervisor_->Stop(lac_id_);
  RunUntil([this] { return sink_.Count<PppExit>(lac_id_) > 0; });
  RunUntil([this] {
    return sink_.Last<control::PppPhaseChange>(lns_id_).phase == PppPhase::kTerminate;
  });
  supervisor_->Stop(lns_id_);
  RunUntil([this] { return sink_.Count<PppExit>(lns_id_) > 0; });
  EXPECT_EQ(sink_.Last<PppExit>(lns_id_).signal, 0);  // not killed
}

TEST_F(PppdLabTest, WrongOptionIsReportedWithPppdsWords) {
  settings_.extra_arguments = {"no-such-option"};
  Start();
  RunUntilBothHad<PppExit>();
  EXPECT_EQ(sink_.Last<PppExit>(lac_id_).status, 2);
  EXPECT_THAT(sink_.Last<PppExit>(lac_id_).message, HasSubstr("no-such-option"));
}

}  // namespace
}  // namespace l2tp::ppp
