// EventService.Watch on a real controller.

#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

// One open Watch.
class Watcher {
 public:
  Watcher(const std::shared_ptr<grpc::Channel>& channel, const v1::WatchRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    stream_ = v1::EventService::NewStub(channel)->Watch(&context_, request);
  }
  ~Watcher() {
    context_.TryCancel();
    if (!finished_) stream_->Finish();
  }

  v1::WatchResponse Read() {
    v1::WatchResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }
  // The next `count` events, without bookmarks.
  std::vector<v1::WatchResponse> ReadEvents(size_t count) {
    std::vector<v1::WatchResponse> events;
    v1::WatchResponse response;
    while (events.size() < count && stream_->Read(&response)) {
      if (response.has_event()) events.push_back(response);
    }
    EXPECT_EQ(events.size(), count);
    return events;
  }
  // Reads on to the end.
  client::Error End() {
    v1::WatchResponse response;
    while (stream_->Read(&response)) last_token_ = response.resume_token();
    finished_ = true;
    return client::DecodeError(stream_->Finish());
  }
  const std::string& last_token() const { return last_token_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> stream_;
  std::string last_token_;
  bool finished_ = false;
};

class WatchTest : public ::testing::Test {
 protected:
  explicit WatchTest(ApiWorld::Options options = {}) : world_(std::move(options)) {}

  void CreateTunnel(const std::string& id) {
    world_.OnLoop([&] {
      control::TunnelSpec spec;
      spec.id = id;
      spec.remote.address = *IpAddress::Parse("192.0.2.2");
      EXPECT_TRUE(world_.lac().controller->CreateTunnel(spec).ok());
    });
  }
  void CreateSession(const std::string& tunnel, const std::string& id) {
    world_.OnLoop([&] {
      control::SessionSpec spec;
      spec.tunnel = "tunnels/" + tunnel;
      spec.id = id;
      EXPECT_TRUE(world_.lac().controller->CreateSession(spec).ok());
    });
  }
  void DeleteTunnel(const std::string& id) {
    world_.OnLoop([&] {
      world_.lac().controller->DeleteTunnel("tunnels/" + id, {.force = true}, [](absl::Status) {});
    });
  }
  // Many events.
  void Churn(int tunnels) {
    for (int i = 0; i < tunnels; ++i) {
      CreateTunnel(absl::StrCat("churn", i));
      DeleteTunnel(absl::StrCat("churn", i));
    }
  }

  static std::vector<std::string> Types(const std::vector<v1::WatchResponse>& responses) {
    std::vector<std::string> types;
    for (const auto& response : responses) {
      types.push_back(v1::Event::Type_Name(response.event().type()));
    }
    return types;
  }

