#include "report/text_writers.hpp"

#include <gtest/gtest.h>

namespace telltale::report {
namespace {

Document sample() {
  Document out{.title = "A *title*"};
  out.heading("H|1");
  out.paragraph("<b>not bold</b>\nsecond");
  out.table("cap", {"name", "n"},
            {{{.text = "=cmd|' /C calc'!A0"}, {.text = "-1.5", .number = true}},
             {{.text = "a,\"b\"\nc"}, {.text = "2", .number = true}}});
  out.figures({{"Open", {.text = "3"}}});
  out.chart({.title = "rate",
             .unit = "ms",
             .epoch = 0,
             .series = {{"s", {{0, 1}, {1, kNoValue}, {2, 7}}}, {"none", {}}}});
  return out;
}

TEST(Markdown, IsEscapedAndWhole) {
  EXPECT_EQ(write_markdown(sample()),
            "# A \\*title\\*\n\n## H\\|1\n\n\\<b\\>not bold\\</b\\> second\n\ncap\n\n"
            "| name | n |\n|---|---:|\n| =cmd\\|' /C calc'\\!A0 | -1.5 |\n| a,\"b\" c | 2 |\n\n"
            "- Open: **3**\n\n**rate**, ms\n\n- s: 1 to 7\n- none: nothing\n\n");
}

TEST(Csv, QuotesAndRunsNoFormula) {
  EXPECT_EQ(
      write_csv(sample()),
      "A *title*\r\n\r\nH|1\r\n\"<b>not bold</b>\nsecond\"\r\n\r\ncap\r\nname,n\r\n"
      "'=cmd|' /C calc'!A0,-1.5\r\n\"a,\"\"b\"\"\nc\",2\r\nOpen,3\r\n\r\nrate,ms\r\n"
      "series,time,value\r\ns,1970-01-01T00:00:00.000Z,1\r\ns,1970-01-01T00:00:02.000Z,7\r\n");
}

TEST(Html, ADocumentIsAPage) {
  const auto page = write_html(sample());
  EXPECT_NE(page.find("<h2>H|1</h2>"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_EQ(page.find("<b>not"), std::string::npos);
}

}  // namespace
}  // namespace telltale::report
