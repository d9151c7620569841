// The configuration: what the document shows is taken as it is; what is wrong is named with its
// place and with what would be right.
#include "monitor/config.hpp"

#include <gtest/gtest.h>

#include "base/check.hpp"

namespace telltale::monitor {
namespace {

base::Result<Config> read(std::string_view text) {
  auto json = base::parse_json(text);
  CHECK(json);
  return Config::from_json(*json);
}

// Requirement 3, as it stands.
constexpr std::string_view kDocument = R"({
  "optimization": {"buffer_size_range": [15, 60], "prefetch_threshold_range": [0.2, 0.8],
    "quality_downgrade_threshold": 50, "quality_upgrade_threshold": 80,
    "buffer_underrun_threshold": 3, "network_sensitivity": 0.7, "cpu_sensitivity": 0.5,
    "memory_sensitivity": 0.3},
  "metrics": {"collect_detailed_stats": true, "collect_frame_stats": true,
    "collect_resource_stats": true, "collect_quality_metrics": true},
  "visualization": {"enabled": true, "live_update": false, "dashboard_update_interval": 30,
    "max_history_points": 1000, "plot_style": "dark_background"},
  "reporting": {"enabled": true, "save_raw_data": true, "interval": 300,
    "formats": ["json", "html"]}})";

TEST(Config, the_document_is_the_default) {
  const auto given = read(kDocument);
  ASSERT_TRUE(given) << given.error().detail;
  const Config other;
  EXPECT_EQ(given->optimization.buffer_size, other.optimization.buffer_size);
  EXPECT_EQ(given->optimization.prefetch_threshold, other.optimization.prefetch_threshold);
  EXPECT_EQ(given->optimization.downgrade_below, other.optimization.downgrade_below);
  EXPECT_EQ(given->optimization.upgrade_above, other.optimization.upgrade_above);
  EXPECT_EQ(given->optimization.underruns, other.optimization.underruns);
  EXPECT_EQ(given->optimization.network_sensitivity, other.optimization.network_sensitivity);
  EXPECT_EQ(given->optimization.cpu_sensitivity, other.optimization.cpu_sensitivity);
  EXPECT_EQ(given->optimization.memory_sensitivity, other.optimization.memory_sensitivity);
  EXPECT_EQ(given->visualization.max_history_points, other.visualization.max_history_points);
  EXPECT_EQ(given->reporting.formats, other.reporting.formats);
  EXPECT_EQ(given->optimization.strategy.name, "balanced");
}

TEST(Config, every_key_arrives) {
  const auto given = read(R"({
    "optimization": {"buffer_size_range": [1, 2], "prefetch_threshold_range": [0.1, 0.9],
      "quality_downgrade_threshold": 10, "quality_upgrade_threshold": 20,
      "buffer_underrun_threshold": 7, "network_sensitivity": 0.1, "cpu_sensitivity": 0.2,
      "memory_sensitivity": 0.4, "strategy": "mine",
      "strategies": {"mine": {"loss_weight": 2, "pause": 1.5}}},
    "metrics": {"collect_detailed_stats": false, "collect_frame_stats": false,
      "collect_resource_stats": false, "collect_quality_metrics": false},
    "visualization": {"enabled": false, "live_update": true, "dashboard_update_interval": 5,
      "max_history_points": 50, "plot_style": "default"},
    "reporting": {"enabled": false, "save_raw_data": false, "interval": 60, "formats": ["json"]},
    "history": {"days": 2}})");
  ASSERT_TRUE(given) << given.error().detail;
  const auto& o = given->optimization;
  EXPECT_EQ(o.buffer_size, (Range<double>{1, 2}));
  EXPECT_EQ(o.prefetch_threshold, (Range<double>{0.1, 0.9}));
  EXPECT_EQ(o.downgrade_below, 10);
  EXPECT_EQ(o.upgrade_above, 20);
  EXPECT_EQ(o.underruns, 7);
  EXPECT_EQ(o.network_sensitivity, 0.1);
  EXPECT_EQ(o.cpu_sensitivity, 0.2);
  EXPECT_EQ(o.memory_sensitivity, 0.4);
  EXPECT_EQ(o.strategy.name, "mine");
  EXPECT_EQ(o.strategy.loss_weight, 2);
  EXPECT_EQ(o.strategy.pause, std::chrono::milliseconds(1500));
  const auto& m = given->metrics;
  EXPECT_FALSE(m.detailed_stats || m.frame_stats || m.resource_stats || m.quality_metrics);
  const auto& v = given->visualization;
  EXPECT_FALSE(v.enabled);
  EXPECT_TRUE(v.live_update);
  EXPECT_EQ(v.dashboard_update_interval_s, 5);
  EXPECT_EQ(v.max_history_points, 50U);
  EXPECT_EQ(v.plot_style, "default");
  const auto& r = given->reporting;
  EXPECT_FALSE(r.enabled || r.save_raw_data);
  EXPECT_EQ(r.interval_s, 60);
  EXPECT_EQ(r.formats, std::vector<std::string>{"json"});
  EXPECT_EQ(given->history.days, 2);
}

