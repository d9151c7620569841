#include "alert/event_watch.hpp"

#include <algorithm>

namespace telltale::alert {

bool EventWatch::take(const runtime::Event& event) {
  const auto& c = *condition_;
  if (event.type != c.event) return false;
  const bool ends = !c.until.empty() && fits(event, c.until);
  if (!ends && !fits(event, c.where)) return false;
  auto labels = labels_of(event, c.by);
  auto key = series::series_key("", labels);
  if (ends) return series_.erase(key) > 0;
  auto found = series_.find(key);
  if (found == series_.end()) {
    if (series_.size() >= kSeriesMax) return false;
    found = series_.emplace(std::move(key), Series{.labels = std::move(labels)}).first;
  }
  auto& times = found->second.times;
  times.push_back(base::unix_ms(event.time));
  if (times.size() > c.count) times.pop_front();
  return true;
}

std::vector<Observation> EventWatch::observe(std::int64_t now_ms) {
  const auto& c = *condition_;
  std::vector<Observation> out;
  if (c.kind == Kind::absence) {
    for (const auto& [key, series] : series_) {
      const auto silent = now_ms - series.times.back();
      out.push_back({series.labels, silent >= c.window_ms, static_cast<double>(silent) / 1'000});
    }
    if (series_.empty() && c.by.empty())
      out.push_back(
          {{}, now_ms - from_ms_ >= c.window_ms, static_cast<double>(now_ms - from_ms_) / 1'000});
    return out;
  }
  for (auto& [key, series] : series_)
    while (!series.times.empty() && series.times.front() <= now_ms - c.window_ms)
      series.times.pop_front();
  std::erase_if(series_, [](const auto& item) { return item.second.times.empty(); });
  for (const auto& [key, series] : series_)
    out.push_back(
        {series.labels, series.times.size() >= c.count, static_cast<double>(series.times.size())});
  return out;
}

std::optional<std::int64_t> EventWatch::next_deadline(std::int64_t now_ms) const {
  std::optional<std::int64_t> out;
  const auto offer = [&](std::int64_t at) {
    if (at > now_ms && (!out || at < *out)) out = at;
  };
  const bool absence = condition_->kind == Kind::absence;
  for (const auto& [key, series] : series_)
    offer((absence ? series.times.back() : series.times.front()) + condition_->window_ms);
  if (absence && series_.empty()) offer(from_ms_ + condition_->window_ms);
  return out;
}

}  // namespace telltale::alert
