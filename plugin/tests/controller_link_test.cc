// The plugin's end of the socket, without pppd: its timer is a list here that the tests run.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "plugin/plugin_protocol.h"

extern "C" {
#include "plugin/controller_link.h"

namespace {
struct Timer {
  void (*function)(void*);
  void* argument;
  int seconds;
};
std::vector<Timer> timers;
int warnings = 0;
}  // namespace

// What pppd offers to plugins, as far as the link uses it; 2.4.9 has one name, 2.5 the other.
void timeout(void (*function)(void*), void* argument, int seconds, int) {
  timers.push_back({function, argument, seconds});
}
void ppp_timeout(void (*function)(void*), void* argument, int seconds, int microseconds) {
  timeout(function, argument, seconds, microseconds);
}
void warn(const char*, ...) { ++warnings; }
size_t strlcpy(char* to, const char* from, size_t size) {
  const size_t length = std::strlen(from);
  if (size > 0) {
    const size_t copied = std::min(length, size - 1);
    std::memcpy(to, from, copied);
    to[copied] = '\0';
  }
  return length;
}
}

namespace l2tp {
namespace {

link_identity Identify() { return {77, 11, 22}; }

// Time passes: every timer that is set rings once.
void RingTimers() {
  std::vector<Timer> due;
  due.swap(timers);
  for (const Timer& timer : due) timer.function(timer.argument);
}

class Listener {
 public:
  explicit Listener(std::string path) : path_(std::move(path)) {
    listener_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 5), 0);
  }
  ~Listener() {
    HangUp();
    close(listener_);
    unlink(path_.c_str());
  }
  // False when nobody is waiting.
  bool Accept() {
    HangUp();
    connection_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return connection_ >= 0;
  }
  void HangUp() {
    if (connection_ >= 0) close(connection_);
    connection_ = -1;
  }
  // The types of the messages that are there.
  std::vector<int> Types() {
    std::vector<int> types;
    while (Read() > 0) types.push_back(header().type);
    return types;
  }
  ssize_t Read(int flags = MSG_DONTWAIT) {
    return recv(connection_, message_, sizeof(message_), flags);
  }
  l2tp_plugin_header header() const {
    l2tp_plugin_header header;
    std::memcpy(&header, message_, sizeof(header));
    return header;
  }
  template <typename T>
  T As() const {
    T value;
    std::memcpy(&value, message_, sizeof(value));
    return value;
  }
  void Reply(uint32_t sequence, const std::string& secret) {
    l2tp_plugin_login_reply reply = {};
    reply.header.magic = L2TP_PLUGIN_MAGIC;
    reply.header.version = L2TP_PLUGIN_VERSION;
    reply.header.type = L2TP_PLUGIN_LOGIN_REPLY;
    reply.header.size = sizeof(reply);
    reply.header.sequence = sequence;
    reply.header.instance = 77;
    reply.verdict = L2TP_PLUGIN_LOGIN_CHECK;
    reply.secret_size = static_cast<uint32_t>(secret.size());
    std::memcpy(reply.secret, secret.data(), secret.size());
    EXPECT_EQ(send(connection_, &reply, sizeof(reply), 0), static_cast<ssize_t>(sizeof(reply)));
  }
  // Answers the next request, in a thread of its own because the plugin waits meanwhile.
  std::thread AnswerOnce(std::function<void(uint32_t sequence)> answer) {
    return std::thread([this, answer] {
      EXPECT_EQ(fcntl(connection_, F_SETFL, 0), 0);  // blocking
      while (Read(0) > 0) {
        if (header().type != L2TP_PLUGIN_LOGIN_REQUEST) continue;
        answer(header().sequence);
        return;
      }
    });
  }

 private:
  std::string path_;
  int listener_ = -1;
  int connection_ = -1;
  char message_[L2TP_PLUGIN_MAX_MESSAGE_SIZE];
};

// The link is one for each process, so every test has a process of its own.
class ControllerLinkTest : public testing::Test {
 protected:
  void InChild(const std::function<void()>& body) {
    char folder[] = "/tmp/controller_link_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    path_ = std::string(folder) + "/ppp.sock";
    const pid_t child = fork();
    if (child == 0) {
      body();
      _exit(HasFailure() ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    unlink(path_.c_str());
    rmdir(folder);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  }

  void Start() {
    ASSERT_EQ(link_configure(path_.c_str(), Identify), 1);
    link_start("test", "2.4.9");
  }
  static void TellIpv4(uint32_t local) {
    l2tp_plugin_ipv4_up message = {};
    message.local = local;
    link_tell(LINK_IPV4, L2TP_PLUGIN_IPV4_UP, &message, sizeof(message));
  }
  static void TellLcp() {
    l2tp_plugin_lcp_up message = {};
    link_tell(LINK_LCP, L2TP_PLUGIN_LCP_UP, &message, sizeof(message));
  }

  std::string path_;
};

TEST_F(ControllerLinkTest, SocketOfAnotherUserIsToldNothing) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  InChild([this] {
    const std::string folder = path_.substr(0, path_.rfind('/'));
    ASSERT_EQ(chmod(folder.c_str(), 0777), 0);
    ASSERT_EQ(seteuid(65534), 0);
    Listener listener(path_);
    ASSERT_EQ(seteuid(0), 0);
    Start();
    TellIpv4(1);
    ASSERT_TRUE(listener.Accept());
    EXPECT_EQ(listener.Types(), std::vector<int>());
    RingTimers();  // it tries again, and says so once
    ASSERT_TRUE(listener.Accept());
    EXPECT_EQ(listener.Types(), std::vector<int>());
    EXPECT_EQ(warnings, 1);
  });
}

TEST_F(ControllerLinkTest, HelloComesFirstAndNamesTheInstance) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    ASSERT_EQ(listener.Read(), static_cast<ssize_t>(sizeof(l2tp_plugin_hello)));
    const auto hello = listener.As<l2tp_plugin_hello>();
    EXPECT_EQ(hello.header.type, L2TP_PLUGIN_HELLO);
    EXPECT_EQ(hello.header.instance, 77u);
    EXPECT_EQ(hello.header.tunnel_id, 11u);
    EXPECT_EQ(hello.header.session_id, 22u);
    EXPECT_EQ(hello.pid, static_cast<uint32_t>(getpid()));
    EXPECT_STREQ(hello.pppd_version, "2.4.9");
  });
}

