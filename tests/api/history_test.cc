// Events of memory and of disk as one list, over runs of the daemon: over gRPC, on a real
// controller and real files.

#include <algorithm>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/cli.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "server/history/test_folder.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() { Start(); }

  // Another run of the daemon.
  void Start(size_t ring_size = 8) {
    world_.reset();
    world_ = std::make_unique<ApiWorld>(ApiWorld::Options{.server = {},
                                                          .more_addresses = {},
                                                          .limits = {.ring_size = ring_size},
                                                          .history = folder_.events(),
                                                          .run = ++run_});
  }

  // A tunnel comes up and goes: at least four events.
  void OpenAndClose(const std::string& id, const std::string& site = "a") {
    v1::CreateTunnelRequest create;
    create.set_tunnel_id(id);
    create.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
    (*create.mutable_tunnel()->mutable_labels())["site"] = site;
    v1::Tunnel tunnel;
    ASSERT_EQ(world_->Reason(&v1::TunnelService::Stub::CreateTunnel, create, &tunnel), "");
    v1::DeleteTunnelRequest remove;
    remove.set_name("tunnels/" + id);
    google::protobuf::Empty empty;
    ASSERT_EQ(world_->Reason(&v1::TunnelService::Stub::DeleteTunnel, remove, &empty), "");
    world_->Advance(Duration::Seconds(60));
  }

  // All pages; each has `page_size` events, or, if it is 0, so many as chance has it.
  std::vector<v1::Event> List(v1::ListEventsRequest request, int page_size = 0) {
    std::vector<v1::Event> all;
    for (int page = 0; page < 1000; ++page) {
      request.set_page_size(page_size != 0 ? page_size : 1 + static_cast<int>(random_() % 9));
      v1::ListEventsResponse response;
      EXPECT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
      EXPECT_LE(response.events_size(), request.page_size());
      all.insert(all.end(), response.events().begin(), response.events().end());
      if (response.next_page_token().empty()) return all;
      request.set_page_token(response.next_page_token());
    }
    ADD_FAILURE() << "does not end";
    return all;
  }

  // "RUN/REVISION TYPE NAME".
  static std::vector<std::string> Texts(const std::vector<v1::Event>& events) {
    std::vector<std::string> texts;
    for (const v1::Event& event : events) {
      texts.push_back(absl::StrCat(event.run(), "/", event.revision(), " ",
                                   v1::Event::Type_Name(event.type()), " ", event.name()));
    }
    return texts;
  }

  std::string Ctl(std::vector<std::string> args) {
    args.insert(args.begin(), {"--server", world_->address()});
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    ctl::Run(args, out, err, in);
    return out.str() + err.str();
  }

  history::TestFolder folder_;  // outlives the world
  uint64_t run_ = 0;
  std::mt19937_64 random_{1};
  std::unique_ptr<ApiWorld> world_;
};

TEST_F(HistoryTest, WhatTheRingForgetsIsListed) {
  for (const char* id : {"a", "b", "c", "d"}) OpenAndClose(id);
  const std::vector<v1::Event> events = List({}, 1000);
  ASSERT_GT(events.size(), 12u);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].revision(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(events[i].run(), events[0].run());
    EXPECT_TRUE(events[i].has_tunnel()) << i;
    EXPECT_EQ(events[i].tunnel().name(), events[i].name());
  }
  v1::ListEventsResponse response;
  ASSERT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, v1::ListEventsRequest(), &response),
            "");
  EXPECT_EQ(response.oldest_revision(), static_cast<int64_t>(events.size()) - 7);
}

TEST_F(HistoryTest, APageIsBoundedInOctetsAndNothingIsLost) {
  constexpr int kUpdates = 1500;
  Start(/*ring_size=*/1000);
  world_->OnLoop([&] {
    control::Profile profile;
    profile.name = "profiles/p";
    profile.display_name = std::string(60, 'x');
    EXPECT_TRUE(world_->lac().controller->CreateProfile(profile).ok());
    for (int i = 0; i < kUpdates; ++i) {
      EXPECT_TRUE(world_->lac().controller->UpdateProfile(profile).ok());
    }
  });
  for (const bool newest_first : {false, true}) {
    v1::ListEventsRequest request;
    request.set_newest_first(newest_first);
    request.set_page_size(1000);
    std::vector<int64_t> revisions;
    int pages = 0;
    do {
      v1::ListEventsResponse response;
      ASSERT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
      EXPECT_LT(response.ByteSizeLong(), 3u << 20);  // gRPC takes 4 MiB
      for (const v1::Event& event : response.events()) revisions.push_back(event.revision());
      request.set_page_token(response.next_page_token());
      ++pages;
    } while (!request.page_token().empty());
    EXPECT_GT(pages, 2) << "two would do, but for their size";
    if (newest_first) std::reverse(revisions.begin(), revisions.end());
    ASSERT_EQ(revisions.size(), static_cast<size_t>(kUpdates) + 1);
    for (size_t i = 0; i < revisions.size(); ++i)
      ASSERT_EQ(revisions[i], static_cast<int64_t>(i) + 1);
  }
}

