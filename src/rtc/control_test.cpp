// What the control plane tells: ICE servers with their credentials, v0 records.
#include <gtest/gtest.h>

#include "rtc/ice_servers.hpp"
#include "rtc/v0_records.hpp"

namespace telltale::rtc {
namespace {

const base::WallTime kNow = base::from_unix_ms(1'800'000'000'000);

TEST(IceServers, UrlsAsTheyMustBe) {
  struct Case {
    const char* url;
    bool good;
  };
  for (const auto& one :
       {Case{"stun:stun.example", true}, Case{"stuns:stun.example:5349", true},
        Case{"turn:[2001:db8::1]:3478?transport=tcp", true}, Case{"http://x", false},
        Case{"stun:", false}, Case{"stun:a b", false}, Case{"stun:a>; rel=\"x\"", false},
        Case{"", false}, Case{"stun:a\r\nx: y", false}}) {
    const auto made = IceServers::open({.urls = {one.url}, .turn_secret = "s"});
    EXPECT_EQ(made.has_value(), one.good) << one.url;
  }
  EXPECT_FALSE(IceServers::open({.urls = {"turn:t"}})) << "no credentials";
  EXPECT_FALSE(IceServers::open({.urls = std::vector<std::string>(17, "stun:s")}));
}

TEST(IceServers, CredentialsForATime) {
  const auto made = IceServers::open(
      {.urls = {"stun:s", "turn:t"}, .turn_secret = "shhh", .life = std::chrono::hours(1)});
  const auto list = made->servers("ada \"x\"", kNow);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].username, "");
  EXPECT_EQ(list[1].username, "1800003600:ada__x_");
  // printf '1800003600:ada__x_' | openssl dgst -sha1 -hmac shhh -binary | base64
  EXPECT_EQ(list[1].credential, "5S4okp+YdWQQUhb7y0AmbHeYlbs=");
  const auto fixed =
      IceServers::open({.urls = {"turn:t"}, .turn_username = "u", .turn_password = "p"});
  EXPECT_EQ(base::write_json(fixed->as_json("ada", kNow)),
            R"([{"urls":["turn:t"],"username":"u","credential":"p"}])");
}

TEST(V0Records, StatusAndQuality) {
  struct Case {
    ConnectionState state;
    const char* error;
    const char* status;
    const char* connection_state;
  };
  for (const auto& one : {Case{ConnectionState::connecting, "", "connecting", "connecting"},
                          Case{ConnectionState::connected, "", "active", "connected"},
                          Case{ConnectionState::disconnected, "", "active", "disconnected"},
                          Case{ConnectionState::closed, "", "closed", "closed"},
                          Case{ConnectionState::closed, "no DTLS", "failed", "failed"}}) {
    ConnectionRecord record;
    record.state = one.state;
    record.error = one.error;
    const auto shown = v0::connection(record);
    EXPECT_EQ(shown.at("status").as_string(), one.status);
    EXPECT_EQ(shown.at("connection_state").as_string(), one.connection_state);
    EXPECT_EQ(shown.at("errors").as_array().size(), *one.error == '\0' ? 0U : 1U);
  }
  ConnectionRecord record;
  for (const auto quality : {Quality::low, Quality::medium, Quality::high}) {
    record.quality = quality;
    EXPECT_EQ(parse_quality(std::to_string(v0::quality_number(record))), quality)
        << "the number says the same as the name";
  }
  record.quality = Quality::automatic;
  record.rendition = "low";
  EXPECT_EQ(v0::quality_number(record), 20);
}

TEST(V0Records, WhatHappenedInItsOrder) {
  ConnectionRecord record;
  record.times = {.created = kNow,
                  .ice_connected = kNow + std::chrono::milliseconds(20),
                  .connected = kNow + std::chrono::milliseconds(50),
                  .first_packet = kNow + std::chrono::milliseconds(60),
                  .closed = kNow + std::chrono::seconds(9)};
  record.switches.push_back(
      {.at = kNow + std::chrono::seconds(2), .from = "low", .to = "high", .reason = "room"});
  record.close_reason = "peer";
  const auto shown = v0::connection(record);
  double last = 0;
  std::string types;
  for (const auto& event : shown.at("lifecycle_events").as_array()) {
    const auto at = event.at("timestamp").to_number<double>();
    EXPECT_GE(at, last);
    last = at;
    types += std::string(event.at("type").as_string()) + " ";
  }
  EXPECT_EQ(types,
            "connection_state_change ice_state_change connection_state_change first_packet "
            "quality_change connection_state_change ");
  EXPECT_EQ(shown.at("end_time").to_number<double>(), 1'800'000'009.0);
  EXPECT_EQ(v0::figures(record).at("latency").at("signaling").at("ms").to_number<double>(), 50.0);
}

TEST(V0Records, OperationsUnderTheirOldNames) {
  store::OperationRecord record;
  record.operation_id = "op_1";
  record.operation = "webrtc.close";
  record.status = "failed";
  record.arguments = base::JsonObject{{"connection_id", "rtc_1"}};
  record.error = base::JsonObject{{"detail", "there is no connection rtc_1"}};
  record.start_time = kNow;
  record.duration_ms = 250;
  const auto shown = v0::operation(record);
  EXPECT_EQ(shown.at("operation").as_string(), "close_connection");
  EXPECT_EQ(shown.at("connection_id").as_string(), "rtc_1");
  EXPECT_EQ(shown.at("success").as_bool(), false);
  EXPECT_EQ(shown.at("error").as_string(), "there is no connection rtc_1");
  EXPECT_EQ(shown.at("duration").to_number<double>(), 0.25);
  EXPECT_TRUE(shown.at("end_time").is_null());
}

}  // namespace
}  // namespace telltale::rtc
