// Rehearsal: a rule replayed over what is stored, by the same Machine: when it would have fired,
// for what, for how long. Metrics are read at steps (the answer says how wide), events as they
// came. Blocking pool; bounded: kEventsMax events, kEpisodesShown episodes, kCurvesShown curves.
#pragma once

#include "alert/machine.hpp"
#include "series/query.hpp"

namespace telltale::alert {

constexpr std::size_t kEventsMax = 50'000;
constexpr std::size_t kEpisodesShown = 100;
constexpr std::size_t kCurvesShown = 5;

struct Episode {
  Labels labels;
  std::int64_t from_ms = 0;  // it fired
  std::optional<std::int64_t> to_ms;
  double value = 0;
};

struct Rehearsal {
  series::Span span;
  std::int64_t step_ms = 0;           // 0: event by event
  std::vector<Episode> episodes;      // by when they fired
  std::vector<series::Curve> curves;  // of those that fired first, then others
  std::size_t series = 0;             // that there were
  std::size_t events = 0;
  bool cut = false;  // there were more events, or series, than are looked at
};

// `visible` says which labels the asker may know of.
using Visible = std::function<bool(const Labels&)>;
base::Result<Rehearsal> rehearse(store::Connection& db, const series::Index& index,
                                 std::shared_ptr<const Condition> condition,
                                 Machine::Settings settings, series::Span span,
                                 const Visible& visible);

}  // namespace telltale::alert
