// The worker, its queue and its failures, on any kernel: with the family "nlctrl", which knows none
// of the commands. What it does with a kernel that has L2TP is shown by tests/contract in the lab.

#include "server/kernel/kernel_data_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::kernel {
namespace {

// An event loop of the simplest kind.
class Loop {
 public:
  PostToLoop Post() {
    return [this](absl::AnyInvocable<void()> work) {
      std::lock_guard<std::mutex> lock(mutex_);
      work_.push_back(std::move(work));
      changed_.notify_one();
    };
  }
  void WaitForWork() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !work_.empty(); });
  }
  // Runs `count` pieces of work, waiting for them.
  void Run(int count) {
    for (int i = 0; i < count; ++i) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return !work_.empty(); });
      auto next = std::move(work_.front());
      work_.erase(work_.begin());
      lock.unlock();
      next();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<absl::AnyInvocable<void()>> work_;
};

class KernelDataPathTest : public testing::Test {
 protected:
  void SetUp() override {
    auto socket = GenlSocket::Open("nlctrl");
    ASSERT_TRUE(socket.ok()) << socket.status();
    // Before the completion of a request the worker is done with this.
    data_path_ = std::make_unique<KernelDataPath>(
        *std::move(socket), loop_.Post(),
        [this](absl::string_view request, Duration took, bool failed) {
          EXPECT_NE(std::this_thread::get_id(), loop_thread_);
          EXPECT_GT(took, Duration());
          requests_.push_back(absl::StrCat(request, failed ? " failed" : ""));
        });
  }

  control::KernelSession Session(uint32_t id) {
    return {.tunnel_id = TunnelId(1),
            .peer_tunnel_id = TunnelId(2),
            .session_id = SessionId(id),
            .peer_session_id = SessionId(id),
            .path = {},
            .reorder_timeout = {}};
  }
  // Keeps the status of any completion, and checks that the loop thread calls it.
  template <typename Result>
  auto Keep() {
    return [this](Result result) {
      EXPECT_EQ(std::this_thread::get_id(), loop_thread_);
      if constexpr (std::is_same_v<Result, absl::Status>) {
        statuses_.push_back(std::move(result));
      } else {
        statuses_.push_back(result.status());
      }
    };
  }

  const std::thread::id loop_thread_ = std::this_thread::get_id();
  Loop loop_;
  std::vector<std::string> requests_;  // that the worker has told of
  std::unique_ptr<KernelDataPath> data_path_;
  std::vector<absl::Status> statuses_;
};

TEST_F(KernelDataPathTest, EveryOperationTellsItsFailureOnTheLoop) {
  data_path_->CreateTunnel({TunnelId(1), TunnelId(2), 0}, Keep<absl::Status>());
  data_path_->CreateSession(Session(1), Keep<absl::StatusOr<UniqueFd>>());
  data_path_->GetCounters(TunnelId(1), SessionId(1), Keep<absl::StatusOr<events::Counters>>());
  data_path_->ListTunnels(Keep<absl::StatusOr<std::vector<TunnelId>>>());
  data_path_->DeleteSession(TunnelId(1), SessionId(1), Keep<absl::Status>());
  data_path_->DeleteTunnel(TunnelId(1), Keep<absl::Status>());
  EXPECT_TRUE(statuses_.empty());

  loop_.Run(6);

  ASSERT_EQ(statuses_.size(), 6u);
  for (const absl::Status& status : statuses_) {
    EXPECT_TRUE(HasReason(status, Reason::kKernelUnsupported)) << status;
  }
}

TEST_F(KernelDataPathTest, EachNetlinkRequestIsToldOfWithItsTimeAndItsFailure) {
  data_path_->CreateTunnel({TunnelId(1), TunnelId(2), 0}, Keep<absl::Status>());
  loop_.Run(1);
  data_path_->DeleteSession(TunnelId(1), SessionId(1), Keep<absl::Status>());
  loop_.Run(1);
  EXPECT_THAT(requests_, testing::ElementsAre("TUNNEL_CREATE failed", "SESSION_DELETE failed"));
}

TEST_F(KernelDataPathTest, IdsThatCannotBeNeverReachTheKernel) {
  data_path_->CreateTunnel({TunnelId(), TunnelId(2), 0}, Keep<absl::Status>());
  data_path_->CreateTunnel({TunnelId(1), TunnelId(2), -1}, Keep<absl::Status>());
  data_path_->CreateSession(Session(0x10000), Keep<absl::StatusOr<UniqueFd>>());

  loop_.Run(3);

  for (const absl::Status& status : statuses_) {
    EXPECT_TRUE(HasReason(status, Reason::kKernelRequestFailed)) << status;
  }
  EXPECT_THAT(requests_, testing::IsEmpty());
}

TEST_F(KernelDataPathTest, OneCompletionForEachOfManyRequests) {
  constexpr int kRequests = 500;
  for (int i = 0; i < kRequests; ++i) {
    data_path_->GetCounters(TunnelId(1), SessionId(1), Keep<absl::StatusOr<events::Counters>>());
  }
  loop_.Run(kRequests);
  EXPECT_EQ(statuses_.size(), static_cast<size_t>(kRequests));
}

TEST_F(KernelDataPathTest, DestructionDropsWhatHasNotBeenStarted) {
  // Completions own things of the loop thread's; they are destroyed there, called or not.
  struct OnLoopThread {
    std::thread::id loop_thread = std::this_thread::get_id();
    ~OnLoopThread() { EXPECT_EQ(std::this_thread::get_id(), loop_thread); }
  };
  for (int i = 0; i < 500; ++i) {
    data_path_->DeleteTunnel(TunnelId(1),
                             [owned = std::make_unique<OnLoopThread>()](absl::Status) {});
  }
  data_path_.reset();
}

TEST_F(KernelDataPathTest, CompletionsHandedToTheLoopOutliveTheObject) {
  data_path_->ListTunnels(Keep<absl::StatusOr<std::vector<TunnelId>>>());
  loop_.WaitForWork();
  data_path_.reset();

  loop_.Run(1);

  EXPECT_EQ(statuses_.size(), 1u);
}

}  // namespace
}  // namespace l2tp::kernel
