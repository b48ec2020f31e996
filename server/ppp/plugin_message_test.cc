#include "server/ppp/plugin_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "plugin/plugin_protocol.h"
#include "server/base/quote.h"

namespace l2tp::ppp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
T Message(uint16_t type) {
  T message = {};
  l2tp_plugin_header header = {};
  header.magic = L2TP_PLUGIN_MAGIC;
  header.version = L2TP_PLUGIN_VERSION;
  header.type = type;
  header.size = sizeof(T);
  header.sequence = 5;
  header.instance = 77;
  header.tunnel_id = 11;
  header.session_id = 22;
  std::memcpy(&message, &header, sizeof(header));
  return message;
}

template <typename T>
Bytes Octets(const T& message) {
  const auto* first = reinterpret_cast<const uint8_t*>(&message);
  return Bytes(first, first + sizeof(message));
}

template <typename T>
absl::StatusOr<PluginMessage> Decode(const T& message) {
  return DecodePluginMessage(Octets(message));
}

template <typename Body, typename T>
Body DecodeAs(const T& message) {
  const absl::StatusOr<PluginMessage> decoded = Decode(message);
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return std::get<Body>(decoded->body);
}

l2tp_plugin_ipv4_up Ipv4Up() {
  auto message = Message<l2tp_plugin_ipv4_up>(L2TP_PLUGIN_IPV4_UP);
  std::strcpy(message.interface_name, "ppp0");
  message.local = 0xc0000201;
  message.remote = 0xc0000202;
  return message;
}

l2tp_plugin_ipv6_up Ipv6Up() {
  auto message = Message<l2tp_plugin_ipv6_up>(L2TP_PLUGIN_IPV6_UP);
  std::strcpy(message.interface_name, "ppp0");
  message.local[0] = message.remote[0] = 0xfe;
  message.local[1] = message.remote[1] = 0x80;
  message.local[15] = 1;
  message.remote[15] = 2;
  return message;
}

l2tp_plugin_phase Phase() {
  auto message = Message<l2tp_plugin_phase>(L2TP_PLUGIN_PHASE);
  message.phase = L2TP_PLUGIN_PHASE_NETWORK;
  return message;
}

TEST(PluginMessageTest, HeaderNamesInstanceAndSession) {
  const auto message = Decode(Message<l2tp_plugin_hello>(L2TP_PLUGIN_HELLO));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->sequence, 5u);
  EXPECT_EQ(message->instance, control::PppId(77));
  EXPECT_EQ(message->tunnel_id, TunnelId(11));
  EXPECT_EQ(message->session_id, SessionId(22));
}

TEST(PluginMessageTest, HelloTellsProcessAndVersions) {
  auto raw = Message<l2tp_plugin_hello>(L2TP_PLUGIN_HELLO);
  raw.pid = 1234;
  std::strcpy(raw.plugin_version, "0.1.0");
  std::strcpy(raw.pppd_version, "2.4.9");
  const auto hello = DecodeAs<Hello>(raw);
  EXPECT_EQ(hello.pid, 1234u);
  EXPECT_EQ(hello.plugin_version, "0.1.0");
  EXPECT_EQ(hello.pppd_version, "2.4.9");
}

TEST(PluginMessageTest, LcpUpTellsBothMapsInHostOrder) {
  auto raw = Message<l2tp_plugin_lcp_up>(L2TP_PLUGIN_LCP_UP);
  raw.send_accm = 0x000a0000;
  raw.receive_accm = 0xffffffff;
  raw.mru = 1460;
  raw.peer_mru = 1500;
  const auto up = DecodeAs<control::PppLcpUp>(raw);
  EXPECT_EQ(up.lcp.send_accm, 0x000a0000u);
  EXPECT_EQ(up.lcp.receive_accm, 0xffffffffu);
  EXPECT_EQ(up.lcp.mru, 1460u);
  EXPECT_EQ(up.lcp.peer_mru, 1500u);
}

