#include "clients/l2tpctl/fields.h"

#include "gtest/gtest.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/system.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "l2tp/v1/user.pb.h"

namespace l2tp::ctl {
namespace {

TEST(SetFieldTest, ReadsEveryKindOfField) {
  v1::Profile profile;
  EXPECT_TRUE(SetField("display_name", "x=y", &profile).ok());
  EXPECT_TRUE(SetField("tunnel.hello_interval", "1500ms", &profile).ok());
  EXPECT_TRUE(SetField("tunnel.max_retransmits", "7", &profile).ok());
  EXPECT_TRUE(SetField("session.tx_connect_speed_bps", "4294967295", &profile).ok());
  EXPECT_TRUE(SetField("ppp.require_auth", "pap,chap-md5,AUTH_METHOD_MSCHAPV2", &profile).ok());
  EXPECT_TRUE(SetField("ppp.dns_ip_addresses", "192.0.2.1,192.0.2.2", &profile).ok());
  EXPECT_TRUE(SetField("ppp.ipv6", "true", &profile).ok());
  EXPECT_TRUE(SetField("ppp.asyncmap", "0xa0000", &profile).ok());
  EXPECT_EQ(profile.display_name(), "x=y");
  EXPECT_EQ(profile.tunnel().hello_interval().seconds(), 1);
  EXPECT_EQ(profile.tunnel().hello_interval().nanos(), 500'000'000);
  EXPECT_EQ(profile.tunnel().max_retransmits(), 7);
  EXPECT_EQ(profile.session().tx_connect_speed_bps(), 4294967295);
  EXPECT_EQ(profile.ppp().require_auth_size(), 3);
  EXPECT_EQ(profile.ppp().require_auth(2), v1::PppSettings::AUTH_METHOD_MSCHAPV2);
  EXPECT_EQ(profile.ppp().dns_ip_addresses(1), "192.0.2.2");
  EXPECT_TRUE(profile.ppp().ipv6());
  EXPECT_EQ(profile.ppp().asyncmap(), 0xa0000u);
}

TEST(SetFieldTest, SaysWhatIsWrong) {
  v1::Profile profile;
  const auto message = [&](const char* path, const char* value) {
    return std::string(SetField(path, value, &profile).message());
  };
  EXPECT_EQ(message("ppp.nonsense", "1"), "there is no field \"nonsense\" in PppSettings");
  EXPECT_EQ(message("ppp.mtu", "big"), "\"big\" for mtu is not a number");
  EXPECT_EQ(message("ppp.mtu", "3000000000"), "\"3000000000\" for mtu is not a number of 32 bits");
  EXPECT_EQ(message("ppp.asyncmap", "-1"),
            "\"-1\" for asyncmap is not a number between 0 and 4294967295");
  EXPECT_EQ(message("ppp.ipv6", "perhaps"), "\"perhaps\" for ipv6 is not true or false");
  EXPECT_EQ(message("tunnel.hello_interval", "30"),
            "\"30\" for hello_interval is not a duration such as 30s or 1500ms");
  EXPECT_EQ(message("ppp.require_auth", "eap"),
            "\"eap\" for require_auth is not one of its values");
  EXPECT_EQ(message("ppp", "x"), "ppp has fields of its own");
  v1::System system;
  EXPECT_EQ(SetField("listeners", "x", &system).message(),
            "listeners can only be given in a file (-f)");
  EXPECT_EQ(SetField("listeners.port", "1", &system).message(),
            "listeners has no fields that can be set");
}

TEST(SetFieldTest, NamesOfResourcesMayBeShort) {
  v1::Tunnel tunnel;
  v1::Profile profile;
  EXPECT_TRUE(SetField("profile", "lns", &tunnel).ok());
  EXPECT_TRUE(SetField("ppp.pool", "customers", &profile).ok());
  EXPECT_EQ(tunnel.profile(), "profiles/lns");
  EXPECT_EQ(profile.ppp().pool(), "pools/customers");
  EXPECT_TRUE(SetField("profile", "profiles/lns", &tunnel).ok());
  EXPECT_TRUE(SetField("ppp.pool", "", &profile).ok());
  EXPECT_EQ(tunnel.profile(), "profiles/lns");
  EXPECT_EQ(profile.ppp().pool(), "");
}

TEST(SetFieldTest, RefusesSecrets) {
  v1::Profile profile;
  v1::Tunnel tunnel;
  EXPECT_FALSE(SetField("ppp.password", "hush", &profile).ok());
  EXPECT_FALSE(SetField("secret", "hush", &tunnel).ok());
  EXPECT_EQ(tunnel.secret(), "");
}

TEST(JsonTest, HasDefaultsAndNoInputOnlyFields) {
  v1::Tunnel tunnel;
  tunnel.set_name("tunnels/a");
  const std::string json = ToJson(tunnel);
  EXPECT_NE(json.find("\"session_count\":0"), std::string::npos) << json;
  EXPECT_EQ(json.find("secret"), std::string::npos) << json;
  v1::User user;
  user.set_name("users/bob");
  EXPECT_EQ(ToJson(user).find("password"), std::string::npos);
}

TEST(JsonTest, TextThatLooksLikeASecretStays) {
  v1::Tunnel tunnel;
  tunnel.set_host_name(R"("secret":"",)");
  v1::Tunnel again;
  EXPECT_TRUE(FromJson(ToJson(tunnel), &again).ok());
  EXPECT_EQ(again.host_name(), tunnel.host_name());
}

TEST(JsonTest, UnknownFieldsAreAnError) {
  v1::Tunnel tunnel;
  EXPECT_FALSE(FromJson("{\"nonsense\": 1}", &tunnel).ok());
  EXPECT_TRUE(FromJson("{\"remote_ip_address\": \"192.0.2.1\"}", &tunnel).ok());
  EXPECT_EQ(tunnel.remote_ip_address(), "192.0.2.1");
}

}  // namespace
}  // namespace l2tp::ctl
