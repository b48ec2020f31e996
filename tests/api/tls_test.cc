// TCP: TLS, certificates and the roles they have.

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "clients/cpp/error.h"
#include "clients/l2tpctl/cli.h"
#include "clients/l2tpctl/context.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "tests/api/api_world.h"
#include "tests/api/certificates.h"

namespace l2tp::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr char kAnyPort[] = "127.0.0.1:0";

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/l2tp-tls-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    WriteOurs(ca_.Issue({.common_name = "lac", .alternative_names = "IP:127.0.0.1"}));
    Write("ca", ca_.certificate(), 0644);
  }
  void TearDown() override {
    for (const char* file : {"certificate", "key", "ca", "client", "client-key"}) {
      ::unlink(Path(file).c_str());
    }
    ::rmdir(folder_.c_str());
  }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // Replaced at once, as docs/security.md asks for.
  void Write(const std::string& name, const std::string& text, mode_t mode) {
    const std::string path = Path(name);
    std::ofstream(path + ".new") << text;
    ASSERT_EQ(::chmod((path + ".new").c_str(), mode), 0);
    ASSERT_EQ(::rename((path + ".new").c_str(), path.c_str()), 0);
  }
  void WriteOurs(const Identity& identity) {
    Write("key", identity.key, 0600);
    Write("certificate", identity.certificate, 0644);
  }

  ServerOptions Options() {
    ServerOptions options;
    options.listen_addresses = {kAnyPort};  // of a server without a world of its own
    options.tls = {.certificate = Path("certificate"),
                   .key = Path("key"),
                   .client_ca = Path("ca"),
                   .refresh_interval_s = 1};
    options.roles = {{.role = Role::kViewer, .certificate = "spiffe://example.net/monitor"},
                     {.role = Role::kOperator, .certificate = "noc.example.net"},
                     {.role = Role::kAdmin, .certificate = "alice"}};
    return options;
  }

  // A channel to a server with these options. With `ca_`'s certificate for its end, and this for
  // ours.
  std::shared_ptr<grpc::Channel> Connect(ApiWorld& world, const Identity& ours) const {
    return client::Connect(world.server().addresses().back(),
                           {ca_.certificate(), ours.certificate, ours.key});
  }

  static client::Error GetSystem(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::System system;
    return client::DecodeError(
        v1::SystemService::NewStub(channel)->GetSystem(&context, {}, &system));
  }
  static client::Error DeleteTunnel(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    v1::DeleteTunnelRequest request;
    request.set_name("tunnels/none");
    google::protobuf::Empty empty;
    return client::DecodeError(
        v1::TunnelService::NewStub(channel)->DeleteTunnel(&context, request, &empty));
  }
  static client::Error DeleteProfile(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    v1::DeleteProfileRequest request;
    request.set_name("profiles/none");
    google::protobuf::Empty empty;
    return client::DecodeError(
        v1::ProfileService::NewStub(channel)->DeleteProfile(&context, request, &empty));
  }
  // What reading, closing a tunnel and deleting a profile come to.
  static std::vector<std::string> WhatMayBeDone(const std::shared_ptr<grpc::Channel>& channel) {
    return {GetSystem(channel).reason, DeleteTunnel(channel).reason, DeleteProfile(channel).reason};
  }
  static bool IsRefusedByTls(const client::Error& error) {
    return error.code == grpc::StatusCode::UNAVAILABLE && error.reason.empty();
  }

  const Authority ca_{"the CA"};
  std::string folder_;
};

TEST_F(TlsTest, NamesInACertificateDecideWhatItsOwnerMayDo) {
  ApiWorld world({.server = Options(), .more_addresses = {kAnyPort}});
  const std::string no = "CALLER_NOT_ALLOWED";
  const auto may = [&](const Subject& subject) {
    return WhatMayBeDone(Connect(world, ca_.Issue(subject)));
  };
  EXPECT_THAT(may({"x", "DNS:a.example.net,URI:spiffe://example.net/monitor"}),
              ElementsAre("", no, no));
  EXPECT_THAT(may({"x", "DNS:noc.example.net"}), ElementsAre("", "TUNNEL_NOT_FOUND", no));
  EXPECT_THAT(may({"alice", ""}), ElementsAre("", "TUNNEL_NOT_FOUND", "PROFILE_NOT_FOUND"));
  EXPECT_THAT(may({"bob", ""}), ElementsAre(no, no, no));
  // The common name counts only when there is nothing better, and nothing counts in part.
  EXPECT_THAT(may({"alice", "DNS:a.example.net"}), ElementsAre(no, no, no));
  EXPECT_THAT(may({"x", "DNS:noc.example.net.evil.example"}), ElementsAre(no, no, no));
  EXPECT_THAT(may({"x", "DNS:*.example.net"}), ElementsAre(no, no, no));
  EXPECT_THAT(may({"", "email:alice@example.net"}), ElementsAre(no, no, no));
}

