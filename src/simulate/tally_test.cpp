#include "simulate/tally.hpp"

#include <gtest/gtest.h>

namespace telltale::simulate {
namespace {

TEST(Objective, IsAFigureASignAndANumber) {
  const auto most = parse_objective("first_frame_p95_ms<=1500.5");
  ASSERT_TRUE(most);
  EXPECT_EQ(most->figure, "first_frame_p95_ms");
  EXPECT_TRUE(most->at_most);
  EXPECT_DOUBLE_EQ(most->value, 1500.5);
  EXPECT_FALSE(parse_objective("frames_per_second>=24")->at_most);
  for (const auto* const bad : {"", "<=", "joins", "joins<3", "joins<=", "joins<=3x", "nothing<=3",
                                "joins =<3", "joins==3"}) {
    const auto parsed = parse_objective(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().detail.find("frames_per_second"), std::string::npos)
        << "it names what there is";
  }
}

TEST(Summary, FiguresAndVerdicts) {
  Tally tally{.joins = 4, .join_failures = 1, .frames = 600, .bytes = 2'500'000};
  tally.watched = std::chrono::seconds(20);
  tally.freezes = 2;
  tally.frozen = std::chrono::seconds(1);
  Plan plan;
  plan.objectives = {*parse_objective("frames_per_second>=24"),
                     *parse_objective("join_failures<=0")};
  const auto out = summarize(plan, tally, std::chrono::seconds(30));
  EXPECT_FALSE(out.ok);
  const auto* const seen = base::find_object(out.json, "figures");
  ASSERT_NE(seen, nullptr);
  EXPECT_DOUBLE_EQ(*base::find_number(*seen, "frames_per_second"), 30);
  EXPECT_DOUBLE_EQ(*base::find_number(*seen, "kilobits_per_second"), 1'000);
  EXPECT_DOUBLE_EQ(*base::find_number(*seen, "freezes_per_minute"), 6);
  EXPECT_DOUBLE_EQ(*base::find_number(*seen, "frozen_percent"), 5);
  const auto& verdicts = out.json.at("objectives").as_array();
  EXPECT_TRUE(verdicts[0].at("held").as_bool());
  EXPECT_FALSE(verdicts[1].at("held").as_bool());
  EXPECT_EQ(seen->size(), figures().size());
}

TEST(Summary, NothingWatchedDividesByNothing) {
  const auto out = summarize({}, {}, {});
  for (const auto& [name, value] : *base::find_object(out.json, "figures"))
    EXPECT_EQ(value.as_double(), 0) << name;
}

TEST(Tally, KeepsFiftyKindsOfErrors) {
  Tally tally;
  for (int i = 0; i < 80; ++i) tally.error("kind " + std::to_string(i));
  tally.error("kind 3");
  EXPECT_EQ(tally.errors.size(), 51U);
  EXPECT_EQ(tally.errors["kind 3"], 2U);
  EXPECT_EQ(tally.errors["(others)"], 30U);
}

}  // namespace
}  // namespace telltale::simulate
