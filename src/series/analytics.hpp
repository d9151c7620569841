// Analytics of tool calls: heatmap, slowest tools, clusters of errors, before and after a moment.
// Each takes calls one by one, in any order, and says what they come to; no I/O, not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "series/rollup.hpp"
#include "store/call_range.hpp"

namespace telltale::series {

using ToolKey = std::pair<std::string, std::string>;  // server, tool

// What a message says whatever its numbers, ids and quoted texts are.
std::string message_shape(std::string_view message);

class Heatmap {  // tool by hour
 public:
  enum class Value { count, errors, p95 };
  explicit Heatmap(Value value, Span hours) : value_(value), hours_(hours) {}
  void add(const store::CallRecord& call);
  base::JsonObject result(std::size_t rows_max) const;

 private:
  struct Cell {
    std::uint64_t calls = 0;
    std::uint64_t errors = 0;
    Sketch ms;
  };
  Value value_;
  Span hours_;  // whole hours
  std::map<ToolKey, std::map<std::int64_t, Cell>> rows_;
};

class Slowest {
 public:
  void add(const store::CallRecord& call);
  base::JsonArray result(std::size_t limit) const;  // by p95

 private:
  struct Tool {
    std::uint64_t calls = 0;
    std::uint64_t errors = 0;
    double sum_ms = 0;
    double max_ms = 0;
    Sketch ms;
  };
  std::map<ToolKey, Tool> tools_;
};

class ErrorClusters {
 public:
  static constexpr std::size_t kClustersMax = 1'000;
  void add(const store::CallRecord& call);
  base::JsonArray result(std::size_t limit) const;  // the most frequent first
  std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  struct Cluster {
    std::uint64_t count = 0;
    base::WallTime first, last;
    std::string example;
    std::map<ToolKey, std::uint64_t> tools;
  };
  std::map<std::string, Cluster, std::less<>> clusters_;
  std::uint64_t left_out_ = 0;
};

// Whether latencies and errors differ before and after. Latency: Cliff's delta (the share of pairs
// in which the later is slower, less that in which it is faster) and the two-sided p of the
// Mann-Whitney test, ties counted; errors: the two-proportion z test. Below kCallsMin calls on a
// side, or with p of 0.01 or more, or with too small an effect, the verdict is "cannot_tell".
class Comparison {
 public:
  static constexpr std::size_t kCallsMin = 20;
  static constexpr std::size_t kSampleMax = 20'000;  // latencies of a side, the first ones
  explicit Comparison(base::WallTime at) : at_(at) {}
  void add(const store::CallRecord& call);
  base::JsonArray result() const;

 private:
  struct Side {
    std::uint64_t calls = 0;
    std::uint64_t errors = 0;
    std::vector<double> ms;
    Sketch sketch;
    double sum_ms = 0;
  };
  static base::JsonObject side_json(const Side& side);
  base::WallTime at_;
  std::map<ToolKey, std::pair<Side, Side>> tools_;
};

struct Effect {
  double delta = 0;  // Cliff's, -1 to 1
  double p = 1;
};
Effect mann_whitney(std::vector<double> before, std::vector<double> after);

}  // namespace telltale::series
