#include "lab/compare/runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telltale::lab {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

Json run_of(std::string_view cases) {
  return *base::parse_json(R"({"id":"r","cases":[)" + std::string(cases) + "]}");
}

std::string one(std::string_view name, std::string_view status, std::string_view more = "") {
  return R"({"suite":"s","name":")" + std::string(name) + R"(","status":")" + std::string(status) +
         R"(","message":"m )" + std::string(name) + R"(")" + std::string(more) + "}";
}

auto is(const std::string& name) {
  return Field(&CaseChange::name, name);
}

TEST(CompareRuns, SortsCasesByWhatBecameOfThem) {
  const auto before =
      run_of(one("a", "passed") + "," + one("b", "failed") + "," + one("c", "failed") + "," +
             one("d", "passed") + "," + one("e", "passed") + "," + one("f", "passed"));
  const auto after =
      run_of(one("a", "failed") + "," + one("b", "passed") + "," + one("c", "error") + "," +
             one("d", "flaky") + "," + one("e", "passed") + "," + one("g", "failed"));
  const auto compared = compare_runs(before, after, 0.02);
  ASSERT_TRUE(compared.has_value());
  EXPECT_THAT(compared->broken, ElementsAre(is("a"), is("g")));
  EXPECT_THAT(compared->mended, ElementsAre(is("b")));
  EXPECT_THAT(compared->failing, ElementsAre(is("c")));
  EXPECT_THAT(compared->flaky, ElementsAre(is("d")));
  EXPECT_THAT(compared->gone, ElementsAre(is("f")));
  EXPECT_EQ(compared->unchanged, 1U);
  EXPECT_EQ(compared->mended[0].message, "m b");
  EXPECT_THAT(to_text(*compared), HasSubstr("Broken now (2)\n- s: a: m a\n- s: g: m g\n"));
}

TEST(CompareRuns, TellsTheMatrixApart) {
  // A name of a large matrix is cut: both may be called the same.
  const auto before = run_of(one("a [n=…", "passed", R"(,"matrix":{"n":1})") + "," +
                             one("a [n=…", "failed", R"(,"matrix":{"n":2})"));
  const auto after = run_of(one("a [n=…", "failed", R"(,"matrix":{"n":1})") + "," +
                            one("a [n=…", "failed", R"(,"matrix":{"n":2})"));
  const auto compared = compare_runs(before, after);
  ASSERT_TRUE(compared.has_value());
  EXPECT_THAT(compared->broken, ElementsAre(is("a [n=…")));
  EXPECT_THAT(compared->failing, ElementsAre(is("a [n=…")));
}

TEST(CompareRuns, JudgesSpeedByRoundsOnly) {
  const auto rounds = [](double base_ms) {
    std::string out =
        R"(,"latency":{"p50_ms":)" + std::to_string(base_ms) + R"(},"figures":{"median_ms":[)";
    for (int i = 0; i < 8; ++i)
      out += (i == 0 ? "" : ",") + std::to_string(base_ms * (1 + 0.01 * (i % 3)));
    return out + "]}";
  };
  const auto before = run_of(one("a", "passed", rounds(2)) + "," +
                             one("b", "passed", R"(,"latency":{"p50_ms":1})"));
  const auto after = run_of(one("a", "passed", rounds(3)) + "," +
                            one("b", "passed", R"(,"latency":{"p50_ms":9})"));
  const auto compared = compare_runs(before, after, 0.02);
  ASSERT_TRUE(compared.has_value());
  ASSERT_EQ(compared->speeds.size(), 1U);
  EXPECT_EQ(compared->speeds[0].compared.speed, Speed::slower);
  EXPECT_TRUE(compared->worse());
  EXPECT_EQ(compared->count(Speed::slower), 1U);
  EXPECT_EQ(sentence(*compared), "1 slower");
  EXPECT_EQ(compared->speeds[0].before_ms, 2);
  EXPECT_TRUE(base::parse_json(base::write_json(to_json(*compared))).has_value());
}

TEST(CompareRuns, TakesWhatTheCommandWritesAndSaysWhatItIsNot) {
  const auto file =
      *base::parse_json(R"({"runs":[{"cases":[]},{"cases":[)" + one("a", "passed") + "]}]}");
  EXPECT_EQ(compare_runs(file, file, 0.02)->unchanged, 1U);
  for (const auto* const text :
       {"[]", "{}", R"({"runs":[1]})", R"({"cases":[{}]})", R"({"cases":[{"name":"a"}]})"})
    EXPECT_FALSE(compare_runs(*base::parse_json(text), file, 0.02).has_value()) << text;
}

TEST(CompareRuns, ALoadHasItsMomentsAsRounds) {
  const auto load = [](double p50) {
    std::string out = R"(,"figures":{"series":[{"at_s":0,"calls":0,"p50_ms":99})";
    for (int i = 0; i < 6; ++i)
      out += R"(,{"at_s":)" + std::to_string(i + 1) + R"(,"calls":5,"p50_ms":)" +
             std::to_string(p50 * (1 + 0.01 * (i % 2))) + "}";
    return out + "]}";
  };
  const auto compared =
      compare_runs(run_of(one("a", "passed", load(4))), run_of(one("a", "passed", load(2))));
  ASSERT_EQ(compared->speeds.size(), 1U);
  EXPECT_EQ(compared->speeds[0].rounds_after.size(), 6U) << "a moment without calls is none";
  EXPECT_EQ(compared->speeds[0].compared.speed, Speed::faster);
  EXPECT_FALSE(compared->worse());
}

TEST(CompareRuns, WhatIsKeptOfARunComparesAsTheRun) {
  std::string rounds =
      R"(,"latency":{"p50_ms":2},"attempts":[{"log":["long"]}],"figures":{"median_ms":[)";
  for (int i = 0; i < 6; ++i) rounds += (i == 0 ? "2" : ",2.0") + std::to_string(i);
  const auto whole = run_of(one("a", "passed", rounds + R"(],"other":[1,2]})") + "," +
                            one("b", "failed", R"(,"matrix":{"n":1})"));
  const auto slim = Json(slim_run(whole));
  EXPECT_EQ(base::write_json(slim).find("long"), std::string::npos);
  const auto same = compare_runs(slim, whole);
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(base::write_json(to_json(*same)),
            base::write_json(to_json(*compare_runs(whole, whole))));
  EXPECT_EQ(same->speeds.size(), 1U);
  EXPECT_THAT(same->failing, ElementsAre(is("b")));
  EXPECT_TRUE(check_run(slim).has_value());
}

}  // namespace
}  // namespace telltale::lab