TEST_F(TlsTest, CertificatesThatAreNoGoodAreRefusedBeforeAnyCall) {
  ApiWorld world({.server = Options(), .more_addresses = {kAnyPort}});
  const Authority foreign("the CA");  // the same name, another key
  const auto refused = [&](const Identity& identity) {
    return IsRefusedByTls(GetSystem(Connect(world, identity)));
  };
  EXPECT_TRUE(refused(foreign.Issue({"alice", ""}))) << "another CA's";
  EXPECT_TRUE(refused(ca_.Issue({"alice", "", -2, -1}))) << "expired";
  EXPECT_TRUE(refused(ca_.Issue({"alice", "", 1, 2}))) << "not valid yet";
  EXPECT_TRUE(refused({})) << "none";
  EXPECT_TRUE(IsRefusedByTls(GetSystem(
      grpc::CreateChannel(world.server().addresses().back(), grpc::InsecureChannelCredentials()))))
      << "no TLS";
  EXPECT_FALSE(refused(ca_.Issue({"alice", ""})));
}

TEST_F(TlsTest, ClientsRefuseAServerThatIsNotTheOneTheyMean) {
  WriteOurs(ca_.Issue({.common_name = "127.0.0.1", .alternative_names = "DNS:elsewhere.example"}));
  ApiWorld world({.server = Options(), .more_addresses = {kAnyPort}});
  EXPECT_TRUE(IsRefusedByTls(GetSystem(Connect(world, ca_.Issue({"alice", ""})))));
}

TEST_F(TlsTest, CertificatesThatAreReplacedAreUsedWithoutARestart) {
  ApiWorld world({.server = Options(), .more_addresses = {kAnyPort}});
  const Identity alice = ca_.Issue({"alice", ""});
  const auto before = Connect(world, alice);
  ASSERT_TRUE(GetSystem(before).code == grpc::StatusCode::OK);
  // Another CA for both ends.
  const Authority next("the next CA");
  const Identity bob = next.Issue({"alice", ""});
  WriteOurs(next.Issue({.common_name = "lac", .alternative_names = "IP:127.0.0.1"}));
  Write("ca", next.certificate(), 0644);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool taken = false;
  while (!taken && std::chrono::steady_clock::now() < deadline) {
    taken = GetSystem(client::Connect(world.server().addresses().back(),
                                      {next.certificate(), bob.certificate, bob.key}))
                .code == grpc::StatusCode::OK;
  }
  EXPECT_TRUE(taken);
  // Of the old CA: neither end believes the other.
  EXPECT_TRUE(IsRefusedByTls(GetSystem(Connect(world, alice))));
  EXPECT_TRUE(IsRefusedByTls(GetSystem(client::Connect(
      world.server().addresses().back(), {next.certificate(), alice.certificate, alice.key}))));
  EXPECT_TRUE(GetSystem(before).code == grpc::StatusCode::OK) << "connections that are there stay";
}

TEST_F(TlsTest, WithoutClientCertificatesEverybodyHasTheAnonymousRole) {
  ServerOptions options = Options();
  options.tls->client_ca.clear();
  for (const Role role : {Role::kNone, Role::kViewer, Role::kAdmin}) {
    options.anonymous_role = role;
    ApiWorld world({.server = options, .more_addresses = {kAnyPort}});
    // One that nobody asked for says nothing.
    const auto channel = Connect(world, ca_.Issue({"alice", ""}));
    EXPECT_EQ(GetSystem(channel).code == grpc::StatusCode::OK, role >= Role::kViewer);
    EXPECT_EQ(DeleteProfile(channel).reason,
              role == Role::kAdmin ? "PROFILE_NOT_FOUND" : "CALLER_NOT_ALLOWED");
  }
}

