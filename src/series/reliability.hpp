// The reliability score of a server, day by day, with its parts: each part has points of its own
// between what is all right and what is worth nothing, and what a day says nothing about is not
// counted (docs/metrics-api.md). Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "store/history_ranges.hpp"

namespace telltale::series {

struct ReliabilityDay {
  std::int64_t checks = 0, passed = 0;
  std::int64_t calls = 0, succeeded = 0;
  std::optional<double> check_ms;  // mean of the good checks
  double falls = 0;                // checks that failed after one that had passed
};

struct ScorePart {
  std::string_view name;
  double weight = 0;
  std::optional<double> value;   // the share, milliseconds or count it is made of
  std::optional<double> points;  // of its weight; nothing: the day says nothing about it
};
using ScoreParts = std::array<ScorePart, 4>;  // availability, calls, latency, stability

ScoreParts parts_of(const ReliabilityDay& day);
// 0 to 100; nothing: no part counts.
std::optional<double> score_of(const ScoreParts& parts);

class Reliability {
 public:
  void add(const store::HealthSum& sum);
  void add(const store::CallSum& sum);
  void add(const store::FallSum& sum);
  // A server an item, the least reliable first; its days in order, and all of them together.
  base::JsonArray result(std::size_t limit) const;

 private:
  ReliabilityDay& day_of(const std::string& server, base::WallTime at);

  std::map<std::string, std::map<std::int64_t, ReliabilityDay>> servers_;  // by start of the day
};

}  // namespace telltale::series
