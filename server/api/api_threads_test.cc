// What carries work between threads, and the socket it comes in by.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <future>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "server/api/asio_executor.h"
#include "server/api/unix_socket.h"
#include "server/api/worker_thread.h"
#include "server/base/unique_fd.h"

namespace l2tp::api {
namespace {

using std::chrono::hours;

TEST(AsioExecutorTest, RunsWorkInTheOrderOfPosting) {
  asio::io_context loop;
  AsioExecutor executor(&loop);
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(executor.Post([&order, i] { order.push_back(i); }));
  EXPECT_EQ(executor.waiting(), 3);
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(executor.waiting(), 0);
}

TEST(AsioExecutorTest, RefusesMoreThanItsCapacityAndRecovers) {
  asio::io_context loop;
  AsioExecutor executor(&loop, 2);
  EXPECT_TRUE(executor.Post([] {}));
  EXPECT_TRUE(executor.Post([] {}));
  EXPECT_FALSE(executor.Post([] {}));
  loop.run();
  EXPECT_TRUE(executor.Post([] {}));
}

TEST(AsioExecutorTest, WorkThatIsNeverRunIsDestroyedWithTheLoop) {
  auto token = std::make_shared<int>();
  {
    asio::io_context loop;
    AsioExecutor executor(&loop);
    executor.Post([token] {});
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(WorkerThreadTest, RunsWorkInTheOrderOfPosting) {
  WorkerThread worker;
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 100; ++i) worker.Post([&order, i] { order.push_back(i); });
  worker.Post([&done] { done.set_value(); });
  done.get_future().wait();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(WorkerThreadTest, WorkForLaterLetsOtherWorkPass) {
  WorkerThread worker;
  std::promise<void> done;
  bool later = false;
  worker.PostAfter(hours(1), [&later] { later = true; });
  worker.Post([&done] { done.set_value(); });
  done.get_future().wait();
  EXPECT_FALSE(later);
}

TEST(WorkerThreadTest, WaitingWorkIsDestroyedAtTheEnd) {
  auto token = std::make_shared<int>();
  {
    WorkerThread worker;
    worker.PostAfter(hours(1), [token] {});
  }
  EXPECT_EQ(token.use_count(), 1);
}

class UnixSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/l2tp-socket-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    path_ = folder_ + "/api.sock";
  }
  void TearDown() override {
    ::unlink(path_.c_str());
    ::rmdir((folder_ + "/new").c_str());
    ::rmdir(folder_.c_str());
  }

  UniqueFd Listen() {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(fd.get(), 1), 0);
    return fd;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(UnixSocketTest, SocketOfADeadDaemonIsRemoved) {
  Listen();  // and closed again
  EXPECT_TRUE(PrepareUnixSocket(path_).ok());
  EXPECT_NE(::access(path_.c_str(), F_OK), 0);
}

TEST_F(UnixSocketTest, SocketOfALivingDaemonIsLeftAlone) {
  const UniqueFd daemon = Listen();
  EXPECT_TRUE(absl::IsAlreadyExists(PrepareUnixSocket(path_)));
  EXPECT_EQ(::access(path_.c_str(), F_OK), 0);
}

TEST_F(UnixSocketTest, FileThatIsNoSocketIsLeftAlone) {
  UniqueFd file(::creat(path_.c_str(), 0600));
  EXPECT_TRUE(absl::IsAlreadyExists(PrepareUnixSocket(path_)));
  EXPECT_EQ(::access(path_.c_str(), F_OK), 0);
}

TEST_F(UnixSocketTest, MissingFolderIsMade) {
  EXPECT_TRUE(PrepareUnixSocket(folder_ + "/new/api.sock").ok());
  EXPECT_EQ(::access((folder_ + "/new").c_str(), F_OK), 0);
}

TEST_F(UnixSocketTest, PathThatIsTooLongIsAnError) {
  EXPECT_TRUE(absl::IsInvalidArgument(PrepareUnixSocket("/" + std::string(200, 'x'))));
  EXPECT_TRUE(absl::IsInvalidArgument(PrepareUnixSocket("")));
}

}  // namespace
}  // namespace l2tp::api
