// The WebRTC metrics: every one of the table with its type and labels, nothing of those that are
// gone, and not more series than the limit allows.
#include "app/webrtc_metrics.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "monitor/timeline.hpp"

namespace telltale::app {
namespace {

using testing::HasSubstr;
using testing::Not;

monitor::ConnectionFigures one(std::string id) {
  monitor::ConnectionFigures out{.id = std::move(id),
                                 .detailed = true,
                                 .outbound = true,
                                 .video = true,
                                 .audio = true,
                                 .video_fps = 29.5,
                                 .audio_fps = 50,
                                 .buffer_seconds = 0.12,
                                 .buffer_frames = 3.5,
                                 .underruns = 2,
                                 .outbound_kbps = 1'000,
                                 .outbound_loss_percent = 2,
                                 .jitter_ms = 4,
                                 .health = 90,
                                 .quality = 70};
  out.media_latency.record(40, monitor::kLatencyBounds);
  out.signaling_latency.record(9, monitor::kLatencyBounds);
  out.ice_connection.record(60, monitor::kIceBounds);
  out.switches.push_back(
      {.from = monitor::rendition_code("low"), .to = monitor::rendition_code("high"), .count = 3});
  out.abr = {1, 0, 2, 4};
  return out;
}

std::string text_of(const monitor::Figures& figures, std::size_t named = kConnectionsNamed) {
  exposition::MetricsText out;
  Prefetches prefetches{.succeeded = 5, .failed = 1};
  prefetches.latency_ms.record(3, monitor::kPrefetchBounds);
  write_webrtc_metrics(out, figures, prefetches, "telltale", named);
  return out.take();
}

TEST(WebrtcMetrics, all_of_the_table) {
  monitor::Figures figures{.connections_total = 4, .active = 1};
  figures.durations.record(12, monitor::kDurationBounds);
  auto& frames = figures.frames[0][monitor::rendition_code("medium")];
  frames.sent = 10;
  frames.size.record(2'000, monitor::kFrameSizeBounds, 10);
  figures.frames[1][monitor::rendition_code("audio")].received = 7;
  figures.connections.push_back(one("rtc_1"));
  figures.resources_collected = true;
  figures.cpu_percent = 12.5;
  figures.memory_bytes = 4'096;
  const auto text = text_of(figures);
  static constexpr const char* kSwitches =
      "webrtc_quality_switches_total{connection_id=\"rtc_1\",from_quality=\"low\","
      "to_quality=\"high\"} 3\n";
  for (const auto* const line :
       {"# TYPE webrtc_connections_total counter\n",
        " counter\nwebrtc_connections_total{server_id=\"telltale\"} 4",
        "webrtc_active_connections{server_id=\"telltale\"} 1\n",
        "webrtc_connection_duration_seconds_bucket{server_id=\"telltale\",le=\"5\"} 0\n",
        "webrtc_connection_duration_seconds_bucket{server_id=\"telltale\",le=\"15\"} 1\n",
        "webrtc_connection_duration_seconds_bucket{server_id=\"telltale\",le=\"+Inf\"} 1\n",
        "webrtc_connection_duration_seconds_sum{server_id=\"telltale\"} 12\n",
        "webrtc_frames_sent_total{type=\"video\",quality=\"medium\"} 10\n",
        "webrtc_frames_received_total{type=\"audio\",quality=\"audio\"} 7\n",
        "webrtc_frame_size_bytes_bucket{type=\"video\",quality=\"medium\",le=\"5120\"} 10\n",
        "webrtc_frame_rate{connection_id=\"rtc_1\",type=\"video\"} 29.5\n",
        "webrtc_frame_rate{connection_id=\"rtc_1\",type=\"audio\"} 50\n",
        "webrtc_buffer_level_frames{connection_id=\"rtc_1\",type=\"video\"} 3.5\n",
        "webrtc_buffer_level_seconds{connection_id=\"rtc_1\",type=\"video\"} 0.12\n",
        "webrtc_buffer_underruns_total{connection_id=\"rtc_1\",type=\"video\"} 2\n",
        "webrtc_bandwidth_kbps{connection_id=\"rtc_1\",direction=\"outbound\"} 1000\n",
        "webrtc_packet_loss_percent{connection_id=\"rtc_1\",direction=\"outbound\"} 2\n",
        "webrtc_latency_ms_bucket{connection_id=\"rtc_1\",type=\"media\",le=\"50\"} 1\n",
        "webrtc_latency_ms_count{connection_id=\"rtc_1\",type=\"signaling\"} 1\n",
        "webrtc_jitter_ms{connection_id=\"rtc_1\",type=\"video\"} 4\n",
        "webrtc_video_quality_score{connection_id=\"rtc_1\"} 70\n",
        "webrtc_stream_health_score{connection_id=\"rtc_1\"} 90\n",
        kSwitches,
        "webrtc_abr_switches_total{connection_id=\"rtc_1\",reason=\"bandwidth\"} 1\n",
        "webrtc_abr_switches_total{connection_id=\"rtc_1\",reason=\"user\"} 2\n",
        "webrtc_abr_switches_total{connection_id=\"rtc_1\",reason=\"auto\"} 4\n",
        "webrtc_prefetch_operations_total{server_id=\"telltale\",success=\"true\"} 5\n",
        "webrtc_prefetch_operations_total{server_id=\"telltale\",success=\"false\"} 1\n",
        "webrtc_prefetch_latency_ms_bucket{server_id=\"telltale\",le=\"5\"} 1\n",
        "webrtc_cpu_usage_percent{server_id=\"telltale\"} 12.5\n",
        "webrtc_memory_usage_bytes{server_id=\"telltale\"} 4096\n",
        "webrtc_ice_gathering_time_ms_bucket{connection_id=\"rtc_1\",le=\"50\"} 1\n",
        "webrtc_ice_connection_time_ms_bucket{connection_id=\"rtc_1\",le=\"100\"} 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(WebrtcMetrics, nothing_that_is_not_collected) {
  monitor::Figures figures;
  figures.connections.push_back({.id = "rtc_1", .outbound = true, .video = true});
  const auto text = text_of(figures);
  for (const auto* const name :
       {"webrtc_bandwidth_kbps{", "webrtc_frame_rate{", "webrtc_stream_health_score{",
        "webrtc_cpu_usage_percent{", "webrtc_latency_ms_bucket{", "webrtc_jitter_ms{"})
    EXPECT_THAT(text, Not(HasSubstr(name)));
}

TEST(WebrtcMetrics, beyond_the_limit_they_are_one) {
  monitor::Figures figures;
  for (int i = 0; i < 10; ++i) figures.connections.push_back(one("rtc_" + std::to_string(i)));
  figures.connections[9].health = 30;
  const auto text = text_of(figures, 7);
  EXPECT_THAT(text, HasSubstr("webrtc_stream_health_score{connection_id=\"rtc_6\"} 90\n"));
  EXPECT_THAT(text, Not(HasSubstr("\"rtc_7\"")));
  EXPECT_THAT(text, HasSubstr("webrtc_stream_health_score{connection_id=\"other\"} 70\n"));
  EXPECT_THAT(text, HasSubstr("webrtc_bandwidth_kbps{connection_id=\"other\","
                              "direction=\"outbound\"} 3000\n"));
  EXPECT_THAT(text, HasSubstr("webrtc_packet_loss_percent{connection_id=\"other\","
                              "direction=\"outbound\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("webrtc_quality_switches_total{connection_id=\"other\","
                              "from_quality=\"low\",to_quality=\"high\"} 9\n"));
  EXPECT_THAT(text,
              HasSubstr("webrtc_latency_ms_count{connection_id=\"other\",type=\"media\"} 3\n"));
}

}  // namespace
}  // namespace telltale::app
