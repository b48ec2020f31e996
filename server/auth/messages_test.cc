#include "server/auth/messages.h"

#include <gtest/gtest.h>

#include <functional>

namespace l2tp::auth {
namespace {

namespace auth_v1 = ::l2tp::auth::v1;

control::AuthorizationRequest Request(control::AuthMethod method) {
  control::AuthorizationRequest request;
  request.request_id = "uid-1";
  request.facts.session = "tunnels/t/sessions/s";
  request.facts.user = "alice";
  request.facts.peer_address = *IpAddress::Parse("192.0.2.1");
  request.facts.peer_host_name = "caf\xe9";
  request.login.method = method;
  request.login.chap_id = 7;
  request.login.challenge = std::string("\x01\x00", 2);
  request.login.response = "response";
  return request;
}

TEST(MessagesTest, RequestHasTheProofOfItsMethod) {
  auth_v1::AuthorizeRequest pap;
  ToProto(Request(control::AuthMethod::kPap), &pap);
  EXPECT_EQ(pap.pap_password(), "response");
  EXPECT_EQ(pap.request_id(), "uid-1");
  EXPECT_EQ(pap.facts().user(), "alice");
  EXPECT_EQ(pap.facts().peer_ip_address(), "192.0.2.1");
  EXPECT_EQ(pap.facts().peer_host_name(), "caf?");  // a string of a message is UTF-8
  auth_v1::AuthorizeRequest chap;
  ToProto(Request(control::AuthMethod::kChapMd5), &chap);
  EXPECT_EQ(chap.chap_md5().id(), 7u);
  EXPECT_EQ(chap.chap_md5().challenge(), std::string("\x01\x00", 2));
  auth_v1::AuthorizeRequest v2;
  ToProto(Request(control::AuthMethod::kMsChapV2), &v2);
  EXPECT_EQ(v2.mschapv2().response(), "response");
}

TEST(MessagesTest, RecordTellsWhatTheSessionDid) {
  control::AccountingRecord record;
  record.type = control::AccountingRecord::Type::kStop;
  record.facts.session_uid = "uid";
  record.address = *IpAddress::Parse("10.0.0.2");
  record.duration = Duration::Milliseconds(1500);
  record.counters.rx_bytes = 4711;
  record.cause = "PPP_TERMINATED";
  auth_v1::AccountRequest message;
  ToProto(record, &message);
  EXPECT_EQ(message.type(), auth_v1::AccountRequest::TYPE_STOP);
  EXPECT_EQ(message.facts().session_uid(), "uid");
  EXPECT_EQ(message.ip_address(), "10.0.0.2");
  EXPECT_EQ(message.duration().nanos(), 500'000'000);
  EXPECT_EQ(message.rx_byte_count(), 4711);
  EXPECT_EQ(message.cause(), "PPP_TERMINATED");
}

TEST(MessagesTest, AcceptanceIsReadWithAllThatItGives) {
  auth_v1::AuthorizeResponse response;
  auth_v1::Acceptance& accept = *response.mutable_accept();
  accept.set_password("hush");
  accept.set_ip_address("198.51.100.77");
  accept.set_ipv6_interface_id("::1:7");
  accept.set_ipv6_prefix("2001:db8:1:2::/64");
  accept.add_dns_ip_addresses("198.51.100.53");
  accept.mutable_session_timeout()->set_seconds(3600);
  accept.mutable_idle_timeout()->set_seconds(60);
  accept.mutable_interim_interval()->set_seconds(10);
  accept.add_routes("203.0.113.0/24");
  accept.set_downstream_rate_bps(50'000'000);
  const auto read = FromProto(response, /*needs_password=*/true);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->accepted);
  EXPECT_EQ(read->password, "hush");
  EXPECT_EQ(read->address.ToString(), "198.51.100.77");
  EXPECT_EQ(read->interface_id.v6_lower(), 0x10007u);
  EXPECT_EQ(read->prefix.ToString(), "2001:db8:1:2::/64");
  EXPECT_EQ(read->dns.at(0).ToString(), "198.51.100.53");
  EXPECT_EQ(read->session_timeout, Duration::Seconds(3600));
  EXPECT_EQ(read->idle_timeout, Duration::Seconds(60));
  EXPECT_EQ(read->interim_interval, Duration::Seconds(10));
  EXPECT_EQ(read->routes.at(0).ToString(), "203.0.113.0/24");
  EXPECT_EQ(read->downstream_rate, 50'000'000);
}

TEST(MessagesTest, RejectionHasAReason) {
  auth_v1::AuthorizeResponse response;
  response.mutable_reject()->set_reason("no contract");
  const auto read = FromProto(response, false);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->accepted);
  EXPECT_EQ(read->reason, "no contract");
}

TEST(MessagesTest, AnswerThatCannotBeIsAnErrorAndNoAcceptance) {
  EXPECT_FALSE(FromProto({}, false).ok());
  auth_v1::AuthorizeResponse bare;
  bare.mutable_accept();
  EXPECT_TRUE(FromProto(bare, /*needs_password=*/false).ok());
  EXPECT_FALSE(FromProto(bare, /*needs_password=*/true).ok());
  const std::vector<std::function<void(auth_v1::Acceptance*)>> wrong = {
      [](auto* a) { a->set_password(""); },
      [](auto* a) { a->set_password(std::string(256, 'x')); },
      [](auto* a) { a->set_password(std::string("a\0b", 3)); },
      [](auto* a) { a->set_ip_address("::1"); },
      [](auto* a) { a->set_ip_address("0.0.0.0"); },
      [](auto* a) { a->set_ipv6_interface_id("2001:db8::1"); },
      [](auto* a) { a->set_ipv6_interface_id("::"); },
      [](auto* a) { a->set_ipv6_prefix("2001:db8::/48"); },
      [](auto* a) { a->add_dns_ip_addresses(""); },
      [](auto* a) { a->add_dns_ip_addresses("dns.example"); },
      [](auto* a) {
        for (int i = 0; i < 3; ++i) a->add_dns_ip_addresses("192.0.2.1");
      },
      [](auto* a) { a->mutable_session_timeout()->set_seconds(-1); },
      [](auto* a) { a->mutable_session_timeout()->set_nanos(5); },
      [](auto* a) { a->mutable_idle_timeout()->set_seconds(int64_t{1} << 40); },
      [](auto* a) { a->mutable_interim_interval()->set_seconds(9); },
      [](auto* a) { a->add_routes("somewhere"); },
      [](auto* a) {
        for (int i = 0; i < 65; ++i) a->add_routes("192.0.2.0/24");
      },
      [](auto* a) { a->set_upstream_rate_bps(-1); },
  };
  for (size_t i = 0; i < wrong.size(); ++i) {
    auth_v1::AuthorizeResponse response;
    response.mutable_accept();
    wrong[i](response.mutable_accept());
    EXPECT_FALSE(FromProto(response, false).ok()) << i;
  }
}

}  // namespace
}  // namespace l2tp::auth