TEST(PluginMessageTest, LcpUpTellsMagicNumbersOptionsAndLogins) {
  auto raw = Message<l2tp_plugin_lcp_up>(L2TP_PLUGIN_LCP_UP);
  raw.magic = 0x11111111;
  raw.peer_magic = 0x22222222;
  raw.asked_options = 1u << 1 | 1u << 3 | 1u << 5;
  raw.agreed_options = 1u << 5;
  raw.peer_options = 1u << 2 | 1u << 31;
  raw.auth_of_peer = L2TP_PLUGIN_METHOD_PAP;
  const auto lcp = DecodeAs<control::PppLcpUp>(raw).lcp;
  EXPECT_EQ(lcp.magic, 0x11111111u);
  EXPECT_EQ(lcp.peer_magic, 0x22222222u);
  EXPECT_THAT(lcp.asked_options, ElementsAre(1, 3, 5));
  EXPECT_THAT(lcp.agreed_options, ElementsAre(5));
  EXPECT_THAT(lcp.peer_options, ElementsAre(2, 31));
  EXPECT_EQ(lcp.auth_of_peer, "PAP");
  EXPECT_EQ(lcp.auth_of_us, "");
}

TEST(PluginMessageTest, PhaseIsOneOfRfc1661) {
  auto raw = Message<l2tp_plugin_phase>(L2TP_PLUGIN_PHASE);
  const std::pair<int, events::PppPhase> phases[] = {
      {L2TP_PLUGIN_PHASE_ESTABLISH, events::PppPhase::kEstablish},
      {L2TP_PLUGIN_PHASE_AUTHENTICATE, events::PppPhase::kAuthenticate},
      {L2TP_PLUGIN_PHASE_NETWORK, events::PppPhase::kNetwork},
      {L2TP_PLUGIN_PHASE_TERMINATE, events::PppPhase::kTerminate}};
  for (const auto& [number, phase] : phases) {
    raw.phase = static_cast<uint8_t>(number);
    EXPECT_EQ(DecodeAs<control::PppPhaseChange>(raw).phase, phase);
  }
  for (const int number : {0, L2TP_PLUGIN_PHASE_LAST + 1, 255}) {
    raw.phase = static_cast<uint8_t>(number);
    EXPECT_FALSE(Decode(raw).ok()) << number;
  }
}

TEST(PluginMessageTest, CcpUpTellsMethodAndKeyOfEachDirection) {
  auto raw = Message<l2tp_plugin_ccp_up>(L2TP_PLUGIN_CCP_UP);
  raw.send_method = 18;
  raw.send_key_bits = 128;
  raw.send_stateful = 1;
  raw.receive_method = 26;
  const auto ccp = DecodeAs<control::PppCcpUp>(raw).ccp;
  EXPECT_EQ(ccp.send.method, "MPPE");
  EXPECT_EQ(ccp.send.key_bits, 128);
  EXPECT_TRUE(ccp.send.stateful);
  EXPECT_EQ(ccp.receive.method, "Deflate");
  EXPECT_EQ(ccp.receive.key_bits, 0);
  EXPECT_FALSE(ccp.receive.stateful);
  DecodeAs<control::PppCcpDown>(Message<l2tp_plugin_header>(L2TP_PLUGIN_CCP_DOWN));
}

TEST(PluginMessageTest, CompressionMethodNobodyKnowsIsToldByItsNumber) {
  auto raw = Message<l2tp_plugin_ccp_up>(L2TP_PLUGIN_CCP_UP);
  raw.send_method = 99;
  const auto ccp = DecodeAs<control::PppCcpUp>(raw).ccp;
  EXPECT_EQ(ccp.send.method, "CCP option 99");
  EXPECT_EQ(ccp.receive.method, "");
}

TEST(PluginMessageTest, KeysOfNoMppeAreRefused) {
  auto raw = Message<l2tp_plugin_ccp_up>(L2TP_PLUGIN_CCP_UP);
  raw.receive_key_bits = 64;
  EXPECT_FALSE(Decode(raw).ok());
  raw.receive_key_bits = 56;
  EXPECT_TRUE(Decode(raw).ok());
  raw.receive_stateful = 2;
  EXPECT_FALSE(Decode(raw).ok());
}

