#include "alert/machine.hpp"

#include <algorithm>
#include <set>

namespace telltale::alert {

std::vector<Transition> Machine::step(std::span<const Observation> seen, std::int64_t now_ms) {
  now_ms_ = std::max(now_ms_, now_ms);
  left_out_ = 0;
  std::vector<Transition> out;
  std::set<std::string, std::less<>> active;
  for (const auto& one : seen) {
    if (!one.active) continue;
    auto key = series::series_key("", one.labels);
    auto found = series_.find(key);
    if (found == series_.end()) {
      if (series_.size() >= kSeriesMax) {
        ++left_out_;
        continue;
      }
      found = series_.emplace(key, Series{.labels = one.labels, .pending_ms = now_ms_}).first;
    }
    auto& series = found->second;
    series.last_active_ms = now_ms_;
    series.value = one.value;
    if (!series.firing && now_ms_ - series.pending_ms >= settings_.for_ms) {
      series.firing = true;
      out.push_back({Change::fired, series.labels, series.value, series.pending_ms});
    }
    active.insert(std::move(key));
  }
  std::erase_if(series_, [&](const auto& item) {
    const auto& [key, series] = item;
    if (active.contains(key)) return false;
    if (!series.firing) return true;
    if (now_ms_ - series.last_active_ms < settings_.keep_firing_ms) return false;
    out.push_back({Change::resolved, series.labels, series.value, series.pending_ms});
    return true;
  });
  return out;
}

void Machine::restore(Labels labels, double value, std::int64_t pending_ms, std::int64_t now_ms) {
  now_ms_ = std::max(now_ms_, now_ms);
  auto key = series::series_key("", labels);
  series_.insert_or_assign(std::move(key), Series{.labels = std::move(labels),
                                                  .firing = true,
                                                  .pending_ms = pending_ms,
                                                  .last_active_ms = now_ms_,
                                                  .value = value});
}

std::optional<std::int64_t> Machine::next_deadline() const {
  std::optional<std::int64_t> out;
  for (const auto& [key, series] : series_) {
    const auto at = series.firing ? series.last_active_ms + settings_.keep_firing_ms
                                  : series.pending_ms + settings_.for_ms;
    if (at > now_ms_ && (!out || at < *out)) out = at;
  }
  return out;
}

}  // namespace telltale::alert