TEST_F(HistoryTest, EarlierRunsAreListedFirst) {
  OpenAndClose("a");
  const std::vector<v1::Event> before = List({});
  Start();
  EXPECT_EQ(Texts(List({})), Texts(before)) << "this run has no events yet";
  OpenAndClose("b");
  OpenAndClose("c");
  const std::vector<v1::Event> events = List({});
  ASSERT_GT(events.size(), before.size());
  EXPECT_NE(events.back().run(), events.front().run());
  EXPECT_EQ(events[before.size()].revision(), 1);
  EXPECT_TRUE(std::is_sorted(
      events.begin() + static_cast<std::ptrdiff_t>(before.size()), events.end(),
      [](const v1::Event& a, const v1::Event& b) { return a.revision() < b.revision(); }));
}

TEST_F(HistoryTest, AllPagesTogetherAreTheSameInBothDirectionsWithEveryFilter) {
  for (const char* id : {"a", "b", "c"}) OpenAndClose(id, "one");
  Start();
  for (const char* id : {"b", "c", "d"}) OpenAndClose(id, "two");
  Start();
  for (const char* id : {"a", "d"}) OpenAndClose(id, "one");
  const std::vector<v1::Event> all = List({}, 1000);
  ASSERT_GT(all.size(), 30u);
  for (int i = 0; i < 150; ++i) {
    v1::ListEventsRequest request;
    const auto chance = [this] { return random_() % 3 == 0; };
    if (chance()) request.add_types(v1::Event::TYPE_TUNNEL_UP);
    if (chance()) request.set_name("tunnels/b");
    if (chance()) (*request.mutable_labels())["site"] = "one";
    if (chance()) *request.mutable_start_time() = all[random_() % all.size()].time();
    if (chance()) *request.mutable_end_time() = all[random_() % all.size()].time();
    request.set_newest_first(random_() % 2 == 0);
    const auto nanoseconds = [](const google::protobuf::Timestamp& time) {
      return time.seconds() * 1'000'000'000 + time.nanos();
    };
    std::vector<v1::Event> expected;
    for (const v1::Event& event : all) {
      const auto labels = event.tunnel().labels();
      if ((request.types_size() == 0 || request.types(0) == event.type()) &&
          (request.name().empty() || request.name() == event.name()) &&
          (request.labels().empty() || labels.at("site") == "one") &&
          (!request.has_start_time() ||
           nanoseconds(event.time()) >= nanoseconds(request.start_time())) &&
          (!request.has_end_time() ||
           nanoseconds(event.time()) < nanoseconds(request.end_time()))) {
        expected.push_back(event);
      }
    }
    if (request.newest_first()) std::reverse(expected.begin(), expected.end());
    ASSERT_EQ(Texts(List(request)), Texts(expected)) << request.DebugString();
  }
}

TEST_F(HistoryTest, EventsThatComeBetweenPagesAreListedOnce) {
  for (const char* id : {"a", "b", "c"}) OpenAndClose(id);
  v1::ListEventsRequest request;
  request.set_page_size(3);
  std::vector<int64_t> revisions;
  int more = 0;
  do {
    v1::ListEventsResponse response;
    ASSERT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
    for (const v1::Event& event : response.events()) revisions.push_back(event.revision());
    request.set_page_token(response.next_page_token());
    if (more < 4) OpenAndClose(absl::StrCat("m", ++more));
  } while (!request.page_token().empty());
  EXPECT_EQ(revisions.size(), List({}).size());
  for (size_t i = 0; i < revisions.size(); ++i) {
    EXPECT_EQ(revisions[i], static_cast<int64_t>(i) + 1);
  }
}