TEST(PluginMessageTest, EchoTellsHowManyStayedUnanswered) {
  auto raw = Message<l2tp_plugin_echo>(L2TP_PLUGIN_ECHO);
  raw.unanswered = 3;
  raw.limit = 4;
  EXPECT_EQ(DecodeAs<control::PppEcho>(raw).unanswered, 3);
  raw.unanswered = 0x80000000;
  EXPECT_FALSE(Decode(raw).ok());
}

TEST(PluginMessageTest, StatisticsTellBothDirections) {
  auto raw = Message<l2tp_plugin_statistics>(L2TP_PLUGIN_STATISTICS);
  raw.connect_seconds = 61;
  raw.bytes_in = uint64_t{1} << 40;
  raw.bytes_out = 2;
  raw.packets_in = 3;
  raw.packets_out = 4;
  const auto counters = DecodeAs<control::PppStatistics>(raw).counters;
  EXPECT_EQ(counters.connect_seconds, 61);
  EXPECT_EQ(counters.rx_bytes, int64_t{1} << 40);
  EXPECT_EQ(counters.tx_bytes, 2);
  EXPECT_EQ(counters.rx_packets, 3);
  EXPECT_EQ(counters.tx_packets, 4);
  raw.packets_out = uint64_t{1} << 63;
  EXPECT_FALSE(Decode(raw).ok());
}

TEST(PluginMessageTest, AuthTellsWhoLoggedInToWhom) {
  auto raw = Message<l2tp_plugin_auth>(L2TP_PLUGIN_AUTH);
  raw.succeeded = 1;
  raw.we_are_authenticator = 1;
  raw.method = L2TP_PLUGIN_METHOD_MSCHAP_V2;
  std::strcpy(raw.user, "alice");
  const auto result = DecodeAs<control::PppAuth>(raw);
  EXPECT_TRUE(result.auth.succeeded);
  EXPECT_TRUE(result.auth.we_are_authenticator);
  EXPECT_EQ(result.auth.method, "MS-CHAPv2");
  EXPECT_EQ(result.auth.user, "alice");
}

TEST(PluginMessageTest, Ipv4UpTellsInterfaceAddressesAndNameServers) {
  auto raw = Ipv4Up();
  raw.dns[1] = 0x08080808;
  const auto up = DecodeAs<control::PppIpUp>(raw);
  EXPECT_EQ(up.interface_name, "ppp0");
  EXPECT_EQ(up.ipv4.local.ToString(), "192.0.2.1");
  EXPECT_EQ(up.ipv4.remote.ToString(), "192.0.2.2");
  EXPECT_THAT(up.ipv4.dns, ElementsAre(*IpAddress::Parse("8.8.8.8")));
}

TEST(PluginMessageTest, PeerWithoutAnAddressIsPossible) {
  auto raw = Ipv4Up();
  raw.remote = 0;
  EXPECT_FALSE(DecodeAs<control::PppIpUp>(raw).ipv4.remote.is_set());
}

TEST(PluginMessageTest, Ipv6UpTellsLinkLocalAddresses) {
  const auto up = DecodeAs<control::PppIpv6Up>(Ipv6Up());
  EXPECT_EQ(up.ipv6.local.ToString(), "fe80::1");
  EXPECT_EQ(up.ipv6.remote.ToString(), "fe80::2");
}

TEST(PluginMessageTest, DownsAreHeadersAlone) {
  DecodeAs<control::PppIpDown>(Message<l2tp_plugin_header>(L2TP_PLUGIN_IPV4_DOWN));
  DecodeAs<control::PppIpv6Down>(Message<l2tp_plugin_header>(L2TP_PLUGIN_IPV6_DOWN));
}

