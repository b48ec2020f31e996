// CaptureService.Capture on a real controller, and l2tpctl capture.

#include <atomic>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "clients/cpp/error.h"
#include "clients/l2tpctl/cli.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/capture.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// One open Capture, which has begun.
class Capturer {
 public:
  Capturer(const std::shared_ptr<grpc::Channel>& channel, const v1::CaptureRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    stream_ = v1::CaptureService::NewStub(channel)->Capture(&context_, request);
    v1::CaptureResponse begun;
    begun_ = stream_->Read(&begun);
    EXPECT_FALSE(begun.has_message());
  }
  ~Capturer() {
    context_.TryCancel();
    if (!finished_) stream_->Finish();
  }

  v1::CapturedMessage Read() {
    v1::CaptureResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    EXPECT_TRUE(response.has_message());
    return response.message();
  }
  // Up to and with the first message of that type.
  std::vector<v1::CapturedMessage> ReadTo(const std::string& type) {
    std::vector<v1::CapturedMessage> messages;
    v1::CaptureResponse response;
    while (stream_->Read(&response)) {
      messages.push_back(response.message());
      if (absl::StrContains(response.message().description(), " " + type)) return messages;
    }
    ADD_FAILURE() << "no " << type;
    return messages;
  }
  bool begun() const { return begun_; }
  client::Error End() {
    v1::CaptureResponse response;
    while (stream_->Read(&response)) {
    }
    finished_ = true;
    return client::DecodeError(stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::CaptureResponse>> stream_;
  bool begun_ = false;
  bool finished_ = false;
};

class CaptureServiceTest : public ::testing::Test {
 protected:
  void CreateTunnel(const std::string& id) {
    world_.OnLoop([&] {
      control::TunnelSpec spec;
      spec.id = id;
      spec.remote.address = *IpAddress::Parse("192.0.2.2");
      EXPECT_TRUE(world_.lac().controller->CreateTunnel(spec).ok());
    });
  }
  void DeleteTunnel(const std::string& id) {
    world_.OnLoop([&] {
      world_.lac().controller->DeleteTunnel("tunnels/" + id, {.force = true}, [](absl::Status) {});
    });
  }
  static v1::CaptureRequest Named(const std::string& name) {
    v1::CaptureRequest request;
    request.set_name(name);
    return request;
  }

  ApiWorld world_;
  std::shared_ptr<grpc::Channel> channel_ = world_.Channel();
};

TEST_F(CaptureServiceTest, ShowsATunnelFromItsFirstMessageToTheAnswerToItsLast) {
  Capturer capture(channel_, Named("tunnels/t"));
  CreateTunnel("t");
  DeleteTunnel("t");
  const auto messages = capture.ReadTo("StopCCN");
  ASSERT_GE(messages.size(), 3u);
  EXPECT_THAT(messages[0].description(), StartsWith("0/0 Ns 0 Nr 0 SCCRQ "));
  EXPECT_EQ(messages[0].direction(), v1::CapturedMessage::DIRECTION_SENT);
  EXPECT_EQ(messages[0].remote().ip_address(), "192.0.2.2");
  EXPECT_EQ(messages[0].remote().port(), 1701);
  EXPECT_THAT(messages[0].datagram(), StartsWith("\xc8\x02"));
  EXPECT_TRUE(messages[0].has_time());
  EXPECT_THAT(messages[1].description(), HasSubstr(" SCCRP "));
  EXPECT_EQ(messages[1].direction(), v1::CapturedMessage::DIRECTION_RECEIVED);
  EXPECT_THAT(messages[2].description(), HasSubstr(" SCCCN"));
  // The tunnel has left the API by now; its acknowledgement is still shown.
  const v1::CapturedMessage ack = capture.Read();
  EXPECT_EQ(ack.direction(), v1::CapturedMessage::DIRECTION_RECEIVED);
  EXPECT_THAT(ack.description(), HasSubstr(" ZLB"));
}

TEST_F(CaptureServiceTest, LeavesOutOtherTunnels) {
  Capturer capture(channel_, Named("tunnels/b"));
  CreateTunnel("a");
  CreateTunnel("b");
  DeleteTunnel("b");
  int opened = 0;
  for (const auto& message : capture.ReadTo("StopCCN")) {
    if (absl::StrContains(message.description(), " SCCRQ ")) ++opened;
  }
  EXPECT_EQ(opened, 1);
}

TEST_F(CaptureServiceTest, CanBeRestrictedToAPeer) {
  v1::CaptureRequest other;
  other.set_remote_ip_address("192.0.2.77");
  Capturer nothing(channel_, other);
  other.set_remote_ip_address("192.0.2.2");
  Capturer peer(channel_, other);
  CreateTunnel("t");
  peer.ReadTo("SCCCN");
  std::thread shutdown([&] { world_.server().Shutdown(Duration::Seconds(5)); });
  const client::Error error = nothing.End();
  shutdown.join();
  EXPECT_EQ(error.reason, "SHUTTING_DOWN");
}

TEST_F(CaptureServiceTest, BadRequestsAreRefused) {
  v1::CaptureRequest request = Named("nonsense");
  EXPECT_EQ(Capturer(channel_, request).End().Metadata("field"), "name");
  request.Clear();
  request.set_remote_ip_address("lns.example");
  const client::Error error = Capturer(channel_, request).End();
  EXPECT_EQ(error.reason, "FIELD_INVALID");
  EXPECT_EQ(error.Metadata("field"), "remote_ip_address");
}

TEST_F(CaptureServiceTest, CapturesAreLimitedAndAReaderThatGoesMakesRoom) {
  std::vector<std::unique_ptr<Capturer>> all;
  for (size_t i = 0; i < control::Captures::kMaxCaptures; ++i) {
    all.push_back(std::make_unique<Capturer>(channel_, v1::CaptureRequest()));
    EXPECT_TRUE(all.back()->begun());
  }
  const client::Error error = Capturer(channel_, {}).End();
  EXPECT_EQ(error.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(error.reason, "CAPTURE_LIMIT");
  all.pop_back();
  bool begun = false;
  while (!begun) begun = Capturer(channel_, {}).begun();
}

TEST_F(CaptureServiceTest, TheCommandPrintsLinesAndEndsAfterSoMany) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  std::atomic<bool> ended = false;
  std::thread command([&] {
    EXPECT_EQ(ctl::Run({"--server", world_.address(), "capture", "--name", "t", "--count", "12"},
                       out, err, in),
              0);
    ended = true;
  });
  // Until the capture has begun, and has seen enough.
  while (!ended) {
    CreateTunnel("t");
    DeleteTunnel("t");
    world_.Advance(Duration::Seconds(1));
  }
  command.join();
  EXPECT_THAT(err.str(), HasSubstr("capturing"));
  EXPECT_THAT(out.str(), HasSubstr("Z > 192.0.2.2:1701 "));
  EXPECT_THAT(out.str(), HasSubstr("Z < 192.0.2.2:1701 "));
  EXPECT_THAT(out.str(), HasSubstr(" SCCRP "));
}

TEST_F(CaptureServiceTest, TheCommandRefusesAFileThatCannotBeWritten) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  EXPECT_EQ(
      ctl::Run({"--server", world_.address(), "capture", "-w", "/nowhere/x.pcap"}, out, err, in),
      2);
  EXPECT_THAT(err.str(), HasSubstr("/nowhere/x.pcap cannot be written"));
}

}  // namespace
}  // namespace l2tp::api