TEST(Config, what_is_wrong_is_named_with_what_would_be_right) {
  struct Case {
    const char* text;
    const char* pointer;
    const char* says;
  };
  for (const auto& one :
       {Case{R"({"optimisation": {}})", "/optimisation", "unknown key; known here: history, met"},
        Case{R"({"metrics": {"collect": true}})", "/metrics/collect", "unknown key"},
        Case{R"({"metrics": []})", "/metrics", "must be an object"},
        Case{R"({"metrics": {"collect_frame_stats": 1}})", "/metrics/collect_frame_stats",
             "true or false"},
        Case{R"({"optimization": {"buffer_size_range": [60, 15]}})",
             "/optimization/buffer_size_range", "[LOW, HIGH] with 1 <= LOW <= HIGH <= 60"},
        Case{R"({"optimization": {"buffer_size_range": [15, 61]}})",
             "/optimization/buffer_size_range", "60"},
        Case{R"({"optimization": {"prefetch_threshold_range": 0.5}})",
             "/optimization/prefetch_threshold_range", "[LOW, HIGH]"},
        Case{R"({"optimization": {"quality_downgrade_threshold": 101}})",
             "/optimization/quality_downgrade_threshold", "from 0 to 100"},
        Case{R"({"optimization": {"quality_downgrade_threshold": 80}})",
             "/optimization/quality_downgrade_threshold", "less than quality_upgrade_threshold"},
        Case{R"({"optimization": {"quality_upgrade_threshold": "80"}})",
             "/optimization/quality_upgrade_threshold", "must be a number"},
        Case{R"({"optimization": {"buffer_underrun_threshold": 1.5}})",
             "/optimization/buffer_underrun_threshold", "whole number"},
        Case{R"({"optimization": {"network_sensitivity": -1}})",
             "/optimization/network_sensitivity", "from 0 to 1"},
        Case{R"({"optimization": {"cpu_sensitivity": 2}})", "/optimization/cpu_sensitivity",
             "from 0 to 1"},
        Case{R"({"optimization": {"memory_sensitivity": null}})",
             "/optimization/memory_sensitivity", "from 0 to 1"},
        Case{R"({"optimization": {"strategy": "fast"}})", "/optimization/strategy",
             "must be one of balanced, low-latency, smooth"},
        Case{R"({"optimization": {"strategies": {"smooth": {}}}})",
             "/optimization/strategies/smooth", "choose another"},
        Case{R"({"optimization": {"strategies": {"a/b": {"weight": 1}}}})",
             "/optimization/strategies/a~1b/weight", "unknown key"},
        Case{R"({"visualization": {"max_history_points": 3}})", "/visualization/max_history_points",
             "from 10 to 100000"},
        Case{R"({"visualization": {"plot_style": "ggplot"}})", "/visualization/plot_style",
             "dark_background"},
        Case{R"({"visualization": {"dashboard_update_interval": 0}})",
             "/visualization/dashboard_update_interval", "from 1"},
        Case{R"({"reporting": {"formats": ["pdf"]}})", "/reporting/formats", "json"},
        Case{R"({"reporting": {"formats": []}})", "/reporting/formats", "json"},
        Case{R"({"reporting": {"interval": 0}})", "/reporting/interval", "from 1"},
        Case{R"({"history": {"days": -1}})", "/history/days", "from 0"},
        Case{"[]", "", "must be an object"}}) {
    const auto given = read(one.text);
    ASSERT_FALSE(given) << one.text;
    ASSERT_EQ(given.error().fields.size(), 1U) << given.error().detail;
    EXPECT_EQ(given.error().fields[0].pointer, one.pointer);
    EXPECT_NE(given.error().detail.find(one.says), std::string::npos) << given.error().detail;
  }
}

TEST(Config, all_faults_at_once) {
  const auto given = read(R"({"a": 1, "metrics": {"b": 2}, "reporting": {"interval": "x"}})");
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().fields.size(), 3U) << given.error().detail;
}

TEST(Config, a_file_that_is_not_there) {
  const auto given = Config::read_file("/nonexistent/config.json");
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code, base::Code::not_found);
}

}  // namespace
}  // namespace telltale::monitor
