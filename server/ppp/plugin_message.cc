#include "server/ppp/plugin_message.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "plugin/plugin_protocol.h"
#include "server/base/status_macros.h"

namespace l2tp::ppp {
namespace {

absl::Status Invalid(absl::string_view what) { return absl::InvalidArgumentError(what); }

// A fixed-size struct from octets of any alignment; the size has to fit exactly.
template <typename T>
absl::StatusOr<T> ReadStruct(ByteSpan octets) {
  if (octets.size() != sizeof(T)) {
    return Invalid(absl::StrCat("message of ", octets.size(), " octets, its type has ", sizeof(T)));
  }
  T value;
  std::memcpy(&value, octets.data(), sizeof(T));
  return value;
}

char Printable(char c) { return c >= 0x20 && c < 0x7f ? c : '?'; }

template <size_t kSize>
absl::StatusOr<std::string> ReadText(const char (&field)[kSize], absl::string_view name) {
  const char* end = std::find(field, field + kSize, '\0');
  if (end == field + kSize) return Invalid(absl::StrCat(name, " has no end"));
  std::string text(static_cast<const char*>(field), end);
  std::transform(text.begin(), text.end(), text.begin(), Printable);
  return text;
}

absl::StatusOr<std::string> ReadInterfaceName(const char (&field)[L2TP_PLUGIN_INTERFACE_SIZE]) {
  L2TP_ASSIGN_OR_RETURN(std::string name, ReadText(field, "interface name"));
  // What the kernel allows as a device name; '?' stands for what ReadText did not like.
  if (name.empty() || name == "." || name == ".." ||
      name.find_first_of("/: ?") != std::string::npos) {
    return Invalid("not an interface name");
  }
  return name;
}

absl::StatusOr<bool> ReadBool(uint8_t value, absl::string_view name) {
  if (value > 1) return Invalid(absl::StrCat(name, " is ", value, ", not 0 or 1"));
  return value == 1;
}

// 0.0.0.0 and 224.0.0.0 upwards are not addresses a link can have.
bool IsUnicast(uint32_t address) { return address != 0 && address < 0xe0000000; }

absl::StatusOr<uint32_t> ReadMru(uint32_t mru) {
  if (mru > 0xffff) return Invalid(absl::StrCat("an MRU of ", mru));
  return mru;
}

absl::StatusOr<PluginMessageBody> DecodeHello(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_hello>(octets));
  Hello hello = {.pid = raw.pid};
  L2TP_ASSIGN_OR_RETURN(hello.plugin_version, ReadText(raw.plugin_version, "plugin version"));
  L2TP_ASSIGN_OR_RETURN(hello.pppd_version, ReadText(raw.pppd_version, "pppd version"));
  return hello;
}

constexpr std::array<absl::string_view, L2TP_PLUGIN_METHOD_LAST + 1> kMethodNames = {
    "", "PAP", "CHAP-MD5", "MS-CHAP", "MS-CHAPv2", "EAP",
};

absl::StatusOr<std::string> ReadMethod(uint8_t method) {
  if (method >= kMethodNames.size()) {
    return Invalid(absl::StrCat("unknown authentication method ", method));
  }
  std::string name(kMethodNames[method]);
  return name;
}

std::vector<uint8_t> ReadOptions(uint32_t bits) {
  std::vector<uint8_t> options;
  for (uint8_t option = 0; option < 32; ++option) {
    if ((bits >> option & 1) != 0) options.push_back(option);
  }
  return options;
}

absl::StatusOr<PluginMessageBody> DecodeLcpUp(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_lcp_up>(octets));
  control::PppLcpUp up;
  up.lcp.send_accm = raw.send_accm;
  up.lcp.receive_accm = raw.receive_accm;
  L2TP_ASSIGN_OR_RETURN(up.lcp.mru, ReadMru(raw.mru));
  L2TP_ASSIGN_OR_RETURN(up.lcp.peer_mru, ReadMru(raw.peer_mru));
  up.lcp.magic = raw.magic;
  up.lcp.peer_magic = raw.peer_magic;
  up.lcp.asked_options = ReadOptions(raw.asked_options);
  up.lcp.agreed_options = ReadOptions(raw.agreed_options);
  up.lcp.peer_options = ReadOptions(raw.peer_options);
  L2TP_ASSIGN_OR_RETURN(up.lcp.auth_of_peer, ReadMethod(raw.auth_of_peer));
  L2TP_ASSIGN_OR_RETURN(up.lcp.auth_of_us, ReadMethod(raw.auth_of_us));
  return up;
}