TEST_F(ControllerLinkTest, PathThatDoesNotFitIsRefused) {
  InChild([] { EXPECT_EQ(link_configure(std::string(200, 'x').c_str(), Identify), 0); });
}

TEST_F(ControllerLinkTest, WithoutAControllerNothingIsLostAndNothingWaits) {
  InChild([this] {
    Start();
    TellLcp();
    TellIpv4(1);
    RingTimers();
    Listener listener(path_);
    RingTimers();
    ASSERT_TRUE(listener.Accept());
    EXPECT_EQ(listener.Types(),
              (std::vector<int>{L2TP_PLUGIN_HELLO, L2TP_PLUGIN_LCP_UP, L2TP_PLUGIN_IPV4_UP}));
  });
}

TEST_F(ControllerLinkTest, AttemptsBecomeRarer) {
  InChild([this] {
    Start();
    std::vector<int> pauses;
    for (int i = 0; i < 6; ++i) {
      ASSERT_EQ(timers.size(), 1u);
      pauses.push_back(timers[0].seconds);
      RingTimers();
    }
    EXPECT_EQ(pauses, (std::vector<int>{1, 2, 4, 8, 16, 16}));
  });
}

TEST_F(ControllerLinkTest, NewControllerHearsTheWholeStateOnceMoreWithTheSameNumbers) {
  InChild([this] {
    auto first = std::make_unique<Listener>(path_);
    Start();
    TellIpv4(1);
    ASSERT_TRUE(first->Accept());
    first->Read();
    first->Read();
    const uint32_t sequence = first->header().sequence;
    first.reset();

    Listener second(path_);
    RingTimers();  // looks, finds the connection broken, makes a new one
    ASSERT_TRUE(second.Accept());
    second.Read();
    EXPECT_EQ(second.header().type, L2TP_PLUGIN_HELLO);
    ASSERT_GT(second.Read(), 0);
    EXPECT_EQ(second.header().type, L2TP_PLUGIN_IPV4_UP);
    EXPECT_EQ(second.header().sequence, sequence);
  });
}

TEST_F(ControllerLinkTest, ConnectionThatBreaksWhileSendingIsMadeAnew) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    listener.HangUp();
    TellIpv4(1);  // fails, and is kept
    RingTimers();
    ASSERT_TRUE(listener.Accept());
    EXPECT_EQ(listener.Types(), (std::vector<int>{L2TP_PLUGIN_HELLO, L2TP_PLUGIN_IPV4_UP}));
  });
}

TEST_F(ControllerLinkTest, ControllerThatDoesNotReadGetsTheLatestOfEachKindInTheEnd) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    constexpr uint32_t kMany = 5000;  // far more than the socket holds
    for (uint32_t i = 1; i <= kMany; ++i) TellIpv4(i);
    TellLcp();

    uint32_t latest = 0;
    int lcp_count = 0, received = 0;
    for (int turn = 0; turn < 3; ++turn) {
      while (listener.Read() > 0) {
        ++received;
        if (listener.header().type == L2TP_PLUGIN_IPV4_UP) {
          latest = listener.As<l2tp_plugin_ipv4_up>().local;
        }
        lcp_count += listener.header().type == L2TP_PLUGIN_LCP_UP ? 1 : 0;
      }
      RingTimers();
    }
    EXPECT_EQ(latest, kMany);
    EXPECT_EQ(lcp_count, 1);
    EXPECT_LT(received, static_cast<int>(kMany));
  });
}

TEST_F(ControllerLinkTest, WhatHadToWaitIsSentInTheOrderInWhichItHappened) {
  InChild([this] {
    Start();
    TellIpv4(1);
    TellLcp();
    TellIpv4(2);
    Listener listener(path_);
    RingTimers();
    ASSERT_TRUE(listener.Accept());
    EXPECT_EQ(listener.Types(),
              (std::vector<int>{L2TP_PLUGIN_HELLO, L2TP_PLUGIN_LCP_UP, L2TP_PLUGIN_IPV4_UP}));
  });
}

