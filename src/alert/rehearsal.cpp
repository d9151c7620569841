#include "alert/rehearsal.hpp"

#include <algorithm>
#include <array>

#include "alert/event_watch.hpp"
#include "alert/metric_reading.hpp"
#include "series/reading.hpp"
#include "store/alerts.hpp"

namespace telltale::alert {
namespace {

constexpr std::array<std::int64_t, 8> kSteps{10'000,  30'000,    60'000,    120'000,
                                             300'000, 1'800'000, 3'600'000, 21'600'000};
constexpr std::int64_t kStepsMax = 10'500;
constexpr std::int64_t kCellsMax = 1'500'000;

// Takes what the machine says and makes episodes of it.
class Notes {
 public:
  explicit Notes(Rehearsal& out, const Visible& visible) : out_(out), visible_(visible) {}
  void take(std::span<const Transition> transitions, std::int64_t at_ms) {
    for (const auto& one : transitions) {
      const auto key = series::series_key("", one.labels);
      if (one.change == Change::resolved) {
        if (const auto found = open_.find(key); found != open_.end()) {
          out_.episodes[found->second].to_ms = at_ms;
          open_.erase(found);
        }
      } else if (visible_(one.labels)) {
        open_[key] = out_.episodes.size();
        out_.episodes.push_back(
            {.labels = one.labels, .from_ms = at_ms, .to_ms = {}, .value = one.value});
      }
    }
  }

 private:
  Rehearsal& out_;
  const Visible& visible_;
  std::map<std::string, std::size_t> open_;
};

std::int64_t round_up(std::int64_t value, std::int64_t width) {
  return (value + width - 1) / width * width;
}

base::Result<series::Answer> ask(store::Connection& db, const series::Index& index,
                                 const series::Expression& query, series::Function function,
                                 series::Span span, std::int64_t step, std::int64_t range) {
  return series::run_query(db, {.entries = entries_of(index, query.selector),
                                .function = function,
                                .quantile = query.quantile,
                                .span = span,
                                .step_ms = step,
                                .range_ms = range,
                                .by = query.by});
}

using ByTime = std::map<std::int64_t, double>;
std::map<std::string, ByTime> by_key(const std::vector<series::Curve>& curves) {
  std::map<std::string, ByTime> out;
  for (const auto& curve : curves) {
    auto& points = out[series::series_key("", curve.labels)];
    for (const auto& point : curve.points) points.emplace(point.time_ms, point.value);
  }
  return out;
}

// A figure has points enough, or of its divisor enough, at that step.
struct Sampled {
  std::vector<series::Curve> curves;
  std::map<std::string, ByTime> enough;  // where samples are asked for
};

base::Result<Sampled> sample(store::Connection& db, const series::Index& index, const Condition& c,
                             series::Span span, std::int64_t step, std::int64_t range) {
  auto answer = ask(db, index, *c.query, *c.query->function, span, step, range);
  if (!answer) return std::unexpected(answer.error());
  Sampled out{.curves = std::move(answer->curves), .enough = {}};
  if (c.divisor) {
    auto below = ask(db, index, *c.divisor, *c.divisor->function, span, step, range);
    if (!below) return std::unexpected(below.error());
    out.enough = by_key(below->curves);
    for (auto& curve : out.curves) {
      const auto& under = out.enough[series::series_key("", curve.labels)];
      std::erase_if(curve.points, [&](series::Point& point) {
        const auto found = under.find(point.time_ms);
        if (found == under.end() || !(found->second > 0)) return true;
        point.value /= found->second;
        return false;
      });
    }
  } else if (c.samples > 0) {
    auto counted = ask(db, index, *c.query, series::Function::count, span, step, range);
    if (!counted) return std::unexpected(counted.error());
    out.enough = by_key(counted->curves);
  }
  return out;
}

// What one sees at a chart: those that fired, then the others, as many as a chart bears.
void show(std::vector<series::Curve> curves, const Visible& visible, Rehearsal& out) {
  std::erase_if(curves, [&](const series::Curve& one) { return !visible(one.labels); });
  const auto fired = [&](const series::Curve& curve) {
    return std::ranges::any_of(out.episodes,
                               [&](const Episode& one) { return one.labels == curve.labels; });
  };
  std::ranges::partition(curves, fired);
  if (curves.size() > kCurvesShown) curves.resize(kCurvesShown);
  // A pixel is a point: the rest would only be sent.
  constexpr std::size_t kPointsShown = 1'200;
  for (auto& curve : curves) {
    const auto every = curve.points.size() / kPointsShown + 1;
    if (every == 1) continue;
    std::vector<series::Point> kept;
    for (std::size_t i = 0; i < curve.points.size(); i += every) {
      const auto end = std::min(i + every, curve.points.size());
      kept.push_back(
          *std::max_element(curve.points.begin() + static_cast<std::ptrdiff_t>(i),
                            curve.points.begin() + static_cast<std::ptrdiff_t>(end),
                            [](const auto& a, const auto& b) { return a.value < b.value; }));
    }
    curve.points = std::move(kept);
  }
  out.curves = std::move(curves);
}

base::Result<void> replay_metric(store::Connection& db, const series::Index& index,
                                 const Condition& c, Machine& machine, Rehearsal& out,
                                 const Visible& visible) {
  const bool absence = c.kind == Kind::absence;
  const auto entries = entries_of(index, c.query->selector).size();
  const auto length = out.span.to_ms - out.span.from_ms;
  for (const auto width : kSteps) {
    out.step_ms = width;
    const auto cells = static_cast<std::int64_t>(std::max<std::size_t>(entries, 1));
    if (length / width < kStepsMax && length / width * cells < kCellsMax) break;
  }
  const auto step = out.step_ms;
  const auto range = round_up(absence ? step : *c.query->range_ms, step < 60'000 ? 10'000 : step);
  Condition counted = c;
  if (absence) counted.query->function = series::Function::count;
  auto sampled = sample(db, index, counted, out.span, step, range);
  if (!sampled) return std::unexpected(sampled.error());
  out.series = sampled->curves.size();
  out.cut = out.series > Machine::kSeriesMax;
  std::vector<std::string> keys;
  std::vector<std::size_t> at(sampled->curves.size(), 0);
  std::vector<std::int64_t> newest(sampled->curves.size(), 0);
  for (const auto& curve : sampled->curves) keys.push_back(series::series_key("", curve.labels));
  Notes notes(out, visible);
  std::vector<Observation> seen;
  const bool never = absence && entries == 0;
  for (auto begin = series::floor_to(out.span.from_ms, step); begin < out.span.to_ms;
       begin += step) {
    seen.clear();
    const auto known_at = std::min(begin + step, out.span.to_ms);
    for (std::size_t i = 0; i < sampled->curves.size(); ++i) {
      const auto& curve = sampled->curves[i];
      auto& next = at[i];
      const bool here = next < curve.points.size() && curve.points[next].time_ms == begin;
      const auto value = here ? curve.points[next].value : 0;
      if (here) ++next;
      if (absence) {
        if (here) newest[i] = known_at;
        const auto silent = known_at - newest[i];
        if (newest[i] != 0)
          seen.push_back({curve.labels, silent >= c.window_ms && silent < kMissedMs,
                          static_cast<double>(silent) / 1'000});
        continue;
      }
      if (!here) continue;
      bool enough = true;
      if (c.samples > 0) {
        const auto& points = sampled->enough[keys[i]];
        const auto found = points.find(begin);
        enough = found != points.end() && found->second >= c.samples;
      }
      seen.push_back({curve.labels, enough && c.holds(value), value});
    }
    if (never) {
      const auto waited = known_at - out.span.from_ms;
      seen.push_back({{}, waited >= c.window_ms, static_cast<double>(waited) / 1'000});
    }
    notes.take(machine.step(seen, known_at), known_at);
  }
  show(std::move(sampled->curves), visible, out);
  return {};
}

base::Result<void> replay_events(store::Connection& db, std::shared_ptr<const Condition> condition,
                                 Machine& machine, Rehearsal& out, const Visible& visible) {
  auto events =
      store::journal_events(db, condition->event, base::from_unix_ms(out.span.from_ms), kEventsMax);
  if (!events) return std::unexpected(events.error());
  out.events = events->size();
  out.cut = out.events == kEventsMax;
  const auto begin = out.cut ? base::unix_ms(events->front().time) : out.span.from_ms;
  EventWatch watch(condition, begin);
  Notes notes(out, visible);
  auto now = begin;
  const auto run_to = [&](std::int64_t until) {
    for (;;) {
      const auto a = watch.next_deadline(now);
      const auto b = machine.next_deadline();
      const auto next = a && b ? std::min(*a, *b) : a ? *a : b ? *b : until;
      if (next >= until) break;
      now = std::max(next, now);
      const auto seen = watch.observe(now);
      notes.take(machine.step(seen, now), now);
    }
    now = until;
  };
  for (const auto& event : *events) {
    const auto at = base::unix_ms(event.time);
    if (at >= out.span.to_ms) break;
    run_to(std::max(at, now));
    if (!watch.take(event)) continue;
    const auto seen = watch.observe(now);
    notes.take(machine.step(seen, now), now);
  }
  run_to(out.span.to_ms);
  const auto seen = watch.observe(now);
  notes.take(machine.step(seen, now), now);
  return {};
}

}  // namespace

base::Result<Rehearsal> rehearse(store::Connection& db, const series::Index& index,
                                 std::shared_ptr<const Condition> condition,
                                 Machine::Settings settings, series::Span span,
                                 const Visible& visible) {
  Rehearsal out{.span = span};
  Machine machine(settings);
  auto done = condition->event.empty() ? replay_metric(db, index, *condition, machine, out, visible)
                                       : replay_events(db, condition, machine, out, visible);
  if (!done) return std::unexpected(done.error());
  return out;
}

}  // namespace telltale::alert
