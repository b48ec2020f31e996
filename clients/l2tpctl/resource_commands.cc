// l2tpctl profile ..., pool ..., user ..., peer ...

#include "clients/l2tpctl/resource_commands.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/l2tpctl/arguments.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"

namespace l2tp::ctl {
namespace {

struct ProfileKind {
  L2TP_CTL_RESOURCE_KIND(Profile, profile)

  static std::vector<std::string> Headings() {
    return {"PROFILE", "PARENT", "LOGIN", "AUTH", "POOL", "MTU"};
  }
  static std::vector<std::string> MoreHeadings() {
    return {"DISPLAY NAME", "LOCAL", "AUTHENTICATOR", "RADIUS", "NAMESPACE", "VRF"};
  }
  static std::vector<std::string> Cells(const v1::Profile& profile) {
    const v1::PppSettings& ppp = profile.effective().ppp();
    std::vector<std::string> methods;
    for (int method : ppp.require_auth()) {
      methods.push_back(Lower(v1::PppSettings::AuthMethod_Name(method), "AUTH_METHOD_"));
    }
    return {ShortName(profile.name()),
            ShortName(profile.parent()),
            ppp.user(),
            absl::StrJoin(methods, ","),
            ShortName(ppp.pool()),
            ppp.mtu() == 0 ? "path" : absl::StrCat(ppp.mtu()),
            profile.display_name(),
            ppp.local_ip_address(),
            ppp.authenticator(),
            ppp.radius().server(),
            ppp.network_namespace(),
            ppp.vrf()};
  }
};

struct PoolKind {
  L2TP_CTL_RESOURCE_KIND(Pool, pool)

  static std::vector<std::string> Headings() {
    return {"POOL", "RANGES", "ADDRESSES", "IN USE", "FREE", "PREFIXES FREE"};
  }
  static std::vector<std::string> MoreHeadings() {
    return {"RESERVED", "INTERFACE IDS", "IDS FREE", "PREFIXES"};
  }
  static std::vector<std::string> Cells(const v1::Pool& pool) {
    const auto count = [](int64_t number, int64_t total) {
      return total == 0 ? "" : absl::StrCat(number);
    };
    const int64_t total = pool.addresses().total_count();
    const int64_t prefixes = pool.prefixes().total_count();
    return {ShortName(pool.name()),
            absl::StrJoin(pool.ip_ranges(), ","),
            count(total, total),
            count(pool.addresses().used_count(), total),
            count(pool.addresses().free_count(), total),
            count(pool.prefixes().free_count(), prefixes),
            count(pool.addresses().reserved_count(), total),
            absl::StrJoin(pool.ipv6_interface_id_ranges(), ","),
            count(pool.interface_ids().free_count(), pool.interface_ids().total_count()),
            absl::StrJoin(pool.ipv6_prefixes(), ",")};
  }
};

struct UserKind {
  L2TP_CTL_RESOURCE_KIND(User, user)

  static std::vector<std::string> Headings() {
    return {"USER", "LOGIN", "PROFILE", "ADDRESS", "SESSIONS", "LIMIT"};
  }
  static std::vector<std::string> MoreHeadings() { return {"INTERFACE ID", "PREFIX"}; }
  static std::vector<std::string> Cells(const v1::User& user) {
    return {ShortName(user.name()),
            Printable(user.login()),
            user.profile().empty() ? "any" : ShortName(user.profile()),
            user.ip_address(),
            user.enabled() ? absl::StrCat(user.session_count()) : "disabled",
            user.max_sessions() == 0 ? "" : absl::StrCat(user.max_sessions()),
            user.ipv6_interface_id(),
            user.ipv6_prefix()};
  }
};

struct PeerKind {
  L2TP_CTL_RESOURCE_KIND(Peer, peer)