absl::StatusOr<PluginMessageBody> DecodePhase(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_phase>(octets));
  static_assert(L2TP_PLUGIN_PHASE_LAST == static_cast<int>(events::PppPhase::kTerminate));
  if (raw.phase == 0 || raw.phase > L2TP_PLUGIN_PHASE_LAST) {
    return Invalid(absl::StrCat("unknown phase ", raw.phase));
  }
  return control::PppPhaseChange{static_cast<events::PppPhase>(raw.phase)};
}

// By the number of the CCP option.
std::string CompressionName(uint8_t method) {
  switch (method) {
    case 0: return "";
    case 1: return "Predictor-1";
    case 2: return "Predictor-2";
    case 18: return "MPPE";
    case 21: return "BSD-Compress";
    case 24:  // before it had a number of its own
    case 26: return "Deflate";
    default: return absl::StrCat("CCP option ", method);
  }
}

absl::StatusOr<events::Compression> ReadCompression(uint8_t method, uint8_t key_bits,
                                                    uint8_t stateful) {
  if (key_bits != 0 && key_bits != 40 && key_bits != 56 && key_bits != 128) {
    return Invalid(absl::StrCat("a key of ", key_bits, " bits"));
  }
  events::Compression compression = {.method = CompressionName(method), .key_bits = key_bits};
  L2TP_ASSIGN_OR_RETURN(compression.stateful, ReadBool(stateful, "stateful"));
  return compression;
}

absl::StatusOr<PluginMessageBody> DecodeCcpUp(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_ccp_up>(octets));
  control::PppCcpUp up;
  L2TP_ASSIGN_OR_RETURN(up.ccp.send,
                        ReadCompression(raw.send_method, raw.send_key_bits, raw.send_stateful));
  L2TP_ASSIGN_OR_RETURN(up.ccp.receive, ReadCompression(raw.receive_method, raw.receive_key_bits,
                                                        raw.receive_stateful));
  return up;
}

absl::StatusOr<PluginMessageBody> DecodeEcho(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_echo>(octets));
  if (raw.unanswered > INT32_MAX) {
    return Invalid(absl::StrCat(raw.unanswered, " unanswered echoes"));
  }
  return control::PppEcho{static_cast<int>(raw.unanswered)};
}

absl::StatusOr<int64_t> ReadCounter(uint64_t count) {
  if (count > INT64_MAX) return Invalid(absl::StrCat("a counter of ", count));
  return static_cast<int64_t>(count);
}

// l2tp_plugin_statistics or l2tp_plugin_exit.
template <typename T>
absl::StatusOr<events::PppCounters> ReadCounters(const T& raw) {
  events::PppCounters counters = {.connect_seconds = raw.connect_seconds};
  L2TP_ASSIGN_OR_RETURN(counters.rx_bytes, ReadCounter(raw.bytes_in));
  L2TP_ASSIGN_OR_RETURN(counters.tx_bytes, ReadCounter(raw.bytes_out));
  L2TP_ASSIGN_OR_RETURN(counters.rx_packets, ReadCounter(raw.packets_in));
  L2TP_ASSIGN_OR_RETURN(counters.tx_packets, ReadCounter(raw.packets_out));
  return counters;
}

absl::StatusOr<PluginMessageBody> DecodeStatistics(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_statistics>(octets));
  control::PppStatistics statistics;
  L2TP_ASSIGN_OR_RETURN(statistics.counters, ReadCounters(raw));
  return statistics;
}

