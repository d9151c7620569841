#include "simulate/stream_bench.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace telltale::simulate {
namespace {

StreamBenchResult result() {
  StreamBenchResult out{.source = "<test>",
                        .quality = "auto",
                        .link = "perfect",
                        .codec = "video/H264",
                        .width = 1280,
                        .height = 720};
  out.figures = {{"frames_per_second", 30}, {"first_frame_ms", 200}, {"loss_percent", 0}};
  for (int i = 1; i <= 3; ++i)
    out.samples.push_back({.at_s = static_cast<double>(i),
                           .frames_per_second = 30,
                           .kilobits_per_second = 1'000,
                           .latency_ms = i == 2 ? std::nullopt : std::optional(12.5)});
  return out;
}

bool regressed(const std::vector<StreamChange>& changes, std::string_view name) {
  const auto found = std::ranges::find_if(
      changes, [&](const StreamChange& one) { return one.figure.name == name; });
  return found != changes.end() && found->regressed;
}

TEST(CompareStreams, WorseIsWorseEitherWay) {
  const base::JsonObject before{{"frames_per_second", 30},
                                {"first_frame_ms", 200},
                                {"loss_percent", 0},
                                {"round_trip_ms", 1}};
  const base::JsonObject after{{"frames_per_second", 20},
                               {"first_frame_ms", 300},
                               {"loss_percent", 2},
                               {"round_trip_ms", 3}};
  const auto changes = compare_streams(before, after, 20);
  EXPECT_EQ(changes.size(), 4U);
  EXPECT_TRUE(regressed(changes, "frames_per_second"));
  EXPECT_TRUE(regressed(changes, "first_frame_ms"));
  EXPECT_TRUE(regressed(changes, "loss_percent")) << "from nothing";
  EXPECT_FALSE(regressed(changes, "round_trip_ms")) << "2 ms matter to nobody";
  for (const auto& one : compare_streams(after, before, 0)) EXPECT_FALSE(one.regressed);
  EXPECT_TRUE(compare_streams(before, {}, 20).empty()) << "what only one has is not compared";
}

TEST(StreamBench, ItsJsonIsABaseline) {
  const auto again = base::parse_json(base::write_json(to_json(result())));
  ASSERT_TRUE(again);
  const auto figures = figures_of(*again);
  ASSERT_TRUE(figures);
  EXPECT_EQ(base::find_number(*figures, "frames_per_second"), 30);
  for (const auto* const other : {"[]", "{}", R"({"kind":"else","figures":{}})"})
    EXPECT_FALSE(figures_of(*base::parse_json(other))) << other;
}

TEST(StreamBench, CsvHasALineForEachSecond) {
  const auto csv = to_csv(result());
  EXPECT_EQ(std::ranges::count(csv, '\n'), 4);
  EXPECT_NE(csv.find("2.000,30.000,1000.000,0.0000,0.000,0.000,0,,\r\n"), std::string::npos);
}

TEST(StreamBench, ThePageStandsAloneAndEscapes) {
  const auto changes = compare_streams({{"first_frame_ms", 100}}, result().figures, 20);
  const auto page = to_html(result(), changes);
  EXPECT_EQ(page.find("<test>"), std::string::npos);
  EXPECT_NE(page.find("&lt;test&gt;"), std::string::npos);
  EXPECT_NE(page.find("-100.0 %"), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
  EXPECT_EQ(std::ranges::count(page, '\0'), 0);
}

}  // namespace
}  // namespace telltale::simulate
