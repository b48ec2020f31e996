#include "server/kernel/work_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace l2tp::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorkQueueTest : public testing::Test {
 protected:
  void Create(uint32_t tunnel, uint32_t session) {
    Push(WorkQueue::Kind::kPrompt, tunnel, session, "create");
  }
  void Delete(uint32_t tunnel, uint32_t session) {
    Push(WorkQueue::Kind::kDeletion, tunnel, session, "delete");
  }
  void List() { Push(WorkQueue::Kind::kPrompt, 0, 0, "list"); }

  // "create 1/2" for each piece of the next batch.
  std::vector<std::string> Pop() {
    done_.clear();
    for (auto& work : queue_.PopBatch()) work.run();
    return done_;
  }

  WorkQueue queue_;

 private:
  void Push(WorkQueue::Kind kind, uint32_t tunnel, uint32_t session, const std::string& what) {
    const std::string name = what + " " + std::to_string(tunnel) + "/" + std::to_string(session);
    queue_.Push(
        {kind, TunnelId(tunnel), SessionId(session), [this, name] { done_.push_back(name); }});
  }
  std::vector<std::string> done_;
};

TEST_F(WorkQueueTest, PromptWorkComesInOneBatchAndInOrder) {
  Create(1, 0);
  Create(1, 2);
  List();
  EXPECT_THAT(Pop(), ElementsAre("create 1/0", "create 1/2", "list 0/0"));
}

TEST_F(WorkQueueTest, BatchesAreBounded) {
  for (uint32_t i = 1; i <= WorkQueue::kMaxBatch + 1; ++i) Create(1, i);
  EXPECT_THAT(Pop(), SizeIs(WorkQueue::kMaxBatch));
  EXPECT_THAT(Pop(), SizeIs(1));
}

TEST_F(WorkQueueTest, DeletionsComeOneByOneAndAfterPromptWork) {
  Delete(1, 1);
  Delete(1, 2);
  Create(1, 3);
  EXPECT_THAT(Pop(), ElementsAre("create 1/3"));
  EXPECT_THAT(Pop(), ElementsAre("delete 1/1"));
  EXPECT_THAT(Pop(), ElementsAre("delete 1/2"));
}

TEST_F(WorkQueueTest, NothingOvertakesTheDeletionOfItsOwnSession) {
  Delete(1, 2);
  Create(1, 2);
  Create(1, 3);
  EXPECT_THAT(Pop(), ElementsAre("create 1/3"));
  EXPECT_THAT(Pop(), ElementsAre("delete 1/2"));
  EXPECT_THAT(Pop(), ElementsAre("create 1/2"));
}

TEST_F(WorkQueueTest, NothingOvertakesTheDeletionOfItsTunnel) {
  Delete(1, 0);
  Create(1, 2);
  Create(1, 0);
  Create(2, 0);
  EXPECT_THAT(Pop(), ElementsAre("create 2/0"));
  EXPECT_THAT(Pop(), ElementsAre("delete 1/0"));
  EXPECT_THAT(Pop(), ElementsAre("create 1/2"));
  EXPECT_THAT(Pop(), ElementsAre("create 1/0"));
}

TEST_F(WorkQueueTest, WorkBehindDeferredWorkIsDeferredToo) {
  Delete(1, 2);
  Create(1, 2);
  EXPECT_THAT(Pop(), ElementsAre("delete 1/2"));
  Create(1, 2);
  EXPECT_THAT(Pop(), ElementsAre("create 1/2"));
  EXPECT_THAT(Pop(), ElementsAre("create 1/2"));
  Create(1, 2);
  List();
  EXPECT_THAT(Pop(), ElementsAre("create 1/2", "list 0/0"));  // nothing is left to be behind of
}

TEST_F(WorkQueueTest, DeletionHasItsTurnInTheEnd) {
  Delete(1, 1);
  for (int i = 0; i < WorkQueue::kMaxOvertakingBatches; ++i) {
    List();
    EXPECT_THAT(Pop(), ElementsAre("list 0/0"));
  }
  List();  // younger than the deletion
  EXPECT_THAT(Pop(), ElementsAre("delete 1/1"));
  EXPECT_THAT(Pop(), ElementsAre("list 0/0"));
}

TEST_F(WorkQueueTest, DeletionNeverOvertakesOlderWork) {
  for (uint32_t i = 1; i <= WorkQueue::kMaxBatch * 8; ++i) Create(1, i);
  Delete(1, WorkQueue::kMaxBatch * 8);
  for (int i = 0; i < 8; ++i) EXPECT_THAT(Pop(), SizeIs(WorkQueue::kMaxBatch));
  EXPECT_THAT(Pop(), ElementsAre("delete 1/256"));
}

TEST_F(WorkQueueTest, StopEndsTheWaitAndDropsTheRest) {
  List();
  queue_.Stop();
  EXPECT_THAT(Pop(), IsEmpty());
}

TEST_F(WorkQueueTest, WaitingConsumerGetsWhatAnotherThreadPushes) {
  std::vector<WorkQueue::Work> batch;
  std::thread consumer([&] { batch = queue_.PopBatch(); });
  List();
  consumer.join();
  EXPECT_THAT(batch, SizeIs(1));

  std::thread stopped([&] { batch = queue_.PopBatch(); });
  queue_.Stop();
  stopped.join();
  EXPECT_THAT(batch, IsEmpty());
}

}  // namespace
}  // namespace l2tp::kernel
