#include <algorithm>

#include <gtest/gtest.h>

#include "report/html.hpp"
#include "report/svg_chart.hpp"

namespace telltale::report {
namespace {

TEST(Html, WhatIsReportedCannotBecomeMarkup) {
  HtmlPage page("<script>alert(1)</script>", Theme::automatic);
  page.heading("a & b");
  page.paragraph("<img onerror=alert(1)>", Tone::bad);
  page.table("\"caption\"", {"<th>"}, {{{.text = "</td><script>", .tone = Tone::good}}});
  page.figures({{"<b>", {.text = "\x01'"}}});
  const auto out = page.take();
  EXPECT_EQ(out.find("<script"), std::string::npos);
  EXPECT_EQ(out.find("<img"), std::string::npos);
  EXPECT_NE(out.find("a &amp; b"), std::string::npos);
  EXPECT_NE(out.find("class=\"good\""), std::string::npos);
  EXPECT_EQ(out.find('\x01'), std::string::npos);
  EXPECT_TRUE(out.ends_with("</html>\n"));
  for (const auto* const outside : {"http:", "https:", "src=", "href=", "@import", "url("})
    EXPECT_EQ(out.find(outside), std::string::npos) << "it stands alone: " << outside;
}

TEST(Html, ThemesAreTheReadersOrFixed) {
  EXPECT_NE(HtmlPage("t", Theme::automatic).take().find("prefers-color-scheme"), std::string::npos);
  EXPECT_EQ(HtmlPage("t", Theme::dark).take().find("prefers-color-scheme"), std::string::npos);
}

TEST(Svg, StepsAreRound) {
  EXPECT_DOUBLE_EQ(round_step(100, 4), 50);
  EXPECT_DOUBLE_EQ(round_step(8, 4), 2);
  EXPECT_DOUBLE_EQ(round_step(0.9, 4), 0.5);
  EXPECT_DOUBLE_EQ(round_step(1, 4), 0.5);
  EXPECT_GT(round_step(0, 4), 0);
}

TEST(Svg, ALineIsCutWhereThereIsNothing) {
  const auto out = svg_chart({.title = "rate",
                              .unit = "kbit/s",
                              .series = {{"a", {{0, 1}, {1, 2}, {2, kNoValue}, {3, 4}, {4, 2}}}}});
  const auto path = out.substr(out.find("<path d="));
  EXPECT_EQ(std::ranges::count(path, 'M'), 2) << path;
  EXPECT_EQ(out.find("nan"), std::string::npos);
  EXPECT_NE(out.find("aria-label=\"rate, kbit/s\""), std::string::npos);
}

TEST(Svg, ManyPointsKeepTheirPeaks) {
  Series series{.name = "a"};
  for (int i = 0; i < 100'000; ++i)
    series.points.push_back({static_cast<double>(i), i == 54'321 ? 900.0 : 1.0});
  const auto out = svg_chart({.title = "t", .series = {series}});
  EXPECT_LT(out.size(), 40'000U);
  EXPECT_NE(out.find(" 25.0"), std::string::npos) << "the peak, at 900 of 1,000";
}

TEST(Svg, NothingAtAllIsStillAPicture) {
  const auto out = svg_chart({.title = "empty"});
  EXPECT_TRUE(out.ends_with("</svg>"));
  EXPECT_EQ(out.find("nan"), std::string::npos);
  EXPECT_EQ(out.find("inf"), std::string::npos);
}

TEST(Svg, LanesAndMarksSayWhatTheyAre) {
  const auto out =
      svg_chart({.title = "t",
                 .from = 0,
                 .to = 10,
                 .epoch = 1'700'000'000,
                 .marks = {{5, "<froze>"}},
                 .lanes = {{"state", {{0, 4, "connecting", 2}, {4, 20, "connected", 3}}}}});
  EXPECT_NE(out.find("&lt;froze&gt;"), std::string::npos);
  EXPECT_NE(out.find("<title>connected</title>"), std::string::npos);
  EXPECT_NE(out.find("22:13:2"), std::string::npos) << "times of day";
}

}  // namespace
}  // namespace telltale::report