  ApiWorld world_;
  std::shared_ptr<grpc::Channel> channel_ = world_.Channel();
};

TEST_F(WatchTest, BeginsWithABookmarkAndShowsALifeFromBeginningToEnd) {
  Watcher watcher(channel_, {});
  EXPECT_TRUE(watcher.Read().has_bookmark());
  CreateTunnel("t");
  CreateSession("t", "s");
  DeleteTunnel("t");
  std::vector<v1::WatchResponse> events;
  do {
    events.push_back(watcher.ReadEvents(1)[0]);
    EXPECT_EQ(events.back().event().revision(), static_cast<int64_t>(events.size()));
    EXPECT_TRUE(events.back().event().has_time());
    EXPECT_FALSE(events.back().resume_token().empty());
  } while (events.back().event().type() != v1::Event::TYPE_TUNNEL_DELETED);
  const std::vector<std::string> types = Types(events);
  EXPECT_EQ(
      std::vector<std::string>(types.begin(), types.begin() + 6),
      (std::vector<std::string>{"TYPE_TUNNEL_CREATED", "TYPE_TUNNEL_UP", "TYPE_SESSION_CREATED",
                                "TYPE_SESSION_UP", "TYPE_SESSION_LCP_UP", "TYPE_SESSION_IP_UP"}));
  EXPECT_THAT(types, ::testing::IsSupersetOf(
                         {"TYPE_SESSION_DOWN", "TYPE_SESSION_DELETED", "TYPE_TUNNEL_DOWN"}));
}

TEST_F(WatchTest, InitialStateComesFirstAndEndsWithSynced) {
  CreateTunnel("t");
  CreateSession("t", "s");
  v1::WatchRequest request;
  request.set_include_initial_state(true);
  Watcher watcher(channel_, request);
  const v1::WatchResponse tunnel = watcher.Read();
  EXPECT_EQ(tunnel.initial_state().tunnel().name(), "tunnels/t");
  EXPECT_EQ(tunnel.resume_token(), "");
  EXPECT_EQ(watcher.Read().initial_state().session().name(), "tunnels/t/sessions/s");
  const v1::WatchResponse synced = watcher.Read();
  EXPECT_GE(synced.synced().revision(), 6);
  EXPECT_NE(synced.resume_token(), "");
  DeleteTunnel("t");
  EXPECT_EQ(watcher.ReadEvents(1)[0].event().revision(), synced.synced().revision() + 1);
}

TEST_F(WatchTest, FiltersByTypeAndName) {
  v1::WatchRequest request;
  request.set_name("tunnels/b");
  request.add_types(v1::Event::TYPE_TUNNEL_UP);
  request.add_types(v1::Event::TYPE_SESSION_IP_UP);
  Watcher watcher(channel_, request);
  watcher.Read();
  CreateTunnel("a");
  CreateTunnel("b");
  CreateSession("a", "x");
  CreateSession("b", "y");
  const auto events = watcher.ReadEvents(2);
  EXPECT_EQ(events[0].event().name(), "tunnels/b");
  EXPECT_EQ(events[1].event().name(), "tunnels/b/sessions/y");
}

TEST_F(WatchTest, WhatIsConfiguredIsToldToo) {
  const auto create_user = [&](const char* id, const char* site) {
    v1::CreateUserRequest request;
    request.set_user_id(id);
    request.mutable_user()->set_password("secret");
    (*request.mutable_user()->mutable_labels())["site"] = site;
    v1::User user;
    EXPECT_EQ(world_.Reason(&v1::UserService::Stub::CreateUser, request, &user), "");
    return user;
  };
  const v1::User first = create_user("a", "ber1");
  CreateTunnel("t");
  v1::WatchRequest request;
  request.add_kinds(v1::Event::KIND_USER);
  request.add_kinds(v1::Event::KIND_PROFILE);
  (*request.mutable_labels())["site"] = "ber1";
  request.set_include_initial_state(true);
  Watcher watcher(channel_, request);
  const v1::WatchResponse initial = watcher.Read();
  EXPECT_EQ(initial.initial_state().user().SerializeAsString(), first.SerializeAsString());
  EXPECT_TRUE(watcher.Read().has_synced());

  create_user("elsewhere", "fra1");
  CreateTunnel("t2");
  create_user("b", "ber1");
  v1::UpdateUserRequest update;
  *update.mutable_user() = first;
  (*update.mutable_user()->mutable_labels())["site"] = "muc1";
  update.mutable_update_mask()->add_paths("labels");
  v1::User moved;
  EXPECT_EQ(world_.Reason(&v1::UserService::Stub::UpdateUser, update, &moved), "");
  v1::DeleteUserRequest gone;
  google::protobuf::Empty nothing;
  gone.set_name("users/a");  // not its any more
  EXPECT_EQ(world_.Reason(&v1::UserService::Stub::DeleteUser, gone, &nothing), "");
  gone.set_name("users/b");
  EXPECT_EQ(world_.Reason(&v1::UserService::Stub::DeleteUser, gone, &nothing), "");

  const auto events = watcher.ReadEvents(3);
  EXPECT_EQ(Types(events), (std::vector<std::string>{"TYPE_USER_CREATED", "TYPE_USER_UPDATED",
                                                     "TYPE_USER_DELETED"}));
  EXPECT_EQ(events[0].event().name(), "users/b");
  EXPECT_EQ(events[1].event().user().SerializeAsString(), moved.SerializeAsString());
  EXPECT_EQ(events[2].event().user().name(), "users/b");
  for (const v1::WatchResponse& response : events) {
    EXPECT_EQ(response.SerializeAsString().find("secret"), std::string::npos);
  }
}

TEST_F(WatchTest, AChangedProfileIsToldWithItsHeirs) {
  v1::Profile profile;
  v1::CreateProfileRequest create;
  create.set_profile_id("base");
  create.mutable_profile()->mutable_ppp()->set_mtu(1400);
  EXPECT_EQ(world_.Reason(&v1::ProfileService::Stub::CreateProfile, create, &profile), "");
  create.Clear();
  create.set_profile_id("heir");
  create.mutable_profile()->set_parent("profiles/base");
  EXPECT_EQ(world_.Reason(&v1::ProfileService::Stub::CreateProfile, create, &profile), "");
  v1::WatchRequest request;
  request.set_name("profiles/heir");
  Watcher watcher(channel_, request);
  watcher.Read();
  v1::UpdateProfileRequest update;
  update.mutable_profile()->set_name("profiles/base");
  update.mutable_profile()->mutable_ppp()->set_mtu(1300);
  update.mutable_update_mask()->add_paths("ppp.mtu");
  update.set_validate_only(true);
  EXPECT_EQ(world_.Reason(&v1::ProfileService::Stub::UpdateProfile, update, &profile),
            "");  // is not told
  update.set_validate_only(false);
  EXPECT_EQ(world_.Reason(&v1::ProfileService::Stub::UpdateProfile, update, &profile), "");
  const v1::Event event = watcher.ReadEvents(1)[0].event();
  EXPECT_EQ(event.type(), v1::Event::TYPE_PROFILE_UPDATED);
  EXPECT_EQ(event.name(), "profiles/heir");
  EXPECT_EQ(event.profile().effective().ppp().mtu(), 1300);
}

TEST_F(WatchTest, ResumesBehindTheLastResponse) {
  std::string token;
  {
    Watcher watcher(channel_, {});
    token = watcher.Read().resume_token();
    CreateTunnel("a");
    token = watcher.ReadEvents(1)[0].resume_token();
  }
  CreateTunnel("b");
  v1::WatchRequest request;
  request.set_resume_token(token);
  Watcher watcher(channel_, request);
  const auto events = watcher.ReadEvents(3);
  EXPECT_EQ(events[0].event().revision(), 2);
  EXPECT_EQ(events[2].event().revision(), 4);
}

TEST_F(WatchTest, BadRequestsAreRefused) {
  v1::WatchRequest request;
  request.set_resume_token("yesterday");
  EXPECT_EQ(Watcher(channel_, request).End().reason, "RESUME_TOKEN_INVALID");
  request.Clear();
  request.set_name("nonsense");
  EXPECT_EQ(Watcher(channel_, request).End().Metadata("field"), "name");
  request.Clear();
  request.add_types(static_cast<v1::Event::Type>(77));
  EXPECT_EQ(Watcher(channel_, request).End().Metadata("field"), "types[0]");
  request.Clear();
  world_.OnLoop([&] { request.set_resume_token(world_.lac().controller->ResumeToken(0)); });
  request.set_include_initial_state(true);
  EXPECT_EQ(Watcher(channel_, request).End().Metadata("field"), "include_initial_state");
}

TEST_F(WatchTest, TokenOfAnotherDaemonIsExpired) {
  v1::WatchRequest request;
  world_.OnLoop([&] { request.set_resume_token(world_.lns().controller->ResumeToken(0)); });
  const client::Error error = Watcher(channel_, request).End();
  EXPECT_EQ(error.code, grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(error.reason, "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(error.Metadata("oldest_revision"), "1");
}

TEST_F(WatchTest, TwoWatchersSeeTheSameOrder) {
  Watcher first(channel_, {});
  Watcher second(world_.Channel(), {});
  first.Read();
  second.Read();
  Churn(20);
  const auto a = first.ReadEvents(80);
  const auto b = second.ReadEvents(80);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].event().SerializeAsString(), b[i].event().SerializeAsString());
  }
}