absl::StatusOr<PluginMessageBody> DecodeAuth(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_auth>(octets));
  control::PppAuth result;
  L2TP_ASSIGN_OR_RETURN(result.auth.succeeded, ReadBool(raw.succeeded, "succeeded"));
  L2TP_ASSIGN_OR_RETURN(result.auth.we_are_authenticator,
                        ReadBool(raw.we_are_authenticator, "we_are_authenticator"));
  L2TP_ASSIGN_OR_RETURN(result.auth.user, ReadText(raw.user, "user"));
  L2TP_ASSIGN_OR_RETURN(result.auth.method, ReadMethod(raw.method));
  return result;
}

absl::StatusOr<PluginMessageBody> DecodeIpv4Up(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_ipv4_up>(octets));
  control::PppIpUp up;
  L2TP_ASSIGN_OR_RETURN(up.interface_name, ReadInterfaceName(raw.interface_name));
  if (!IsUnicast(raw.local)) return Invalid("not a local address");
  up.ipv4.local = IpAddress::FromV4(raw.local);
  if (raw.remote != 0) {
    if (!IsUnicast(raw.remote)) return Invalid("not a remote address");
    up.ipv4.remote = IpAddress::FromV4(raw.remote);
  }
  for (const uint32_t server : raw.dns) {
    if (server == 0) continue;
    if (!IsUnicast(server)) return Invalid("not a name server's address");
    up.ipv4.dns.push_back(IpAddress::FromV4(server));
  }
  return up;
}

absl::StatusOr<IpAddress> ReadLinkLocal(const uint8_t (&field)[16]) {
  std::array<uint8_t, 16> octets;
  std::copy(std::begin(field), std::end(field), octets.begin());
  if (octets[0] != 0xfe || (octets[1] & 0xc0) != 0x80) return Invalid("not a link-local address");
  return IpAddress::FromV6(octets);
}

absl::StatusOr<PluginMessageBody> DecodeIpv6Up(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_ipv6_up>(octets));
  control::PppIpv6Up up;
  L2TP_ASSIGN_OR_RETURN(up.interface_name, ReadInterfaceName(raw.interface_name));
  L2TP_ASSIGN_OR_RETURN(up.ipv6.local, ReadLinkLocal(raw.local));
  L2TP_ASSIGN_OR_RETURN(up.ipv6.remote, ReadLinkLocal(raw.remote));
  return up;
}

absl::StatusOr<PluginMessageBody> DecodeExit(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_exit>(octets));
  if (raw.status < 0 || raw.status > 255) {
    return Invalid(absl::StrCat("an exit status of ", raw.status));
  }
  ExitReport report = {.status = raw.status};
  L2TP_ASSIGN_OR_RETURN(report.counters, ReadCounters(raw));
  L2TP_ASSIGN_OR_RETURN(report.reason, ReadText(raw.reason, "reason"));
  return report;
}

absl::StatusOr<PluginMessageBody> DecodeLoginRequest(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_login_request>(octets));
  control::PeerLogin login;
  switch (raw.method) {
    case L2TP_PLUGIN_METHOD_PAP: login.method = control::AuthMethod::kPap; break;
    case L2TP_PLUGIN_METHOD_CHAP_MD5: login.method = control::AuthMethod::kChapMd5; break;
    case L2TP_PLUGIN_METHOD_MSCHAP_V2: login.method = control::AuthMethod::kMsChapV2; break;
    default: return Invalid(absl::StrCat("nobody logs in by method ", raw.method));
  }
  if (raw.challenge_size > sizeof(raw.challenge)) return Invalid("a challenge that is too long");
  L2TP_ASSIGN_OR_RETURN(login.user, ReadText(raw.user, "user"));
  login.chap_id = raw.chap_id;
  login.challenge.assign(raw.challenge, raw.challenge + raw.challenge_size);
  login.response.assign(raw.response, raw.response_size);
  return login;
}

