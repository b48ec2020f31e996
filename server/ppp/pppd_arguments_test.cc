#include "server/ppp/pppd_arguments.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace l2tp::ppp {
namespace {

using control::AuthMethod;
using control::PppId;
using control::PppSpec;

// The command line as one text, with a space at either end, so that " auth " finds a whole word.
std::string CommandLine(const PppSpec& spec, Settings settings = {}) {
  return absl::StrCat(" ", absl::StrJoin(PppdPlugins(settings), " "), " ",
                      absl::StrJoin(PppdOptions(settings, spec, PppId(77)), " "), " ");
}

PppSpec Plain() {
  PppSpec spec;
  spec.name = "tunnels/a/sessions/b";
  spec.tunnel_id = TunnelId(11);
  spec.session_id = SessionId(22);
  return spec;
}

#define EXPECT_SAYS(line, words) \
  EXPECT_TRUE(absl::StrContains(line, absl::StrCat(" ", words, " "))) << line
#define EXPECT_SILENT(line, words) \
  EXPECT_FALSE(absl::StrContains(line, absl::StrCat(" ", words, " "))) << line

TEST(PppdArgumentsTest, DefaultsOfTheDistributionAreOverridden) {
  // Debian's /etc/ppp/options: asyncmap 0, auth, lcp-echo-interval 30, lcp-echo-failure 4.
  const std::string line = CommandLine(Plain());
  EXPECT_SAYS(line, "noauth");
  EXPECT_SAYS(line, "lcp-echo-interval 0");
  EXPECT_SAYS(line, "lcp-echo-failure 0");
  EXPECT_SAYS(line, "nodetach");
  EXPECT_SAYS(line, "nopersist");
  EXPECT_SAYS(line, "logfd 2");
  EXPECT_SAYS(line, "nodefaultroute");
  EXPECT_SAYS(line, "noipv6");
}

TEST(PppdArgumentsTest, PluginsAreLoadedFromOurFolderTransportFirst) {
  Settings settings;
  settings.plugin_dir = "/opt/plugins";
  settings.event_socket = "/run/x/ppp.sock";
  const std::string line = CommandLine(Plain(), settings);
  EXPECT_SAYS(line, "plugin /opt/plugins/pppol2tp.so plugin /opt/plugins/pppol2tp_events.so");
  EXPECT_SAYS(line,
              "pppol2tp 3 pppol2tp_tunnel_id 11 pppol2tp_session_id 22 pppol2tp_hold 4 "
              "pppol2tp_keep_settings "
              "pppol2tp_events_socket /run/x/ppp.sock pppol2tp_events_instance 77");
}

TEST(PppdArgumentsTest, DataPathIsLeftAsItIsAndTheLnsLetsTheLacSpeakFirst) {
  PppSpec spec = Plain();
  EXPECT_SAYS(CommandLine(spec), "pppol2tp_keep_settings");
  EXPECT_FALSE(absl::StrContains(CommandLine(spec), "pppol2tp_listen_time"));
  spec.lns = true;
  EXPECT_SAYS(CommandLine(spec), "pppol2tp_keep_settings pppol2tp_listen_time 1");
}

// Holds: R-2661-8.1-16
TEST(PppdArgumentsTest, HeadersAreNotCompressed) {
  EXPECT_SAYS(CommandLine(Plain()), "noaccomp nopcomp novj novjccomp");
}

TEST(PppdArgumentsTest, PeerThatNeedNotLogInIsNotAsked) {
  const std::string line = CommandLine(Plain());
  EXPECT_SAYS(line, "noauth");
  EXPECT_FALSE(absl::StrContains(line, "require-"));
  EXPECT_SILENT(line, "pppol2tp_events_auth");
}

TEST(PppdArgumentsTest, PeerMustLogInWithOneOfTheMethodsGiven) {
  PppSpec spec = Plain();
  spec.require_auth = {AuthMethod::kPap, AuthMethod::kMsChapV2};
  const std::string line = CommandLine(spec);
  EXPECT_SAYS(line, "auth require-mschap-v2 require-pap");
  EXPECT_SILENT(line, "require-chap");
  EXPECT_SILENT(line, "noauth");
  EXPECT_SAYS(line, "pppol2tp_events_auth");
}

TEST(PppdArgumentsTest, WithoutANameWeRefuseToLogIn) {
  EXPECT_SAYS(CommandLine(Plain()),
              "refuse-eap refuse-mschap refuse-pap refuse-chap refuse-mschap-v2");
}

TEST(PppdArgumentsTest, WithANameWeLogInWithAnythingButTheBrokenMethods) {
  PppSpec spec = Plain();
  spec.user = "alice@example.net";
  const std::string line = CommandLine(spec);
  EXPECT_SAYS(line, "refuse-eap refuse-mschap user alice@example.net");
  EXPECT_SILENT(line, "refuse-pap");
  EXPECT_SAYS(line, "pppol2tp_events_auth");
}

TEST(PppdArgumentsTest, NameIsOneArgumentWhateverIsInIt) {
  PppSpec spec = Plain();
  spec.user = "alice secret \"x\" plugin evil.so";
  const std::vector<std::string> words = PppdOptions(Settings(), spec, PppId(1));
  EXPECT_EQ(std::count(words.begin(), words.end(), spec.user), 1);
  EXPECT_EQ(std::count(words.begin(), words.end(), "evil.so"), 0);
}

TEST(PppdArgumentsTest, UnsetAddressesAreTakenFromThePeer) {
  const std::string line = CommandLine(Plain());
  EXPECT_SAYS(line, "noipdefault ipcp-accept-local ipcp-accept-remote");
  EXPECT_FALSE(absl::StrContains(line, " : "));
}

TEST(PppdArgumentsTest, AddressesThatAreSetAreInsistedOn) {
  PppSpec spec = Plain();
  spec.local_address = *IpAddress::Parse("192.0.2.1");
  EXPECT_SAYS(CommandLine(spec), "noipdefault ipcp-accept-remote 192.0.2.1:");
  spec.peer_address = *IpAddress::Parse("192.0.2.2");
  EXPECT_SAYS(CommandLine(spec), "noipdefault 192.0.2.1:192.0.2.2");
  spec.local_address = IpAddress();
  EXPECT_SAYS(CommandLine(spec), "noipdefault ipcp-accept-local :192.0.2.2");
}

TEST(PppdArgumentsTest, TwoIpv4NameServersAtMostAreToldToThePeer) {
  PppSpec spec = Plain();
  for (const char* server : {"2001:db8::1", "192.0.2.3", "192.0.2.4", "192.0.2.5"}) {
    spec.dns.push_back(*IpAddress::Parse(server));
  }
  const std::string line = CommandLine(spec);
  EXPECT_SAYS(line, "ms-dns 192.0.2.3 ms-dns 192.0.2.4");
  EXPECT_FALSE(absl::StrContains(line, "192.0.2.5"));
  EXPECT_FALSE(absl::StrContains(line, "2001"));
}

TEST(PppdArgumentsTest, AsyncmapIsHexadecimal) {
  PppSpec spec = Plain();
  EXPECT_SAYS(CommandLine(spec), "asyncmap 0");
  spec.asyncmap = 0xa0000;
  EXPECT_SAYS(CommandLine(spec), "asyncmap a0000");
}

TEST(PppdArgumentsTest, SizesAreLeftToPppdUnlessGiven) {
  EXPECT_SILENT(CommandLine(Plain()), "mtu");
  PppSpec spec = Plain();
  spec.mtu = 1420;
  spec.mru = 1400;
  EXPECT_SAYS(CommandLine(spec), "mtu 1420 mru 1400");
}

TEST(PppdArgumentsTest, InterfaceStaysWhereItIsUnlessItIsToGoElsewhere) {
  EXPECT_SILENT(CommandLine(Plain()), "pppol2tp_netns");
  EXPECT_SILENT(CommandLine(Plain()), "pppol2tp_vrf");
  PppSpec spec = Plain();
  spec.network_namespace = "customers";
  spec.vrf = "vrf-blue";
  EXPECT_SAYS(CommandLine(spec), "pppol2tp_netns customers pppol2tp_vrf vrf-blue");
}

TEST(PppdArgumentsTest, EncryptionIsRequiredOrSwitchedOff) {
  EXPECT_SAYS(CommandLine(Plain()), "nomppe noccp");
  PppSpec spec = Plain();
  spec.mppe_required = true;
  const std::string line = CommandLine(spec);
  EXPECT_SAYS(line, "require-mppe-128 nomppe-stateful");
  EXPECT_SILENT(line, "noccp");
}

TEST(PppdArgumentsTest, RadiusIsAskedByPppdsOwnPluginWithTheNumbersAsStationIds) {
  PppSpec spec = Plain();
  spec.require_auth = {AuthMethod::kChapMd5};
  spec.radius = control::RadiusSpec();
  spec.radius->secret = "s3cret";
  spec.called_number = "555 1000";
  spec.calling_number = "5552000";
  const std::vector<std::string> words = PppdOptions(Settings(), spec, PppId(1), "/run/x/1.conf");
  const std::string line = absl::StrCat(" ", absl::StrJoin(words, " "), " ");
  EXPECT_SAYS(line,
              "plugin radius.so radius-config-file /run/x/1.conf avpair "
              "Called-Station-Id=555_1000 remotenumber 5552000");
  EXPECT_FALSE(absl::StrContains(line, "s3cret"));
  // Whoever is loaded later has the peer's login.
  EXPECT_LT(line.find("pppol2tp_events_auth"), line.find("radius.so"));
}

TEST(PppdArgumentsTest, Ipv6DefaultRouteNeedsBoth) {
  PppSpec spec = Plain();
  spec.default_route = true;
  EXPECT_SAYS(CommandLine(spec), "defaultroute noproxyarp noipv6 nodefaultroute6");
  spec.ipv6 = true;
  EXPECT_SAYS(CommandLine(spec), "defaultroute noproxyarp +ipv6 defaultroute6");
  spec.peer_interface_id = *IpAddress::Parse("::1:7");
  EXPECT_SAYS(CommandLine(spec), "+ipv6 ipv6 ,::1:7 defaultroute6");
}

TEST(PppdArgumentsTest, OptionsOfTheProfileComeAfterOurs) {
  PppSpec spec = Plain();
  spec.more_options = {"idle", "600", "proxyarp"};
  spec.proxyarp = true;
  const std::string line = CommandLine(spec);
  EXPECT_TRUE(absl::EndsWith(line, " idle 600 proxyarp ")) << line;
  EXPECT_FALSE(absl::StrContains(line, "noproxyarp")) << line;  // which would forbid it
}

TEST(PppdArgumentsTest, OptionsOfTheOperatorComeLast) {
  Settings settings;
  settings.extra_arguments = {"lcp-restart", "1"};
  const std::string line = CommandLine(Plain(), settings);
  EXPECT_TRUE(absl::EndsWith(line, " lcp-restart 1 ")) << line;
}

}  // namespace
}  // namespace l2tp::ppp