  static std::vector<std::string> Headings() {
    return {"PEER", "ADDRESSES", "HOST NAME", "PROFILE", "CALLS"};
  }
  static std::vector<std::string> MoreHeadings() { return {"OUTGOING CALLS"}; }
  static std::vector<std::string> Cells(const v1::Peer& peer) {
    return {ShortName(peer.name()),
            peer.ip_prefix().empty() ? "any" : peer.ip_prefix(),
            peer.host_name().empty() ? "any" : peer.host_name(),
            ShortName(peer.profile()),
            peer.deny()          ? "denied"
            : peer.allow_calls() ? "yes"
                                 : "no",
            peer.allow_outgoing_calls() ? "yes" : "no"};
  }
};

const std::vector<FieldOption>& ProfileOptions() {
  static const std::vector<FieldOption> options = {
      {"--display-name", "display_name", "Name for people"},
      {"--parent", "parent", "Profile that what is not set here is taken from"},
      {"--hello-interval", "tunnel.hello_interval", "Quiet time before a HELLO; 0: none"},
      {"--retransmit-timeout", "tunnel.retransmit_timeout", "Time before the first retransmission"},
      {"--max-retransmits", "tunnel.max_retransmits", "Then the tunnel is lost"},
      {"--udp-checksums", "tunnel.udp_checksums", "Send UDP checksums: true or false"},
      {"--dscp", "tunnel.dscp", "Code point of the tunnel's packets: 0 to 63"},
      {"--path-mtu-discovery", "tunnel.path_mtu_discovery", "dont, want, do or probe"},
      {"--device", "tunnel.device", "Interface or VRF that the tunnel's packets go by"},
      {"--auth", "ppp.require_auth", "How peers must log in: pap,chap_md5,mschapv2"},
      {"--authenticator", "ppp.authenticator",
       "Server of yours that decides about logins: unix:/PATH or HOST:PORT"},
      {"--authenticator-timeout", "ppp.authenticator_timeout", "Time for its decision: 1s to 10s"},
      {"--radius-server", "ppp.radius.server",
       "RADIUS server that decides: ADDRESS or ADDRESS:PORT"},
      {"--radius-accounting-server", "ppp.radius.accounting_server", "Likewise for accounting"},
      {"--radius-nas-identifier", "ppp.radius.nas_identifier", "What we call ourselves there"},
      {"--user", "ppp.user", "Name under which we log in"},
      {"--local-address", "ppp.local_ip_address", "Our address"},
      {"--pool", "ppp.pool", "Pool of the peers' addresses"},
      {"--dns", "ppp.dns_ip_addresses", "DNS servers for peers: one or two, with a comma"},
      {"--ask-dns", "ppp.ask_dns", "Ask peers for DNS servers: true or false"},
      {"--ipv6", "ppp.ipv6", "Negotiate IPv6: true or false"},
      {"--default-route", "ppp.default_route", "Route everything there: true or false"},
      {"--mtu", "ppp.mtu", "Octets; auto: by the path to the peer"},
      {"--mru", "ppp.mru", "Likewise"},
      {"--network-namespace", "ppp.network_namespace", "Where the interface goes: ip netns list"},
      {"--vrf", "ppp.vrf", "VRF that the interface is put into"},
      {"--scripts", "ppp.scripts", "Run pppd's scripts in /etc/ppp: true or false"},
      {"--pppd-options", "ppp.pppd_options",
       "More options of pppd, with commas: 'lcp-restart 5,idle 600'"},
      {"--lcp-echo-interval", "ppp.lcp_echo_interval", "Time between LCP echoes; 0: none"},
      {"--lcp-echo-failures", "ppp.lcp_echo_failures", "Then the peer is dead"},
  };
  return options;
}

// l2tpctl pool leases [POOL]
int ListLeases(Context* context, const std::string& pool) {
  v1::ListLeasesRequest request;
  request.set_parent(FullName("pools", pool));
  std::vector<v1::Lease> leases;
  const grpc::Status status =
      ListAll(context, &v1::PoolService::Stub::ListLeases, request, [&](const auto& page) {
        leases.insert(leases.end(), page.leases().begin(), page.leases().end());
      });
  if (!status.ok()) return context->Fail(status);
  if (IsForPrograms(context->output)) {
    context->out << EncodeList(leases, context->output);
    return kOk;
  }
  Table table({"SESSION", "POOL", "USER", "ADDRESS", "INTERFACE ID", "PREFIX"});
  for (const v1::Lease& lease : leases) {
    table.AddRow({ShortName(lease.session()), ShortName(lease.pool()), ShortName(lease.user()),
                  lease.ip_address(), lease.ipv6_interface_id(), lease.ipv6_prefix()});
  }
  context->Print(table);
  return kOk;
}

}  // namespace

void AddProfileCommands(CLI::App* app, Context* context, Command* chosen) {
  auto password_file = std::make_shared<std::string>();
  auto radius_file = std::make_shared<std::string>();
  CLI::App* create = ResourceCommands<ProfileKind>::AddTo(
      app, context, chosen, ProfileOptions(), [=](v1::Profile* profile) {
        const auto password = ReadSecret(*password_file, "L2TPCTL_PASSWORD", context->in);
        if (!password.ok()) return password.status();
        if (!password->empty()) profile->mutable_ppp()->set_password(*password);
        if (radius_file->empty()) return absl::OkStatus();
        const auto secret = ReadFile(*radius_file, context->in);
        if (!secret.ok()) return secret.status();
        profile->mutable_ppp()->mutable_radius()->set_secret(*secret);
        return absl::OkStatus();
      });
  create->add_option("--password-file", *password_file,
                     "File with the password of --user; -: stdin. Or set L2TPCTL_PASSWORD");
  create->add_option("--radius-secret-file", *radius_file, "File with the RADIUS server's secret");
}

void AddPoolCommands(CLI::App* app, Context* context, Command* chosen) {
  CLI::App* create = ResourceCommands<PoolKind>::AddTo(
      app, context, chosen,
      {{"--range", "ip_ranges", "IPv4 addresses: FIRST-LAST, or one; several with commas"},
       {"--interface-ids", "ipv6_interface_id_ranges", "IPv6 identifiers, likewise: ::1-::ff"},
       {"--prefixes", "ipv6_prefixes", "Each session gets a /64: 2001:db8:100::/48"}},
      [](v1::Pool* /*pool*/) { return absl::OkStatus(); });
  auto pool = std::make_shared<std::string>("-");
  CLI::App* leases =
      create->get_parent()->add_subcommand("leases", "List what sessions have, of one pool or all");
  leases->add_option("pool", *pool);
  leases->callback([=] { *chosen = [=] { return ListLeases(context, *pool); }; });
}

void AddUserCommands(CLI::App* app, Context* context, Command* chosen) {
  auto password_file = std::make_shared<std::string>();
  CLI::App* create = ResourceCommands<UserKind>::AddTo(
      app, context, chosen,
      {{"--login", "login", "What it calls itself in PPP; default: the id"},
       {"--enabled", "enabled", "Whether it may log in: true or false"},
       {"--profile", "profile", "Profile whose sessions it may log in to; default: any"},
       {"--address", "ip_address", "IPv4 address of its own"},
       {"--interface-id", "ipv6_interface_id", "IPv6 interface identifier of its own: ::7"},
       {"--prefix", "ipv6_prefix", "IPv6 prefix of its own: 2001:db8:1:2::/64"},
       {"--max-sessions", "max_sessions", "Sessions at a time; 0: no limit"}},
      [=](v1::User* user) {
        const auto password = ReadSecret(*password_file, "L2TPCTL_PASSWORD", context->in);
        if (!password.ok()) return password.status();
        if (!password->empty()) user->set_password(*password);
        return absl::OkStatus();
      });
  create->add_option("--password-file", *password_file,
                     "File with the password; -: stdin. Or set L2TPCTL_PASSWORD");
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