absl::StatusOr<PluginMessageBody> DecodeAdmitRequest(ByteSpan octets) {
  L2TP_ASSIGN_OR_RETURN(const auto raw, ReadStruct<l2tp_plugin_admit_request>(octets));
  AdmitRequest request;
  L2TP_ASSIGN_OR_RETURN(request.user, ReadText(raw.user, "user"));
  return request;
}

template <typename T>
absl::StatusOr<PluginMessageBody> DecodeHeaderOnly(ByteSpan octets) {
  L2TP_RETURN_IF_ERROR(ReadStruct<l2tp_plugin_header>(octets).status());
  return T();
}

absl::StatusOr<PluginMessageBody> DecodeBody(uint16_t type, ByteSpan octets) {
  switch (type) {
    case L2TP_PLUGIN_HELLO: return DecodeHello(octets);
    case L2TP_PLUGIN_LCP_UP: return DecodeLcpUp(octets);
    case L2TP_PLUGIN_AUTH: return DecodeAuth(octets);
    case L2TP_PLUGIN_IPV4_UP: return DecodeIpv4Up(octets);
    case L2TP_PLUGIN_IPV4_DOWN: return DecodeHeaderOnly<control::PppIpDown>(octets);
    case L2TP_PLUGIN_IPV6_UP: return DecodeIpv6Up(octets);
    case L2TP_PLUGIN_IPV6_DOWN: return DecodeHeaderOnly<control::PppIpv6Down>(octets);
    case L2TP_PLUGIN_PHASE: return DecodePhase(octets);
    case L2TP_PLUGIN_CCP_UP: return DecodeCcpUp(octets);
    case L2TP_PLUGIN_CCP_DOWN: return DecodeHeaderOnly<control::PppCcpDown>(octets);
    case L2TP_PLUGIN_ECHO: return DecodeEcho(octets);
    case L2TP_PLUGIN_STATISTICS: return DecodeStatistics(octets);
    case L2TP_PLUGIN_EXIT: return DecodeExit(octets);
    case L2TP_PLUGIN_SECRET_REQUEST: return DecodeHeaderOnly<SecretRequest>(octets);
    case L2TP_PLUGIN_LOGIN_REQUEST: return DecodeLoginRequest(octets);
    case L2TP_PLUGIN_ADMIT_REQUEST: return DecodeAdmitRequest(octets);
    default: return Invalid(absl::StrCat("unknown message type ", type));
  }
}

}  // namespace

absl::StatusOr<PluginMessage> DecodePluginMessage(ByteSpan octets) {
  if (octets.size() < sizeof(l2tp_plugin_header)) {
    return Invalid(absl::StrCat("message of ", octets.size(), " octets has no header"));
  }
  L2TP_ASSIGN_OR_RETURN(const auto header, ReadStruct<l2tp_plugin_header>(
                                               octets.subspan(0, sizeof(l2tp_plugin_header))));
  if (header.magic != L2TP_PLUGIN_MAGIC) return Invalid("not a message of our plugin");
  if (header.version != L2TP_PLUGIN_VERSION) {
    return Invalid(absl::StrCat("the plugin speaks version ", header.version, ", we speak ",
                                L2TP_PLUGIN_VERSION));
  }
  if (header.size != octets.size()) {
    return Invalid(
        absl::StrCat("message of ", octets.size(), " octets claims to have ", header.size));
  }
  L2TP_ASSIGN_OR_RETURN(PluginMessageBody body, DecodeBody(header.type, octets));
  return PluginMessage{.sequence = header.sequence,
                       .instance = control::PppId(header.instance),
                       .tunnel_id = TunnelId(header.tunnel_id),
                       .session_id = SessionId(header.session_id),
                       .body = std::move(body)};
}

