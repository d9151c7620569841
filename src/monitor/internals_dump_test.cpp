// Dumps of chrome://webrtc-internals: a real one is read in tests/binary/webrtc_lens.test.mjs; here
// the older spellings, gaps, and what is no dump.
#include "monitor/internals_dump.hpp"

#include <gtest/gtest.h>

#include "monitor/timeline.hpp"

namespace telltale::monitor {
namespace {

using base::JsonArray;
using base::JsonObject;

JsonObject series(std::string_view type, std::string values,
                  std::string_view start = "2026-11-22T00:54:08.000Z",
                  std::string_view end = "2026-11-22T00:54:12.000Z") {
  return {{"startTime", start}, {"endTime", end}, {"statsType", type}, {"values", values}};
}

JsonObject connection() {
  return {
      {"url", "https://user@meet.example:8443/room?secret=1"},
      {"stats",
       JsonObject{
           {"IT01V1-kind", series("inbound-rtp", R"(["video","video","video","video","video"])")},
           {"IT01V1-ssrc", series("inbound-rtp", "[1,1,1,1,1]")},
           {"IT01V1-bytesReceived", series("inbound-rtp", "[0,125000,250000,375000,500000]")},
           {"IT01V1-packetsReceived", series("inbound-rtp", "[0,100,200,300,380]")},
           {"IT01V1-packetsLost", series("inbound-rtp", "[0,0,0,0,20]")},
           {"IT01V1-framesDecoded", series("inbound-rtp", "[0,30,60,90,120]")},
           {"IT01V1-framesReceived", series("inbound-rtp", "[0,30,60,90,120]")},
           {"IT01V1-[framesDecoded/s]", series("inbound-rtp", "[30,30,30,30]")},
           // A member that came two looks later.
           {"IT01V1-freezeCount", series("inbound-rtp", "[0,0,2]", "2026-11-22T00:54:10.000Z")},
           {"CIT01_96_level-asymmetry-allowed=1-mimeType",
            series("codec",
                   R"(["video/H264","video/H264","video/H264","video/H264","video/H264"])")},
           {"IT01V1-codecId",
            series("inbound-rtp",
                   R"(["CIT01_96_level-asymmetry-allowed=1","CIT01_96_level-asymmetry-allowed=1",)"
                   R"("CIT01_96_level-asymmetry-allowed=1","CIT01_96_level-asymmetry-allowed=1",)"
                   R"("CIT01_96_level-asymmetry-allowed=1"])")}}},
      // As older browsers wrote it, seven hours west.
      {"updateLog", JsonArray{JsonObject{{"time", "11/21/2026, 5:54:07 PM"},
                                         {"type", "iceconnectionstatechange"},
                                         {"value", "connected"}},
                              JsonObject{{"time", "11/21/2026, 5:54:07 PM"},
                                         {"type", "connectionstatechange"},
                                         {"value", "connected"}},
                              JsonObject{{"time", "11/21/2026, 5:54:11 PM"},
                                         {"type", "connectionstatechange"},
                                         {"value", "\"disconnected\""}}}}};
}

std::string dump(JsonObject connections) {
  return base::write_json(JsonObject{{"getUserMedia", JsonArray()},
                                     {"PeerConnections", std::move(connections)},
                                     {"UserAgent", "x"}});
}

TEST(InternalsDump, becomes_a_timeline) {
  const auto read = read_internals_dump(
      dump({{"8-1", connection()}, {"8-2", JsonObject{{"url", "https://a.example/"}}}}), Config{});
  ASSERT_TRUE(read) << read.error().detail;
  ASSERT_EQ(read->connections.size(), 1U);
  EXPECT_EQ(read->empty, 1U);
  const auto& one = read->connections[0];
  EXPECT_EQ(one.source, "meet.example:8443");
  EXPECT_EQ(base::string_or(one.summary, "url"), "https://user@meet.example:8443/room");
  EXPECT_EQ(base::format_rfc3339(one.created), "2026-11-22T00:54:07.000Z");
  EXPECT_EQ(base::format_rfc3339(one.closed), "2026-11-22T00:54:12.000Z");
  const auto timeline = Timeline::unpack(one.timeline);
  ASSERT_TRUE(timeline);
  const auto points = timeline->points();
  ASSERT_EQ(points.size(), 5U);
  EXPECT_NEAR(points[2].bitrate_kbps, 1'000, 5);
  EXPECT_NEAR(points[2].frames_per_second.value_or(0), 30, 0.6);
  EXPECT_EQ(points[2].state, rtc::ConnectionState::connected);
  EXPECT_EQ(points[4].state, rtc::ConnectionState::disconnected);
  EXPECT_NEAR(points[4].loss_percent, 20, 0.1);
  EXPECT_FALSE(points[3].froze);
  EXPECT_TRUE(points[4].froze);
  EXPECT_LT(points[4].health.value_or(100), points[2].health.value_or(0));
  std::vector<std::string_view> happened;
  for (const auto& event : timeline->events()) happened.push_back(happened_name(event.kind));
  for (const auto* const what : {"created", "ice_connected", "connected", "disconnected", "closed"})
    EXPECT_NE(std::ranges::find(happened, what), happened.end()) << what;
}

TEST(InternalsDump, what_is_none_is_refused) {
  for (const std::string text :
       {"", "[]", "{}", "{\"PeerConnections\":[]}", "\x1f\x8b broken", "{"}) {
    const auto read = read_internals_dump(text, Config{});
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, base::Code::invalid_argument) << text;
  }
}

// Found by its fuzzer: 314 years are more nanoseconds than 64 bits hold.
TEST(InternalsDump, times_far_apart_do_not_overflow) {
  for (const auto* const far : {"2284-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"}) {
    auto odd = connection();
    auto& stats = odd["stats"].as_object();
    for (auto& [id, entry] : stats) entry.as_object()["endTime"] = far;
    odd["updateLog"] = JsonArray{JsonObject{
        {"timestamp", -1.0e15}, {"type", "connectionstatechange"}, {"value", "connected"}}};
    const auto read = read_internals_dump(dump({{"8-1", std::move(odd)}}), Config{});
    ASSERT_TRUE(read) << read.error().detail;
    ASSERT_EQ(read->connections.size(), 1U);
    EXPECT_EQ(base::format_rfc3339(read->connections[0].created), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(base::format_rfc3339(read->connections[0].closed), "2100-01-01T00:00:00.000Z");
  }
}

TEST(InternalsDump, broken_series_are_left_out) {
  auto one = connection();
  auto& stats = one["stats"].as_object();
  stats["x"] = 1;
  stats["-"] = JsonObject();
  stats["a-"] = series("codec", "[1]");
  stats["IT01V1-jitter"] = series("inbound-rtp", "[1,2");
  stats["IT01V1-pliCount"] = series("inbound-rtp", "[1]", "yesterday");
  stats["T-dtlsState"] = series("transport", "[]");
  const auto read = read_internals_dump(dump({{"1-1", one}}), Config{});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->connections.size(), 1U);
}

TEST(InternalsDump, connections_have_a_limit) {
  JsonObject many;
  for (std::size_t i = 0; i <= kDumpConnectionsMax; ++i)
    many["1-" + std::to_string(i)] = JsonObject();
  EXPECT_FALSE(read_internals_dump(dump(std::move(many)), Config{}));
}

}  // namespace
}  // namespace telltale::monitor
