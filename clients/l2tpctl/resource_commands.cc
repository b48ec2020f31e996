// l2tpctl profile ..., pool ..., peer ...

#include "clients/l2tpctl/resource_commands.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"

namespace l2tp::ctl {
namespace {

struct ProfileKind {
  L2TP_CTL_RESOURCE_KIND(Profile, profile)

  static std::vector<std::string> Headings() { return {"PROFILE", "LOGIN", "AUTH", "POOL", "MTU"}; }
  static std::vector<std::string> Cells(const v1::Profile& profile) {
    const v1::PppSettings& ppp = profile.ppp();
    std::vector<std::string> methods;
    for (int method : ppp.require_auth()) {
      methods.push_back(Lower(v1::PppSettings::AuthMethod_Name(method), "AUTH_METHOD_"));
    }
    return {ShortName(profile.name()), ppp.user(), absl::StrJoin(methods, ","),
            ShortName(ppp.pool()), absl::StrCat(ppp.mtu())};
  }
};

struct PoolKind {
  L2TP_CTL_RESOURCE_KIND(Pool, pool)

  static std::vector<std::string> Headings() {
    return {"POOL", "FIRST", "LAST", "ADDRESSES", "IN USE"};
  }
  static std::vector<std::string> Cells(const v1::Pool& pool) {
    return {ShortName(pool.name()), pool.first_ip_address(), pool.last_ip_address(),
            absl::StrCat(pool.address_count()), absl::StrCat(pool.used_address_count())};
  }
};

struct PeerKind {
  L2TP_CTL_RESOURCE_KIND(Peer, peer)

  static std::vector<std::string> Headings() {
    return {"PEER", "ADDRESSES", "HOST NAME", "PROFILE", "CALLS"};
  }
  static std::vector<std::string> Cells(const v1::Peer& peer) {
    return {ShortName(peer.name()), peer.ip_prefix().empty() ? "any" : peer.ip_prefix(),
            peer.host_name().empty() ? "any" : peer.host_name(), ShortName(peer.profile()),
            peer.deny()          ? "denied"
            : peer.allow_calls() ? "yes"
                                 : "no"};
  }
};

const std::vector<FieldOption>& ProfileOptions() {
  static const std::vector<FieldOption> options = {
      {"--display-name", "display_name", "Name for people"},
      {"--hello-interval", "tunnel.hello_interval", "Quiet time before a HELLO; 0: none"},
      {"--retransmit-timeout", "tunnel.retransmit_timeout", "Time before the first retransmission"},
      {"--max-retransmits", "tunnel.max_retransmits", "Then the tunnel is lost"},
      {"--auth", "ppp.require_auth", "How peers must log in: pap,chap_md5,mschapv2"},
      {"--user", "ppp.user", "Name under which we log in"},
      {"--local-address", "ppp.local_ip_address", "Our address"},
      {"--pool", "ppp.pool", "Pool of the peers' addresses"},
      {"--dns", "ppp.dns_ip_addresses", "DNS servers for peers: one or two, with a comma"},
      {"--ask-dns", "ppp.ask_dns", "Ask peers for DNS servers: true or false"},
      {"--ipv6", "ppp.ipv6", "Negotiate IPv6: true or false"},
      {"--default-route", "ppp.default_route", "Route everything there: true or false"},
      {"--mtu", "ppp.mtu", "Octets"},
      {"--mru", "ppp.mru", "Octets"},
      {"--lcp-echo-interval", "ppp.lcp_echo_interval", "Time between LCP echoes; 0: none"},
      {"--lcp-echo-failures", "ppp.lcp_echo_failures", "Then the peer is dead"},
  };
  return options;
}

// "NAME:FILE" -> a user with the password in the file.
absl::Status AddUser(const std::string& text, std::istream& in, v1::PppSettings* ppp) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not NAME:FILE"));
  }
  const auto password = ReadFile(text.substr(colon + 1), in);
  if (!password.ok()) return password.status();
  v1::PppUser* user = ppp->add_users();
  user->set_name(text.substr(0, colon));
  user->set_password(*password);
  return absl::OkStatus();
}

}  // namespace

void AddProfileCommands(CLI::App* app, Context* context, Command* chosen) {
  auto password_file = std::make_shared<std::string>();
  auto users = std::make_shared<std::vector<std::string>>();
  CLI::App* create = ResourceCommands<ProfileKind>::AddTo(
      app, context, chosen, ProfileOptions(), [=](v1::Profile* profile) {
        const auto password = ReadSecret(*password_file, "L2TPCTL_PASSWORD", context->in);
        if (!password.ok()) return password.status();
        if (!password->empty()) profile->mutable_ppp()->set_password(*password);
        for (const std::string& user : *users) {
          absl::Status status = AddUser(user, context->in, profile->mutable_ppp());
          if (!status.ok()) return status;
        }
        return absl::OkStatus();
      });
  create->add_option("--password-file", *password_file,
                     "File with the password of --user; -: stdin. Or set L2TPCTL_PASSWORD");
  create->add_option("--login", *users, "Who may log in to us, with a file of the password")
      ->type_name("NAME:FILE");
}

void AddPoolCommands(CLI::App* app, Context* context, Command* chosen) {
  ResourceCommands<PoolKind>::AddTo(app, context, chosen,
                                    {{"--first", "first_ip_address", "First address"},
                                     {"--last", "last_ip_address", "Last address, inclusive"}},
                                    [](v1::Pool* /*pool*/) { return absl::OkStatus(); });
}

void AddPeerCommands(CLI::App* app, Context* context, Command* chosen) {
  auto secret_file = std::make_shared<std::string>();
  CLI::App* create = ResourceCommands<PeerKind>::AddTo(
      app, context, chosen,
      {{"--prefix", "ip_prefix", "Addresses it may come from: 192.0.2.0/24"},
       {"--host-name", "host_name", "Host Name AVP it must send"},
       {"--profile", "profile", "Profile of its tunnels"},
       {"--allow-calls", "allow_calls", "Whether it may place calls: true or false"},
       {"--allow-outgoing-calls", "allow_outgoing_calls",
        "Whether it may ask us for outgoing calls: true or false"},
       {"--deny", "deny", "Refuse its tunnels: true or false"}},
      [=](v1::Peer* peer) {
        const auto secret = ReadSecret(*secret_file, "L2TPCTL_SECRET", context->in);
        if (!secret.ok()) return secret.status();
        if (!secret->empty()) peer->set_secret(*secret);
        return absl::OkStatus();
      });
  create->add_option("--secret-file", *secret_file,
                     "File with the tunnels' secret; -: stdin. Or set L2TPCTL_SECRET");
}

}  // namespace l2tp::ctl