TEST_F(HistoryTest, FilesThatAreDeletedBetweenPagesArePassedOver) {
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) OpenAndClose(id);
  v1::ListEventsRequest request;
  request.set_page_size(2);
  v1::ListEventsResponse response;
  ASSERT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
  for (const auto& file : std::filesystem::directory_iterator(folder_.events())) {
    std::filesystem::remove(file);
  }
  request.set_page_token(response.next_page_token());
  EXPECT_EQ(List(request).size(), 8u) << "what is in memory";
}

TEST_F(HistoryTest, AnUpdateOfLabelsIsFoundByThoseBefore) {
  OpenAndClose("a", "old");
  v1::CreateTunnelRequest create;
  create.set_tunnel_id("u");
  create.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  (*create.mutable_tunnel()->mutable_labels())["site"] = "before";
  v1::Tunnel tunnel;
  ASSERT_EQ(world_->Reason(&v1::TunnelService::Stub::CreateTunnel, create, &tunnel), "");
  v1::UpdateTunnelRequest update;
  update.mutable_tunnel()->set_name("tunnels/u");
  (*update.mutable_tunnel()->mutable_labels())["site"] = "after";
  ASSERT_EQ(world_->Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel), "");
  Start();
  for (const char* site : {"before", "after"}) {
    v1::ListEventsRequest request;
    (*request.mutable_labels())["site"] = site;
    request.add_types(v1::Event::TYPE_TUNNEL_UPDATED);
    EXPECT_EQ(List(request).size(), 1u) << site;
  }
}

TEST_F(HistoryTest, ATokenOfAnotherRunIsRefused) {
  OpenAndClose("a");
  v1::ListEventsRequest request;
  request.set_page_size(1);
  v1::ListEventsResponse response;
  ASSERT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
  Start();
  request.set_page_token(response.next_page_token());
  EXPECT_EQ(world_->Reason(&v1::EventService::Stub::ListEvents, request, &response),
            "FIELD_INVALID");
}

TEST_F(HistoryTest, WhatCannotBeWrittenIsStillReadFromMemory) {
  std::filesystem::remove_all(folder_.events());
  OpenAndClose("a");
  OpenAndClose("b");
  EXPECT_EQ(List({}).size(), 8u);
}

TEST_F(HistoryTest, TheCommandLineShowsEarlierRuns) {
  OpenAndClose("old");
  Start();
  OpenAndClose("new");
  const std::string events = Ctl({"events"});
  EXPECT_THAT(events, HasSubstr("TUNNEL_CREATED tunnels/old"));
  EXPECT_THAT(events, HasSubstr("-- the daemon was started anew\n"));
  EXPECT_THAT(events, HasSubstr("TUNNEL_DELETED tunnels/new"));
  EXPECT_THAT(Ctl({"events", "old"}), Not(HasSubstr("started anew")));
  EXPECT_THAT(Ctl({"events", "--until", "2020-01-01T00:00:00Z"}), IsEmpty());
  EXPECT_THAT(Ctl({"events", "--since", "2020-01-01T00:00:00Z", "old"}),
              HasSubstr("TUNNEL_DELETED"));
  EXPECT_THAT(Ctl({"events", "--until", "tomorrow"}), HasSubstr("--until takes a time"));
  EXPECT_THAT(Ctl({"events", "--last", "3"}), Not(HasSubstr("tunnels/old")));
}

TEST_F(HistoryTest, AnEarlierRunsEndIsExplained) {
  OpenAndClose("old");
  Start();
  const std::string explained = Ctl({"explain", "old"});
  EXPECT_THAT(explained, HasSubstr("TUNNEL_CREATED tunnels/old"));
  EXPECT_THAT(explained, HasSubstr("it is gone\n"));
}

TEST_F(HistoryTest, AKilledDaemonLeavesNothingUp) {
  v1::CreateTunnelRequest create;
  create.set_tunnel_id("up");
  create.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  v1::Tunnel tunnel;
  ASSERT_EQ(world_->Reason(&v1::TunnelService::Stub::CreateTunnel, create, &tunnel), "");
  Start();
  EXPECT_THAT(Ctl({"explain", "up"}), HasSubstr("it is gone, with the run of the daemon"));
  // The next one of that name has a story of its own.
  ASSERT_EQ(world_->Reason(&v1::TunnelService::Stub::CreateTunnel, create, &tunnel), "");
  const std::string explained = Ctl({"explain", "up"});
  EXPECT_EQ(explained.find("TUNNEL_CREATED"), explained.rfind("TUNNEL_CREATED"));
  EXPECT_THAT(explained, HasSubstr("it is up"));
}

}  // namespace
}  // namespace l2tp::api