TEST_F(WatchTest, BookmarksMoveTheTokenWhenNothingMatches) {
  v1::WatchRequest request;
  request.set_name("tunnels/never");
  Watcher watcher(channel_, request);
  const std::string before = watcher.Read().resume_token();
  CreateTunnel("t");
  world_.Advance(Duration::Seconds(31));
  const v1::WatchResponse bookmark = watcher.Read();
  EXPECT_GE(bookmark.bookmark().revision(), 2);
  EXPECT_NE(bookmark.resume_token(), before);
}

TEST_F(WatchTest, ClientThatGoesAwayIsForgotten) {
  {
    Watcher watcher(channel_, {});
    watcher.Read();
    world_.OnLoop([&] { EXPECT_EQ(world_.lac().controller->GetSystem().watcher_count, 1); });
  }
  int watchers = 1;
  while (watchers != 0) {
    world_.OnLoop([&] { watchers = world_.lac().controller->GetSystem().watcher_count; });
  }
}

TEST_F(WatchTest, ShutdownEndsWatchesWithAReason) {
  Watcher watcher(channel_, {});
  watcher.Read();
  std::thread shutdown([&] { world_.server().Shutdown(Duration::Seconds(5)); });
  const client::Error error = watcher.End();
  shutdown.join();
  EXPECT_EQ(error.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.reason, "SHUTTING_DOWN");
}

