// Config: what the WebRTC monitor does: the JSON of --webrtc-config-path, every key checked. An
// unknown key or a wrong value is an error that names the place as a JSON Pointer (RFC 6901) and
// says what would be right; all of them are told at once. Keys and defaults are those of the
// dashboards before us; `optimization.strategy`, `optimization.strategies` and `history` are ours.
// Plain values, read once at the start, then shared by every thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "monitor/strategy.hpp"

namespace telltale::monitor {

template <class T>
struct Range {
  T low = {};
  T high = {};
  bool operator==(const Range&) const = default;
};

struct OptimizationConfig {
  bool enabled = true;                               // --disable-optimization
  bool auto_quality = true;                          // --disable-auto-quality
  Range<double> buffer_size{.low = 15, .high = 60};  // seconds of content
  Range<double> prefetch_threshold{.low = 0.2, .high = 0.8};
  double downgrade_below = 50;       // of the optimiser's score
  double upgrade_above = 80;         // of the same
  int underruns = 3;                 // of the buffer, before it grows
  double network_sensitivity = 0.7;  // the share of 100 points that this pressure alone can take
  double cpu_sensitivity = 0.5;
  double memory_sensitivity = 0.3;
  Strategy strategy = balanced_strategy();  // the one chosen
};

struct MetricsConfig {
  bool detailed_stats = true;   // figures of each connection: rates, loss, round trip, jitter
  bool frame_stats = true;      // frame rate, freezes, sizes
  bool resource_stats = true;   // CPU and memory of this process
  bool quality_metrics = true;  // scores
};

struct VisualizationConfig {
  bool enabled = true;
  bool live_update = false;
  double dashboard_update_interval_s = 30;
  std::size_t max_history_points = 1'000;
  std::string plot_style = "dark_background";
};

struct ReportingConfig {
  bool enabled = true;
  bool save_raw_data = true;
  double interval_s = 300;
  std::vector<std::string> formats{"json", "html"};
};

struct HistoryConfig {
  double days = 30;  // how long what is known of an ended connection is kept; 0: not at all
};

struct Config {
  static constexpr std::size_t kStrategiesMax = 32;
  static constexpr std::size_t kFileBytesMax = 1U << 20U;

  OptimizationConfig optimization;
  MetricsConfig metrics;
  VisualizationConfig visualization;
  ReportingConfig reporting;
  HistoryConfig history;

  static base::Result<Config> from_json(const base::Json& json);
  static base::Result<Config> read_file(const std::string& path);  // blocks
};

}  // namespace telltale::monitor