TEST(PluginMessageTest, ExitTellsStatusAndStatistics) {
  auto raw = Message<l2tp_plugin_exit>(L2TP_PLUGIN_EXIT);
  raw.status = 16;
  raw.connect_seconds = 60;
  raw.bytes_in = uint64_t{1} << 40;
  raw.bytes_out = 2;
  std::strcpy(raw.reason, "why");
  const auto report = DecodeAs<ExitReport>(raw);
  EXPECT_EQ(report.status, 16);
  EXPECT_EQ(report.counters.connect_seconds, 60);
  EXPECT_EQ(report.counters.rx_bytes, int64_t{1} << 40);
  EXPECT_EQ(report.counters.tx_bytes, 2);
  EXPECT_EQ(report.reason, "why");
}

l2tp_plugin_login_request LoginRequest() {
  auto raw = Message<l2tp_plugin_login_request>(L2TP_PLUGIN_LOGIN_REQUEST);
  raw.method = L2TP_PLUGIN_METHOD_CHAP_MD5;
  raw.chap_id = 7;
  raw.challenge_size = 3;
  std::memcpy(raw.challenge, "\x01\x00\xff", 3);
  raw.response_size = 2;
  std::memcpy(raw.response, "\x00z", 2);
  std::strcpy(raw.user, "bob");
  return raw;
}

TEST(PluginMessageTest, LoginTellsWhoAndHow) {
  const auto login = DecodeAs<control::PeerLogin>(LoginRequest());
  EXPECT_EQ(login.method, control::AuthMethod::kChapMd5);
  EXPECT_EQ(login.user, "bob");
  EXPECT_EQ(login.chap_id, 7);
  EXPECT_EQ(login.challenge, std::string("\x01\x00\xff", 3));
  EXPECT_EQ(login.response, std::string("\x00z", 2));
}

TEST(PluginMessageTest, RequestsForSecretAndAdmissionAreRead) {
  DecodeAs<SecretRequest>(Message<l2tp_plugin_secret_request>(L2TP_PLUGIN_SECRET_REQUEST));
  auto raw = Message<l2tp_plugin_admit_request>(L2TP_PLUGIN_ADMIT_REQUEST);
  std::strcpy(raw.user, "bob");
  EXPECT_EQ(DecodeAs<AdmitRequest>(raw).user, "bob");
}

