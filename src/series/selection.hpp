// What the operations have in common: which series a caller means and may see, and which range of
// time. A filter that nothing could match is an error, never an empty answer.
#pragma once

#include "runtime/operation.hpp"
#include "series/query.hpp"

namespace telltale::series {

// The filters by themselves, as query parameters give them.
struct Filters {
  std::string name, metric_name, metric_type, test_run_id, labels;
};
base::Result<Selector> selector_of(const Filters& filters);

// A series about a server that the actor does not see is not there.
bool visible(const runtime::Actor& actor, const Entry& entry);
base::Result<std::vector<EntryPtr>> select(const Engine& engine, const runtime::Actor& actor,
                                           const Selector& selector, const std::string& pointer);
base::Result<void> check_by(const std::vector<EntryPtr>& entries,
                            const std::vector<std::string>& by, const std::string& pointer);

// Whether what such steps and windows are reckoned from is kept for the whole range.
base::Result<void> check_kept(const Engine& engine, Span span, std::int64_t step_ms,
                              std::int64_t range_ms);

// start and end: RFC 3339 or Unix seconds or milliseconds; range: a duration back from the end.
struct TimeInput {
  std::optional<std::string> start, end, range;
};
base::Result<Span> span_of(const TimeInput& input, const base::Clock& clock,
                           std::int64_t default_ms);
// `value` of /timestamp and its like: text or number.
base::Result<std::int64_t> time_of(const base::Json& value, const std::string& pointer);
base::Result<std::int64_t> time_of(std::string_view text, const std::string& pointer);

}  // namespace telltale::series
