// MetricsFeed: what Telltale knows of itself as metrics (docs/metrics-api.md lists them): tool
// calls and health checks as they happen, by their events; everything else every kSample, from the
// snapshots that /metrics is made of. On the loop it was started on; stop() before the engine's.
#pragma once

#include <functional>
#include <map>

#include "bus/bus.hpp"
#include "fleet/registry.hpp"
#include "monitor/monitor.hpp"
#include "runtime/runtime.hpp"
#include "series/engine.hpp"

namespace telltale::app {

class MetricsFeed {
 public:
  struct Parts {
    series::Engine& engine;
    bus::Bus& bus;
    runtime::Runtime& runtime;
    const fleet::Registry& fleet;
    std::function<const monitor::Monitor*()> monitor;                 // null: there is none
    std::function<std::optional<base::WallTime>()> certificate_ends;  // of the port
    std::function<std::uint64_t()> logins_refused;
    std::string folder;  // of the data
  };
  explicit MetricsFeed(Parts parts) : parts_(std::move(parts)) {}
  MetricsFeed(const MetricsFeed&) = delete;
  MetricsFeed& operator=(const MetricsFeed&) = delete;

  void start(runtime::Loop& loop);  // on that loop
  runtime::Task<> stop();           // on that loop

 private:
  // A number that only grows; it begins at 0, a moment before it is first counted up.
  struct Counter {
    series::EntryPtr entry;
    double value = 0;
  };
  using Labels = series::LabelList;
  static runtime::Task<> sample_always(MetricsFeed* self);
  void on_event(const runtime::Event& event);
  void on_call(const runtime::Event& event);
  void on_check(const runtime::Event& event);
  void sample();
  void sample_server(const fleet::ServerView& view);
  void sample_process();
  void sample_machine();
  void sample_streams(const monitor::Figures& figures);
  void gauge(std::string_view name, Labels labels, double value, std::string_view unit = "");
  void count(std::string_view name, const Labels& labels, double by);
  void put_counter(Counter& counter);

  Parts parts_;
  bus::Subscription subscription_;
  std::map<std::string, Counter> counters_;
  std::unique_ptr<runtime::TaskGroup> tasks_;
  std::string told_;  // the last refusal that was logged
};

}  // namespace telltale::app
