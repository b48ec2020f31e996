#include "server/protocol/call_info.h"

#include <gtest/gtest.h>

#include <string>

#include "server/wire/message.h"

namespace l2tp::protocol {
namespace {

CallInfo WithLogin() {
  CallInfo call;
  call.calling_number = "5552000";
  call.proxy.authen_type = 3;
  call.proxy.authen_name = "alice the caller";
  call.proxy.authen_response = "open sesame";
  return call;
}

// Holds: R-2661-4.3-16
TEST(CallInfoTest, WithHidingNoPasswordNameOrNumberGoesInTheClear) {
  const Bytes random(16, 0x5a);
  const wire::HidingParams hiding{"s3cret", random, {}};
  for (const bool hide : {false, true}) {
    std::string octets;
    for (const wire::Message& message :
         {MakeIcrq(SessionId(7), WithLogin()), MakeIccn(WithLogin())}) {
      const Bytes body = EncodeBody(message, hide ? &hiding : nullptr);
      octets.append(body.begin(), body.end());
    }
    for (const char* secret : {"open sesame", "alice", "5552000"}) {
      EXPECT_EQ(octets.find(secret) == std::string::npos, hide) << secret;
    }
  }
}

// Holds: R-2661-4.4.5-16
TEST(CallInfoTest, HighOctetOfTheProxyAuthenIdIsIgnored) {
  CallInfo call = WithLogin();
  call.proxy.authen_id = 0x1207;
  CallInfo read;
  ReadIccn(MakeIccn(call), &read);
  EXPECT_EQ(read.proxy.authen_id, 0x07);
}

}  // namespace
}  // namespace l2tp::protocol