TEST_F(ControllerLinkTest, StatisticsAreSentNowOrNever) {
  InChild([this] {
    const auto tell = [] {
      l2tp_plugin_statistics statistics = {};
      link_tell_or_lose(L2TP_PLUGIN_STATISTICS, &statistics, sizeof(statistics));
    };
    Start();
    tell();  // nobody listens
    Listener listener(path_);
    RingTimers();
    ASSERT_TRUE(listener.Accept());
    EXPECT_EQ(listener.Types(), (std::vector<int>{L2TP_PLUGIN_HELLO}));
    tell();
    EXPECT_EQ(listener.Types(), (std::vector<int>{L2TP_PLUGIN_STATISTICS}));
  });
}

TEST_F(ControllerLinkTest, StatisticsDoNotTakeTheRoomThatStateWaitsFor) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    constexpr uint32_t kMany = 5000;  // far more than the socket holds
    for (uint32_t i = 1; i <= kMany; ++i) TellIpv4(i);
    ASSERT_GT(listener.Read(), 0);  // room for one
    l2tp_plugin_statistics statistics = {};
    link_tell_or_lose(L2TP_PLUGIN_STATISTICS, &statistics, sizeof(statistics));
    bool latest_came = false;
    while (listener.Read() > 0) {
      const bool is_statistics = listener.header().type == L2TP_PLUGIN_STATISTICS;
      EXPECT_TRUE(latest_came || !is_statistics);
      if (listener.header().type == L2TP_PLUGIN_IPV4_UP) {
        latest_came = listener.As<l2tp_plugin_ipv4_up>().local == kMany;
      }
    }
    EXPECT_TRUE(latest_came);
  });
}

TEST_F(ControllerLinkTest, FullSocketIsTriedAgainByOneTimerOnly) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    for (uint32_t i = 1; i <= 5000; ++i) TellIpv4(i);
    EXPECT_EQ(timers.size(), 2u);  // the regular look and one retry
    RingTimers();
    EXPECT_EQ(timers.size(), 2u);
  });
}

// Asks for the login of `user`. The verdict, or -1 when there was no answer.
int AskLogin(const char* user, int seconds, std::string* secret) {
  l2tp_plugin_login_request request = {};
  l2tp_plugin_login_reply reply = {};
  std::strcpy(request.user, user);
  if (link_ask(L2TP_PLUGIN_LOGIN_REQUEST, &request, sizeof(request), L2TP_PLUGIN_LOGIN_REPLY,
               &reply, sizeof(reply), seconds) == 0) {
    return -1;
  }
  secret->assign(reply.secret, reply.secret_size);
  return reply.verdict;
}

TEST_F(ControllerLinkTest, QuestionIsAskedAndAnswered) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    std::thread controller = listener.AnswerOnce([&](uint32_t sequence) {
      EXPECT_STREQ(listener.As<l2tp_plugin_login_request>().user, "bob");
      EXPECT_EQ(listener.header().size, sizeof(l2tp_plugin_login_request));
      listener.Reply(sequence, "opensesame");
    });
    std::string secret;
    EXPECT_EQ(AskLogin("bob", 3, &secret), L2TP_PLUGIN_LOGIN_CHECK);
    EXPECT_EQ(secret, "opensesame");
    controller.join();
  });
}

TEST_F(ControllerLinkTest, AnswerToAnEarlierQuestionIsNotTaken) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    std::thread controller = listener.AnswerOnce([&](uint32_t sequence) {
      listener.Reply(sequence - 1, "yesterday");
      listener.Reply(sequence, "today");
    });
    std::string secret;
    EXPECT_EQ(AskLogin("me", 3, &secret), L2TP_PLUGIN_LOGIN_CHECK);
    EXPECT_EQ(secret, "today");
    controller.join();
  });
}

TEST_F(ControllerLinkTest, SilentControllerIsWaitedForAndThenItIsNo) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    const auto begin = std::chrono::steady_clock::now();
    std::string secret;
    EXPECT_EQ(AskLogin("bob", 4, &secret), -1);
    const auto waited = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(waited, std::chrono::milliseconds(3900));
    EXPECT_LT(waited, std::chrono::seconds(12));
  });
}

TEST_F(ControllerLinkTest, MissingControllerIsWaitedForThreeSeconds) {
  InChild([this] {
    Start();
    const auto begin = std::chrono::steady_clock::now();
    std::string secret;
    EXPECT_EQ(AskLogin("bob", 15, &secret), -1);
    const auto waited = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(waited, std::chrono::milliseconds(2900));
    EXPECT_LT(waited, std::chrono::seconds(10));
  });
}

TEST_F(ControllerLinkTest, ChildProcessSaysNothingMore) {
  InChild([this] {
    Listener listener(path_);
    Start();
    ASSERT_TRUE(listener.Accept());
    listener.Types();
    link_forget();
    TellIpv4(1);
    RingTimers();
    EXPECT_TRUE(listener.Types().empty());
  });
}

}  // namespace
}  // namespace l2tp