TEST(PluginMessageTest, EveryTruncationOfEveryMessageIsRefused) {
  const std::vector<Bytes> messages = {
      Octets(Message<l2tp_plugin_hello>(L2TP_PLUGIN_HELLO)),
      Octets(Message<l2tp_plugin_lcp_up>(L2TP_PLUGIN_LCP_UP)),
      Octets(Message<l2tp_plugin_auth>(L2TP_PLUGIN_AUTH)),
      Octets(Ipv4Up()),
      Octets(Ipv6Up()),
      Octets(Message<l2tp_plugin_header>(L2TP_PLUGIN_IPV4_DOWN)),
      Octets(Phase()),
      Octets(Message<l2tp_plugin_ccp_up>(L2TP_PLUGIN_CCP_UP)),
      Octets(Message<l2tp_plugin_header>(L2TP_PLUGIN_CCP_DOWN)),
      Octets(Message<l2tp_plugin_echo>(L2TP_PLUGIN_ECHO)),
      Octets(Message<l2tp_plugin_statistics>(L2TP_PLUGIN_STATISTICS)),
      Octets(Message<l2tp_plugin_exit>(L2TP_PLUGIN_EXIT)),
      Octets(Message<l2tp_plugin_secret_request>(L2TP_PLUGIN_SECRET_REQUEST)),
      Octets(LoginRequest()),
      Octets(Message<l2tp_plugin_admit_request>(L2TP_PLUGIN_ADMIT_REQUEST)),
  };
  for (Bytes octets : messages) {
    ASSERT_TRUE(DecodePluginMessage(octets).ok());
    for (size_t size = 0; size < octets.size(); ++size) {
      Bytes cut(octets.begin(), octets.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(DecodePluginMessage(cut).ok());
      // Even when the message claims to be that short.
      if (size < sizeof(l2tp_plugin_header)) continue;
      const auto claimed = static_cast<uint32_t>(size);
      std::memcpy(cut.data() + offsetof(l2tp_plugin_header, size), &claimed, sizeof(claimed));
      EXPECT_FALSE(DecodePluginMessage(cut).ok());
    }
    octets.push_back(0);
    EXPECT_FALSE(DecodePluginMessage(octets).ok());
  }
}

TEST(PluginMessageTest, OtherMagicVersionAndTypeAreRefused) {
  auto raw = Message<l2tp_plugin_header>(L2TP_PLUGIN_IPV4_DOWN);
  raw.magic = 0x6b6c7831;
  EXPECT_THAT(Decode(raw).status().message(), HasSubstr("not a message of our plugin"));
  raw = Message<l2tp_plugin_header>(L2TP_PLUGIN_IPV4_DOWN);
  raw.version = 9;
  EXPECT_THAT(Decode(raw).status().message(), HasSubstr("speaks version 9, we speak 2"));
  for (const uint16_t type : {0, L2TP_PLUGIN_SECRET_REPLY + 0, L2TP_PLUGIN_LOGIN_REPLY + 0,
                              L2TP_PLUGIN_ADMIT_REPLY + 0, 20, 0xffff}) {
    EXPECT_FALSE(Decode(Message<l2tp_plugin_header>(type)).ok()) << type;
  }
}

TEST(PluginMessageTest, ReplyIsNotAcceptedFromAPlugin) {
  const auto raw = Message<l2tp_plugin_secret_reply>(L2TP_PLUGIN_SECRET_REPLY);
  EXPECT_THAT(Decode(raw).status().message(), HasSubstr("unknown message type 10"));
}

TEST(PluginMessageTest, TextWithoutEndIsRefused) {
  auto hello = Message<l2tp_plugin_hello>(L2TP_PLUGIN_HELLO);
  std::memset(hello.pppd_version, 'x', sizeof(hello.pppd_version));
  EXPECT_THAT(Decode(hello).status().message(), HasSubstr("pppd version has no end"));
  auto raw = Message<l2tp_plugin_auth>(L2TP_PLUGIN_AUTH);
  std::memset(raw.user, 'x', sizeof(raw.user));
  EXPECT_FALSE(Decode(raw).ok());
  auto up = Ipv4Up();
  std::memset(up.interface_name, 'x', sizeof(up.interface_name));
  EXPECT_FALSE(Decode(up).ok());
}

TEST(PluginMessageTest, OctetsThatAreNoTextBecomeQuestionMarks) {
  auto raw = Message<l2tp_plugin_auth>(L2TP_PLUGIN_AUTH);
  std::strcpy(raw.user, "a\n\xff\x1b");
  EXPECT_EQ(DecodeAs<control::PppAuth>(raw).auth.user, "a???");
}

TEST(PluginMessageTest, InterfaceNamesTheKernelWouldRefuseAreRefused) {
  for (const char* name : {"", ".", "..", "a/b", "a b", "a:b", "a\tb"}) {
    auto raw = Ipv4Up();
    std::strcpy(raw.interface_name, name);
    EXPECT_FALSE(Decode(raw).ok()) << name;
  }
}

TEST(PluginMessageTest, AddressesNoLinkCanHaveAreRefused) {
  for (const uint32_t address : {0x00000000u, 0xe0000001u, 0xffffffffu}) {
    auto raw = Ipv4Up();
    raw.local = address;
    EXPECT_FALSE(Decode(raw).ok()) << address;
  }
  auto raw = Ipv4Up();
  raw.remote = 0xffffffff;
  EXPECT_FALSE(Decode(raw).ok());
  auto global = Ipv6Up();
  global.local[0] = 0x20;
  EXPECT_FALSE(Decode(global).ok());
}

TEST(PluginMessageTest, ValuesOutsideTheirEnumerationAreRefused) {
  auto login = Message<l2tp_plugin_auth>(L2TP_PLUGIN_AUTH);
  login.method = L2TP_PLUGIN_METHOD_LAST + 1;
  EXPECT_FALSE(Decode(login).ok());
  login = Message<l2tp_plugin_auth>(L2TP_PLUGIN_AUTH);
  login.succeeded = 2;
  EXPECT_FALSE(Decode(login).ok());
  for (const uint8_t method : {0, L2TP_PLUGIN_METHOD_MSCHAP_V1 + 0, L2TP_PLUGIN_METHOD_EAP + 0}) {
    auto request = LoginRequest();
    request.method = method;
    EXPECT_FALSE(Decode(request).ok()) << int{method};
  }
  auto request = LoginRequest();
  request.challenge_size = 65;
  EXPECT_FALSE(Decode(request).ok());
  for (const int status : {-1, 256}) {
    auto end = Message<l2tp_plugin_exit>(L2TP_PLUGIN_EXIT);
    end.status = status;
    EXPECT_FALSE(Decode(end).ok()) << status;
  }
  auto lcp = Message<l2tp_plugin_lcp_up>(L2TP_PLUGIN_LCP_UP);
  lcp.mru = 0x10000;
  EXPECT_FALSE(Decode(lcp).ok());
  lcp.mru = 1500;
  lcp.auth_of_us = L2TP_PLUGIN_METHOD_LAST + 1;
  EXPECT_FALSE(Decode(lcp).ok());
}

l2tp_plugin_secret_reply Reply(const std::optional<std::string>& secret) {
  const Bytes octets = EncodeSecretReply(9, control::PppId(77), secret);
  l2tp_plugin_secret_reply reply;
  EXPECT_EQ(octets.size(), sizeof(reply));
  std::memcpy(&reply, octets.data(), sizeof(reply));
  return reply;
}

TEST(SecretReplyTest, CarriesTheSecretAndTheNumberOfTheRequest) {
  const auto reply = Reply("opensesame");
  EXPECT_EQ(reply.header.sequence, 9u);
  EXPECT_EQ(reply.header.instance, 77u);
  EXPECT_EQ(reply.header.size, sizeof(reply));
  EXPECT_EQ(reply.found, 1);
  EXPECT_EQ(reply.secret_size, 10u);
  EXPECT_STREQ(reply.secret, "opensesame");
}

TEST(SecretReplyTest, UnknownUserHasNone) {
  const auto reply = Reply(std::nullopt);
  EXPECT_EQ(reply.found, 0);
  EXPECT_EQ(reply.secret_size, 0u);
}

TEST(SecretReplyTest, SecretPppdCannotHoldIsNotCutShort) {
  EXPECT_EQ(Reply(std::string(255, 'x')).found, 1);
  EXPECT_EQ(Reply(std::string(256, 'x')).found, 0);
  EXPECT_EQ(Reply(std::string("a\0b", 3)).found, 0);
}

l2tp_plugin_login_reply LoginReply(const control::LoginAnswer& answer) {
  const Bytes octets = EncodeLoginReply(9, control::PppId(77), answer);
  l2tp_plugin_login_reply reply;
  EXPECT_EQ(octets.size(), sizeof(reply));
  std::memcpy(&reply, octets.data(), sizeof(reply));
  return reply;
}

TEST(LoginReplyTest, CarriesVerdictAndSecret) {
  using Verdict = control::LoginAnswer::Verdict;
  const auto check = LoginReply({Verdict::kCheck, "opensesame"});
  EXPECT_EQ(check.header.sequence, 9u);
  EXPECT_EQ(check.verdict, L2TP_PLUGIN_LOGIN_CHECK);
  EXPECT_STREQ(check.secret, "opensesame");
  EXPECT_STREQ(LoginReply({Verdict::kCheck, "opensesame", "Ren\xc3\xa9"}).name, "Ren\xc3\xa9");
  EXPECT_EQ(LoginReply({Verdict::kAccepted, ""}).verdict, L2TP_PLUGIN_LOGIN_ACCEPTED);
  EXPECT_EQ(LoginReply({}).verdict, L2TP_PLUGIN_LOGIN_REFUSED);
  // What would have to be cut short is a refusal.
  EXPECT_EQ(LoginReply({Verdict::kCheck, std::string(256, 'x')}).verdict,
            L2TP_PLUGIN_LOGIN_REFUSED);
}

TEST(AdmitReplyTest, CarriesAddressesOrWhyNot) {
  control::PeerAdmission admission;
  admission.admitted = true;
  admission.peer_address = *IpAddress::Parse("10.0.0.2");
  admission.peer_interface_id = *IpAddress::Parse("::1:2:3:4");
  admission.dns = {*IpAddress::Parse("10.0.0.53")};
  admission.session_timeout = Duration::Seconds(60);
  admission.idle_timeout = Duration::Seconds(30);
  Bytes octets = EncodeAdmitReply(9, control::PppId(77), admission);
  l2tp_plugin_admit_reply reply;
  ASSERT_EQ(octets.size(), sizeof(reply));
  std::memcpy(&reply, octets.data(), sizeof(reply));
  EXPECT_EQ(reply.admitted, 1);
  EXPECT_EQ(reply.peer_address, 0x0a000002u);
  EXPECT_EQ(reply.dns[0], 0x0a000035u);
  EXPECT_EQ(reply.dns[1], 0u);
  EXPECT_EQ(reply.session_timeout, 60u);
  EXPECT_EQ(reply.idle_timeout, 30u);
  const uint8_t id[8] = {0, 1, 0, 2, 0, 3, 0, 4};
  EXPECT_EQ(std::memcmp(reply.peer_interface_id, id, sizeof(id)), 0);

  admission = {};
  admission.message = std::string(300, 'x');
  octets = EncodeAdmitReply(9, control::PppId(77), admission);
  std::memcpy(&reply, octets.data(), sizeof(reply));
  EXPECT_EQ(reply.admitted, 0);
  EXPECT_EQ(reply.peer_address, 0u);
  EXPECT_EQ(std::strlen(reply.message), sizeof(reply.message) - 1);
}

PluginMessage News(uint32_t sequence, PluginMessageBody body) {
  PluginMessage message;
  message.sequence = sequence;
  message.body = std::move(body);
  return message;
}

control::PppAuth Login(bool of_peer) {
  control::PppAuth login;
  login.auth.we_are_authenticator = of_peer;
  return login;
}

TEST(NewsFilterTest, NewsAreNewOnceAndNeverAfterLaterOnes) {
  NewsFilter filter;
  EXPECT_TRUE(filter.IsNew(News(2, control::PppIpDown())));
  EXPECT_FALSE(filter.IsNew(News(2, control::PppIpDown())));
  EXPECT_FALSE(filter.IsNew(News(1, control::PppIpDown())));
  EXPECT_TRUE(filter.IsNew(News(3, control::PppIpDown())));
}

TEST(NewsFilterTest, KindsMaySkipAheadOfEachOther) {
  NewsFilter filter;
  EXPECT_TRUE(filter.IsNew(News(5, control::PppIpDown())));
  EXPECT_TRUE(filter.IsNew(News(4, control::PppIpv6Down())));
}

TEST(NewsFilterTest, BothLoginsSentAgainAreBothKnown) {
  NewsFilter filter;
  EXPECT_TRUE(filter.IsNew(News(2, Login(/*of_peer=*/true))));
  EXPECT_TRUE(filter.IsNew(News(1, Login(/*of_peer=*/false))));
  EXPECT_FALSE(filter.IsNew(News(2, Login(/*of_peer=*/true))));
  EXPECT_FALSE(filter.IsNew(News(1, Login(/*of_peer=*/false))));
}

TEST(QuotedTest, EscapesWhatWouldEndAFieldOrALine) {
  EXPECT_EQ(Quoted("plain text"), "\"plain text\"");
  EXPECT_EQ(Quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("a\nb\x1b\x7f"), R"("a\x0ab\x1b\x7f")");
}

}  // namespace
}  // namespace l2tp::ppp
