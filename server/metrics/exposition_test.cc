#include "server/metrics/exposition.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/unique_fd.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/fake_ppp.h"
#include "tests/support/seeded_random.h"

namespace l2tp::metrics {
namespace {

using ::testing::HasSubstr;

class StillClock final : public control::Clock {
 public:
  Instant Now() const override { return Instant::FromNanoseconds(1); }
  WallTime WallNow() const override { return {1'700'000'000'000'000'000}; }
};

class NoAlarm final : public control::Alarm {
 public:
  void Set(std::optional<Instant> /*when*/) override {}
};

// What an HTTP client gets.
std::string Get(int port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  EXPECT_EQ(::write(socket.get(), request.data(), request.size()),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t size; (size = ::read(socket.get(), buffer, sizeof(buffer))) > 0;) {
    answer.append(buffer, static_cast<size_t>(size));
  }
  return answer;
}

class ExpositionTest : public ::testing::Test {
 protected:
  ExpositionTest()
      : port_(IpAddress::FromV4(0xc0000201)),
        controller_({.host_name = "lac", .version = "1.2.3"}, {.clock = &clock_,
                                                               .alarm = &alarm_,
                                                               .datagrams = &port_,
                                                               .kernel = &kernel_,
                                                               .ppp = &ppp_,
                                                               .authenticator = nullptr,
                                                               .random = &random_}) {}

  absl::StatusOr<std::unique_ptr<Exposition>> Open(uint16_t port) {
    return Exposition::Open(
        Endpoint{IpAddress::FromV4(0x7f000001), port}, registry_, &controller_,
        [this](auto work) {
          asio::post(io_, std::move(work));
          return true;
        },
        [] { return 5; });
  }

  StillClock clock_;
  NoAlarm alarm_;
  testing::FakeDatagramPort port_;
  testing::FakeKernel kernel_;
  testing::FakePpp ppp_;
  testing::SeededRandom random_{1};
  control::Controller controller_;
  asio::io_context io_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
};

TEST_F(ExpositionTest, AScrapeShowsWhatTheLoopSays) {
  auto exposition = Open(0);
  ASSERT_TRUE(exposition.ok()) << exposition.status();
  auto guard = asio::make_work_guard(io_);
  std::thread loop([this] { io_.run(); });
  const std::string page = Get((*exposition)->port());
  EXPECT_THAT(page, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(page, HasSubstr("l2tp_controller_info{host_name=\"lac\",version=\"1.2.3\"} 1"));
  EXPECT_THAT(page, HasSubstr("l2tp_api_calls_waiting 5"));
  EXPECT_THAT(page, HasSubstr("l2tp_loop_answers 1"));
  guard.reset();
  io_.stop();
  loop.join();
}

TEST_F(ExpositionTest, ALoopThatDoesNotAnswerIsToldOfToo) {
  auto exposition = Open(0);
  ASSERT_TRUE(exposition.ok()) << exposition.status();
  EXPECT_THAT(Get((*exposition)->port()), HasSubstr("l2tp_loop_answers 0"));
}

TEST_F(ExpositionTest, AnAddressThatIsTakenIsAnError) {
  auto first = Open(0);
  ASSERT_TRUE(first.ok());
  const auto second = Open(static_cast<uint16_t>((*first)->port()));
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
}

}  // namespace
}  // namespace l2tp::metrics
