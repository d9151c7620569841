#include "lab/baseline.hpp"

namespace telltale::lab {
namespace {

constexpr base::JsonLimits kRunLimits{.max_depth = 256, .max_bytes = 128U << 20U};

base::Result<base::Json> parsed(std::string_view text) {
  auto out = base::parse_json(text, kRunLimits);
  if (!out || !out->is_object())
    return base::fail(base::Code::storage, "what is kept of the run cannot be read");
  return out;
}

}  // namespace

runtime::TaskResult<std::optional<AgainstBaseline>> compare_with_baseline(
    store::Store* store, runtime::BlockingPool* blocking, std::string suite_id,
    std::shared_ptr<const base::Json> run, bool partial) {
  auto found = co_await store::get_test_baseline(*store, std::move(suite_id), true);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::nullopt;
  using Answer = base::Result<std::optional<AgainstBaseline>>;
  co_return co_await blocking->run(
      [baseline = std::move(**found), run, partial]() mutable -> Answer {
        const auto before = parsed(std::exchange(baseline.run, {}));
        if (!before) return std::unexpected(before.error());
        auto compared = compare_runs(*before, *run, baseline.threshold_percent / 100);
        if (!compared) return std::unexpected(compared.error());
        if (partial) compared->gone.clear();
        return AgainstBaseline{std::move(baseline), std::move(*compared)};
      });
}

runtime::TaskResult<base::JsonObject> read_stored_run(store::Store* store,
                                                      runtime::BlockingPool* blocking,
                                                      std::string run_id) {
  auto found = co_await store::get_test_run(*store, run_id);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return base::fail(base::Code::not_found, "there is no run " + run_id);
  auto out = std::move((*found)->summary);
  if ((*found)->result.empty()) co_return out;  // it runs, or was interrupted
  auto whole =
      co_await blocking->run([text = std::move((*found)->result)] { return parsed(text); });
  if (!whole) co_return std::unexpected(whole.error());
  for (const auto* const member : {"cases", "samples", "comparison"})
    if (auto* const kept = whole->as_object().if_contains(member)) out[member] = std::move(*kept);
  co_return out;
}

runtime::TaskResult<base::JsonObject> read_ended_run(store::Store* store,
                                                     runtime::BlockingPool* blocking,
                                                     std::string run_id) {
  auto run = co_await read_stored_run(store, blocking, run_id);
  if (run && base::find_array(*run, "cases") == nullptr)
    co_return base::fail(base::Code::conflict,
                         "the run " + run_id + " has no results: it still runs or was interrupted");
  co_return run;
}

base::JsonObject to_json(const store::TestBaselineRecord& baseline) {
  return {{"suite_id", baseline.suite_id}, {"run_id", baseline.run_id},
          {"gate", baseline.gate},         {"threshold_percent", baseline.threshold_percent},
          {"pinned_by", baseline.actor},   {"pinned_at", base::format_rfc3339(baseline.time)}};
}

}  // namespace telltale::lab