TEST_F(WatchTest, ShutdownTellsFirstWhatHasHappened) {
  Watcher watcher(channel_, {});
  watcher.Read();
  Churn(50);
  int64_t revision = 0;
  world_.OnLoop([&] { revision = world_.lac().controller->GetSystem().revision; });
  std::thread shutdown([&] { world_.server().Shutdown(Duration::Seconds(5)); });
  EXPECT_EQ(watcher.ReadEvents(static_cast<size_t>(revision)).back().event().revision(), revision);
  EXPECT_EQ(watcher.End().reason, "SHUTTING_DOWN");
  shutdown.join();
}

ApiWorld::Options SmallLimits(Duration grace) {
  return {.server = {.watch_grace = grace},
          .limits = {.ring_size = 100'000, .queue_size = 1000, .max_subscriptions = 2}};
}

class SlowWatchTest : public WatchTest {
 protected:
  explicit SlowWatchTest(Duration grace = Duration::Seconds(30)) : WatchTest(SmallLimits(grace)) {}

  // Makes events until the daemon has dropped its only watcher: the transport takes up some
  // megabytes of events, then the queue fills.
  void ChurnUntilDropped() {
    int watchers = 1;
    for (int i = 0; watchers != 0 && i < 100'000; ++i) {
      // Not faster than they can be written, or the queue is full before the transport is.
      std::this_thread::sleep_for(std::chrono::microseconds(300));
      world_.OnLoop([&] {
        control::TunnelSpec spec;
        spec.id = absl::StrCat("t", i);
        spec.remote.address = *IpAddress::Parse("192.0.2.99");  // nobody
        EXPECT_TRUE(world_.lac().controller->CreateTunnel(spec).ok());
        world_.lac().controller->DeleteTunnel(
            "tunnels/" + spec.id, {.message = std::string(2000, 'x')}, [](absl::Status) {});
        watchers = world_.lac().controller->GetSystem().watcher_count;
      });
    }
    EXPECT_EQ(watchers, 0);
  }
};

class HastyWatchTest : public SlowWatchTest {
 protected:
  HastyWatchTest() : SlowWatchTest(Duration::Milliseconds(200)) {}
};

TEST_F(SlowWatchTest, SlowWatcherLearnsWhyAndCanResumeWithoutAGap) {
  Watcher watcher(channel_, {});
  watcher.Read();
  ChurnUntilDropped();
  // Everything that was written, then the reason.
  const client::Error error = watcher.End();
  EXPECT_EQ(error.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(error.reason, "WATCH_TOO_SLOW");
  EXPECT_EQ(error.Metadata("resume_token"), watcher.last_token());
}

TEST_F(HastyWatchTest, WatcherThatNeverReadsIsTornDown) {
  Watcher watcher(channel_, {});
  watcher.Read();
  ChurnUntilDropped();
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));  // five times the grace
  EXPECT_EQ(watcher.End().code, grpc::StatusCode::CANCELLED);
}

TEST_F(SlowWatchTest, WatchersAreLimited) {
  Watcher first(channel_, {});
  Watcher second(channel_, {});
  first.Read();
  second.Read();
  const client::Error error = Watcher(channel_, {}).End();
  EXPECT_EQ(error.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(error.reason, "WATCHER_LIMIT");
  EXPECT_EQ(error.Metadata("limit"), "2");
}

}  // namespace
}  // namespace l2tp::api