bool NewsFilter::IsNew(const PluginMessage& message) {
  const auto* auth = std::get_if<control::PppAuth>(&message.body);
  const bool own_login = auth != nullptr && !auth->auth.we_are_authenticator;
  uint32_t& last = own_login ? last_.back() : last_[message.body.index()];
  if (message.sequence <= last) return false;
  last = message.sequence;
  return true;
}

namespace {

template <typename Reply>
Reply NewReply(uint16_t type, uint32_t sequence, control::PppId instance) {
  Reply reply = {};
  reply.header.magic = L2TP_PLUGIN_MAGIC;
  reply.header.version = L2TP_PLUGIN_VERSION;
  reply.header.type = type;
  reply.header.size = sizeof(reply);
  reply.header.sequence = sequence;
  reply.header.instance = instance.value();
  return reply;
}

// pppd keeps secrets in C strings; one with a NUL inside would be cut short.
template <typename Reply>
bool PutSecret(const std::string& secret, Reply* reply) {
  if (secret.size() >= sizeof(reply->secret) || secret.find('\0') != std::string::npos)
    return false;
  reply->secret_size = static_cast<uint32_t>(secret.size());
  std::memcpy(reply->secret, secret.data(), secret.size());
  return true;
}

template <typename Reply>
Bytes TakeOctets(Reply* reply) {
  const auto* first = reinterpret_cast<const uint8_t*>(reply);
  Bytes octets(first, first + sizeof(Reply));
  explicit_bzero(reply, sizeof(Reply));
  return octets;
}

}  // namespace

Bytes EncodeSecretReply(uint32_t sequence, control::PppId instance,
                        const std::optional<std::string>& secret) {
  auto reply = NewReply<l2tp_plugin_secret_reply>(L2TP_PLUGIN_SECRET_REPLY, sequence, instance);
  if (secret.has_value() && PutSecret(*secret, &reply)) reply.found = 1;
  return TakeOctets(&reply);
}

Bytes EncodeLoginReply(uint32_t sequence, control::PppId instance,
                       const control::LoginAnswer& answer) {
  using Verdict = control::LoginAnswer::Verdict;
  auto reply = NewReply<l2tp_plugin_login_reply>(L2TP_PLUGIN_LOGIN_REPLY, sequence, instance);
  if (answer.verdict == Verdict::kAccepted) {
    reply.verdict = L2TP_PLUGIN_LOGIN_ACCEPTED;
  } else if (answer.verdict == Verdict::kCheck && answer.name.size() < sizeof(reply.name) &&
             PutSecret(answer.secret, &reply)) {
    reply.verdict = L2TP_PLUGIN_LOGIN_CHECK;
    std::memcpy(reply.name, answer.name.data(), answer.name.size());
  }
  return TakeOctets(&reply);
}

Bytes EncodeAdmitReply(uint32_t sequence, control::PppId instance,
                       const control::PeerAdmission& admission) {
  auto reply = NewReply<l2tp_plugin_admit_reply>(L2TP_PLUGIN_ADMIT_REPLY, sequence, instance);
  reply.admitted = admission.admitted ? 1 : 0;
  reply.peer_address = admission.peer_address.v4();
  const auto& octets = admission.peer_interface_id.octets();
  if (admission.peer_interface_id.is_v6()) {
    std::copy(octets.begin() + 8, octets.end(), reply.peer_interface_id);
  }
  for (size_t i = 0; i < admission.dns.size() && i < 2; ++i) reply.dns[i] = admission.dns[i].v4();
  reply.session_timeout = static_cast<uint32_t>(admission.session_timeout.seconds());
  reply.idle_timeout = static_cast<uint32_t>(admission.idle_timeout.seconds());
  const size_t size = std::min(admission.message.size(), sizeof(reply.message) - 1);
  std::memcpy(reply.message, admission.message.data(), size);
  return TakeOctets(&reply);
}

void WipeSecret(Bytes& octets) { explicit_bzero(octets.data(), octets.size()); }
void WipeSecret(std::string& text) { explicit_bzero(text.data(), text.size()); }

}  // namespace l2tp::ppp
