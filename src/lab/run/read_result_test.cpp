#include "lab/run/read_result.hpp"

#include <gtest/gtest.h>

namespace telltale::lab::run {
namespace {

TEST(ReadResult, ARunReadBackIsWrittenTheSame) {
  RunResult run{.id = "run_1",
                .suite = "s",
                .file = "s.yaml",
                .seed = 7,
                .status = Status::failed,
                .message = "why",
                .started = base::from_unix_ms(1'800'000'000'123),
                .ended = base::from_unix_ms(1'800'000'001'123),
                .duration_ms = 1000,
                .servers = {{"a", base::JsonObject{{"name", "everything"}}}}};
  Attempt attempt{.status = Status::failed, .message = "no", .duration_ms = 3};
  attempt.mismatches.push_back({"step 1", "status", "ok", "error", "-a\n+b\n"});
  attempt.exchanges.push_back({1.5, '<', "{}", true});
  attempt.log = {"line"};
  run.cases.push_back({.id = "c1",
                       .name = "add [n=1]",
                       .suite = "s",
                       .kind = "bench",
                       .server = "a",
                       .tags = {"t"},
                       .matrix = {{"n", base::Json(1)}},
                       .line = 3,
                       .status = Status::failed,
                       .message = "no",
                       .started = run.started,
                       .duration_ms = 5,
                       .attempts = {attempt},
                       .latency = Latency{.count = 9, .min = 1, .mean = 2, .p50 = 2, .max = 4},
                       .findings = {{.rule = "r", .level = Level::should, .evidence = {">x"}}},
                       .figures = {{"median_ms", base::JsonArray{base::Json(1.5)}}},
                       .golden_updated = {"g.json"}});
  run.samples.push_back({1, "a", 4096, 12, 1.5});
  run.totals = {.cases = 1, .failed = 1};
  const auto text = base::write_json(to_json(run));
  const auto back = run_of(base::parse_json(text)->as_object());
  EXPECT_EQ(base::write_json(to_json(back)), text);
}

TEST(ReadResult, WhatIsMissingOrOfAnotherTypeIsLeftOut) {
  for (const auto* const text :
       {"{}", R"({"cases":3,"samples":[1],"totals":[],"status":5,"started":"yesterday"})",
        R"({"cases":[{"attempts":[{"exchanges":"x","log":[1]}],"matrix":[],"latency":7}]})"}) {
    const auto run = run_of(base::parse_json(text)->as_object());
    EXPECT_EQ(run.samples.size(), 0U) << text;
    for (const auto& one : run.cases) EXPECT_FALSE(one.latency) << text;
  }
}

}  // namespace
}  // namespace telltale::lab::run
