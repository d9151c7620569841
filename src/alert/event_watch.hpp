// EventWatch: the events of one rule, counted in its window, each series by itself; or, of a rule
// about absence, when the last one came. No I/O; times are given. Bounded: kSeriesMax series, of
// each the newest `count` events. Not thread-safe.
#pragma once

#include <deque>
#include <map>

#include "alert/machine.hpp"

namespace telltale::alert {

class EventWatch {
 public:
  static constexpr std::size_t kSeriesMax = Machine::kSeriesMax;

  // Absence counts from `from_ms` on where nothing has come yet.
  EventWatch(std::shared_ptr<const Condition> condition, std::int64_t from_ms)
      : condition_(std::move(condition)), from_ms_(from_ms) {}

  bool take(const runtime::Event& event);  // false: it is not about this rule
  std::vector<Observation> observe(std::int64_t now_ms);
  // When a window ends, without anything happening.
  std::optional<std::int64_t> next_deadline(std::int64_t now_ms) const;

 private:
  struct Series {
    Labels labels;
    std::deque<std::int64_t> times;
  };
  std::shared_ptr<const Condition> condition_;
  std::int64_t from_ms_;
  std::map<std::string, Series> series_;
};

}  // namespace telltale::alert
