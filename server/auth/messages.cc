#include "server/auth/messages.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace l2tp::auth {
namespace {

namespace auth_v1 = ::l2tp::auth::v1;

constexpr size_t kMaxPassword = 255;
constexpr size_t kMaxReason = 200;
constexpr int kMaxRoutes = 64;
constexpr int64_t kLongest = int64_t{366} * 24 * 3600;  // seconds
constexpr int64_t kShortestInterim = 10;

absl::Status Invalid(absl::string_view what) { return absl::InvalidArgumentError(what); }

// A message's texts are UTF-8; what an L2TP peer tells is any octets.
std::string Ascii(std::string text) {
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return text;
}

void SetFacts(const control::SessionFacts& facts, auth_v1::SessionFacts* out) {
  out->set_session(facts.session);
  out->set_session_uid(facts.session_uid);
  out->set_profile(facts.profile);
  out->set_user(Ascii(facts.user));
  out->set_peer_ip_address(facts.peer_address.ToString());
  out->set_peer_host_name(Ascii(facts.peer_host_name));
  out->set_called_number(Ascii(facts.called_number));
  out->set_calling_number(Ascii(facts.calling_number));
}

void SetChap(const control::PeerLogin& login, auth_v1::ChapProof* out) {
  out->set_id(login.chap_id);
  out->set_challenge(login.challenge);
  out->set_response(login.response);
}

absl::StatusOr<IpAddress> ReadAddress(absl::string_view name, const std::string& text) {
  if (text.empty()) return IpAddress();
  const auto address = IpAddress::Parse(text);
  if (!address.has_value() || !address->is_v4() || address->is_unspecified()) {
    return Invalid(absl::StrCat(name, " is not an IPv4 address"));
  }
  return *address;
}

absl::StatusOr<Duration> ReadSeconds(absl::string_view name,
                                     const google::protobuf::Duration& duration, int64_t least) {
  const int64_t seconds = duration.seconds();
  if (seconds == 0 && duration.nanos() == 0) return Duration();
  if (seconds < least || seconds > kLongest || duration.nanos() != 0) {
    return Invalid(absl::StrCat(name, " is not whole seconds, 0 or ", least, " to ", kLongest));
  }
  return Duration::Seconds(seconds);
}

absl::StatusOr<control::Authorization> ReadAcceptance(const auth_v1::Acceptance& accept) {
  control::Authorization result;
  result.accepted = true;
  if (accept.has_password()) {
    const std::string& password = accept.password();
    if (password.empty() || password.size() > kMaxPassword ||
        password.find('\0') != std::string::npos) {
      return Invalid("password is not 1 to 255 octets without NUL");
    }
    result.password = password;
  }
  L2TP_ASSIGN_OR_RETURN(result.address, ReadAddress("ip_address", accept.ip_address()));
  if (!accept.ipv6_interface_id().empty()) {
    const auto id = IpAddress::Parse(accept.ipv6_interface_id());
    if (!id.has_value() || !id->is_v6() || id->v6_upper() != 0 || id->v6_lower() == 0) {
      return Invalid("ipv6_interface_id is none");
    }
    result.interface_id = *id;
  }
  if (!accept.ipv6_prefix().empty()) {
    const auto prefix = IpPrefix::Parse(accept.ipv6_prefix());
    if (!prefix.has_value() || !prefix->address.is_v6() || prefix->length != 64 ||
        prefix->address.v6_lower() != 0 || prefix->address.v6_upper() == 0) {
      return Invalid("ipv6_prefix is not a prefix of 64 bits");
    }
    result.prefix = *prefix;
  }
  if (accept.dns_ip_addresses_size() > 2) return Invalid("PPP can tell at most two DNS servers");
  for (const std::string& text : accept.dns_ip_addresses()) {
    if (text.empty()) return Invalid("a DNS server has no address");
    L2TP_ASSIGN_OR_RETURN(result.dns.emplace_back(), ReadAddress("dns_ip_addresses", text));
  }
  L2TP_ASSIGN_OR_RETURN(result.session_timeout,
                        ReadSeconds("session_timeout", accept.session_timeout(), 1));
  L2TP_ASSIGN_OR_RETURN(result.idle_timeout, ReadSeconds("idle_timeout", accept.idle_timeout(), 1));
  L2TP_ASSIGN_OR_RETURN(
      result.interim_interval,
      ReadSeconds("interim_interval", accept.interim_interval(), kShortestInterim));
  if (accept.routes_size() > kMaxRoutes) return Invalid("more than 64 routes");
  for (const std::string& text : accept.routes()) {
    const auto route = IpPrefix::Parse(text);
    if (!route.has_value()) return Invalid("a route is not an address with a prefix length");
    result.routes.push_back(*route);
  }
  if (accept.downstream_rate_bps() < 0 || accept.upstream_rate_bps() < 0) {
    return Invalid("a rate is negative");
  }
  result.downstream_rate = accept.downstream_rate_bps();
  result.upstream_rate = accept.upstream_rate_bps();
  return result;
}

auth_v1::AccountRequest::Type ToProto(control::AccountingRecord::Type type) {
  switch (type) {
    case control::AccountingRecord::Type::kStart: return auth_v1::AccountRequest::TYPE_START;
    case control::AccountingRecord::Type::kInterim: return auth_v1::AccountRequest::TYPE_INTERIM;
    case control::AccountingRecord::Type::kStop: return auth_v1::AccountRequest::TYPE_STOP;
  }
  return auth_v1::AccountRequest::TYPE_UNSPECIFIED;
}

}  // namespace

void ToProto(const control::AuthorizationRequest& request, auth_v1::AuthorizeRequest* out) {
  out->set_request_id(request.request_id);
  SetFacts(request.facts, out->mutable_facts());
  switch (request.login.method) {
    case control::AuthMethod::kPap: out->set_pap_password(Ascii(request.login.response)); break;
    case control::AuthMethod::kChapMd5: SetChap(request.login, out->mutable_chap_md5()); break;
    case control::AuthMethod::kMsChapV2: SetChap(request.login, out->mutable_mschapv2()); break;
  }
}

void ToProto(const control::AccountingRecord& record, auth_v1::AccountRequest* out) {
  out->set_type(ToProto(record.type));
  SetFacts(record.facts, out->mutable_facts());
  out->set_ip_address(record.address.ToString());
  out->set_ipv6_prefix(record.prefix.ToString());
  out->mutable_duration()->set_seconds(record.duration.seconds());
  out->mutable_duration()->set_nanos(
      static_cast<int32_t>(record.duration.nanoseconds() % 1'000'000'000));
  out->set_tx_packet_count(record.counters.tx_packets);
  out->set_tx_byte_count(record.counters.tx_bytes);
  out->set_rx_packet_count(record.counters.rx_packets);
  out->set_rx_byte_count(record.counters.rx_bytes);
  out->set_cause(record.cause);
}

absl::StatusOr<control::Authorization> FromProto(const auth_v1::AuthorizeResponse& response,
                                                 bool needs_password) {
  if (response.has_reject()) {
    control::Authorization refused;
    refused.reason = response.reject().reason().substr(0, kMaxReason);
    return refused;
  }
  if (!response.has_accept()) return Invalid("no decision");
  if (needs_password && !response.accept().has_password()) {
    return Invalid("MS-CHAPv2 needs the password in the answer");
  }
  return ReadAcceptance(response.accept());
}

}  // namespace l2tp::auth