TEST_F(TlsTest, WithoutTlsOnlyLoopbackAddressesWorkAndOnlyWhenThatIsAllowed) {
  ApiWorld world;
  const auto start = [&](ServerOptions options) {
    asio::io_context loop;
    AsioExecutor executor(&loop);
    Server server(std::move(options), world.lac().controller.get(), &executor);
    return server.Start();
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(start({.listen_addresses = {kAnyPort}})));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      start({.listen_addresses = {"0.0.0.0:0"}, .plaintext_loopback = true})));
  EXPECT_TRUE(start({.listen_addresses = {kAnyPort}, .plaintext_loopback = true}).ok());

  ApiWorld plain({.server = {.plaintext_loopback = true}, .more_addresses = {kAnyPort}});
  const auto channel = client::Connect(plain.server().addresses().back());
  EXPECT_THAT(WhatMayBeDone(channel), ElementsAre("", "CALLER_NOT_ALLOWED", "CALLER_NOT_ALLOWED"));
}

TEST_F(TlsTest, FilesThatAreNoGoodKeepTheServerFromStartingAndAreNamed) {
  ApiWorld world;
  const auto problem = [&](const ServerOptions& options) {
    asio::io_context loop;
    AsioExecutor executor(&loop);
    Server server(options, world.lac().controller.get(), &executor);
    return std::string(server.Start().message());
  };
  ServerOptions options = Options();
  options.tls->key = Path("none");
  EXPECT_EQ(problem(options), "cannot read " + Path("none") + ": No such file or directory");
  options = Options();
  options.tls->certificate = Path("key");
  EXPECT_EQ(problem(options), Path("key") + " does not begin with a PEM certificate");
  options = Options();
  Write("client-key", ca_.Issue({"x", ""}).key, 0600);
  options.tls->key = Path("client-key");
  EXPECT_EQ(problem(options), Path("client-key") + " is not the key of " + Path("certificate"));
  options = Options();
  ASSERT_EQ(::chmod(Path("key").c_str(), 0644), 0);
  EXPECT_EQ(problem(options),
            Path("key") + " is a private key and accessible to everybody; chmod 600 it");
}

TEST_F(TlsTest, TheAuditLogNamesCertificateAndAddress) {
  std::mutex mutex;
  std::vector<std::string> lines;
  ServerOptions options = Options();
  options.audit = [&](const std::string& line) {
    std::lock_guard lock(mutex);
    lines.push_back(line);
  };
  {
    ApiWorld world({.server = options, .more_addresses = {kAnyPort}});
    DeleteTunnel(Connect(world, ca_.Issue({"x", "DNS:noc.example.net"})));
    GetSystem(Connect(world, ca_.Issue({"bob\"\nrole=admin", ""})));
  }
  EXPECT_THAT(
      lines,
      ElementsAre(
          MatchesRegex("audit who=certificate:\"noc.example.net\" role=operator "
                       "peer=ipv4:127.0.0.1:[0-9]+ method=/l2tp.v1.TunnelService/DeleteTunnel "
                       "name=\"tunnels/none\" result=NOT_FOUND reason=TUNNEL_NOT_FOUND"),
          MatchesRegex("audit who=certificate:\"bob\\\\\"\\\\x0arole=admin\" role=none "
                       "peer=ipv4:127.0.0.1:[0-9]+ method=/l2tp.v1.SystemService/GetSystem "
                       "result=PERMISSION_DENIED reason=CALLER_NOT_ALLOWED")));
}

TEST_F(TlsTest, TheCommandLineHasOptionsForIt) {
  ApiWorld world({.server = Options(), .more_addresses = {kAnyPort}});
  const Identity alice = ca_.Issue({"alice", ""});
  Write("client", alice.certificate, 0644);
  Write("client-key", alice.key, 0600);
  const auto run = [&](const std::string& ca) {
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    const int code =
        ctl::Run({"--server", world.server().addresses().back(), "--tls-ca", ca, "--tls-cert",
                  Path("client"), "--tls-key", Path("client-key"), "system"},
                 out, err, in);
    return std::pair(code, out.str() + err.str());
  };
  EXPECT_EQ(run(Path("ca")).first, ctl::kOk) << run(Path("ca")).second;
  EXPECT_NE(run(Path("none")).first, ctl::kOk);
  EXPECT_THAT(run(Path("none")).second, HasSubstr("cannot read " + Path("none")));
}

}  // namespace
}  // namespace l2tp::api
