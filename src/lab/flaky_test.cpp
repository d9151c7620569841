#include "lab/flaky.hpp"

#include <gtest/gtest.h>

namespace telltale::lab {
namespace {

// 'P' passed, 'F' failed, 'E' error, 'R' passed on a retry; the newest first.
void add(FlakyCases& all, const std::string& name, std::string_view outcomes) {
  std::size_t back = 0;
  for (const char one : outcomes) {
    const auto* const status = one == 'P'   ? "passed"
                               : one == 'F' ? "failed"
                               : one == 'E' ? "error"
                                            : "flaky";
    all.add({.suite_id = "s",
             .suite = "suite",
             .name = name,
             .run_id = "run_" + std::to_string(back++),
             .status = status,
             .message = one == 'P' ? "" : std::string("because ") + one});
  }
}

TEST(FlakyCases, ToAndFroOrOnARetryAndNothingElse) {
  FlakyCases all;
  add(all, "broke", "FFFPPP");
  add(all, "goes to and fro", "PFPFPP");
  add(all, "new", "F");
  add(all, "on a retry", "PPPPPR");
  add(all, "steady", "PPPPPP");
  add(all, "was away and failed", "PEP");
  const auto out = all.result(10);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].at("case"), "goes to and fro");
  EXPECT_EQ(out[0].at("flips").to_number<int>(), 4);
  EXPECT_DOUBLE_EQ(out[0].at("flip_rate").as_double(), 0.8);
  EXPECT_EQ(out[0].at("failed").to_number<int>(), 2);
  EXPECT_EQ(out[0].at("message"), "because F");
  EXPECT_EQ(out[0].at("history").at(1).at("run_id"), "run_1");
  EXPECT_EQ(out[1].at("case"), "was away and failed");
  EXPECT_EQ(out[2].at("case"), "on a retry");
  EXPECT_EQ(out[2].at("status"), "passed");
}

TEST(FlakyCases, TheFlakiestAreKept) {
  FlakyCases all;
  add(all, "a", "PFPPPPPP");
  add(all, "b", "PFPFPFPF");
  const auto out = all.result(1);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].at("case"), "b");
}

}  // namespace
}  // namespace telltale::lab
