#include "series/expression.hpp"

#include <regex>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::series {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_expression(text, "/q");
  return parsed ? "none: " + text_of(*parsed) : parsed.error().fields.front().message;
}

TEST(Expression, IsReadAndWrittenBack) {
  for (const std::string_view text :
       {"up", "tool_calls{server=\"x\"}", "rate(tool_calls{server=\"x\"}[5m]) by (tool)",
        "quantile(0.75, ms{a!=\"b\", c=~\"d.*\", e!~\"f|g\"}[1h30m]) by (a, c)", "sum(x) by ()",
        "{server=\"x\"}", "p99(a.b:c)", "max({t=\"q\\\"\\\\\\n\"}[1d])", "p95(x[250ms])"}) {
    const auto parsed = parse_expression(text, "/q");
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().detail;
    EXPECT_EQ(text_of(*parsed), text);
  }
  const auto loose = parse_expression("  rate ( x { a = 'b' , } [ 90s ] )  by ( c ) ", "/q");
  ASSERT_TRUE(loose) << loose.error().detail;
  EXPECT_EQ(text_of(*loose), "rate(x{a=\"b\"}[1m30s]) by (c)");
}

TEST(Expression, ErrorsNameTheColumnAndWhatIsRight) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "column 1: expected the name of a metric, or {"},
      {"{}", "column 2: expected a matcher such as tool=\"x\""},
      {"1x", "column 1: \"1x\" is no name"},
      {"median(x)", "column 1: there is no function \"median\"; there are avg, sum"},
      {"rate(x", "column 7: expected {, [ or )"},
      {"rate(x[5])", "column 8: expected a duration"},
      {"rate(x[5m)", "column 10: expected ]"},
      {"rate(x[5m]", "column 11: expected )"},
      {"rate(x) of (a)", "column 9: expected by"},
      {"rate(x) by a", "column 12: expected ( after by"},
      {"rate(x) by (a b)", "column 15: expected , or )"},
      {"rate(x) by (1)", "column 13: expected the name of a label"},
      {"quantile(x)", "column 10: expected a number from 0 to 1"},
      {"quantile(1.5, x)", "column 10: expected a number from 0 to 1"},
      {"quantile(0.5 x)", "column 14: expected , and a selector"},
      {"x{a}", "column 4: expected =, !=, =~ or !~"},
      {"x{a!\"b\"}", "column 5: expected != or !~"},
      {"x{a=b}", "column 5: expected a text in quotes"},
      {"x{a=\"b}", "column 5: this text is not closed"},
      {"x{a=\"b\" c=\"d\"}", "column 9: expected , or }"},
      {"x{a=~\"(b\"}", "column 9: in the pattern: a ( is not closed"},
      {"x{a=~\"*\"}", "column 7: in the pattern: nothing before it to repeat"},
      {"x{a=\"b\"} y", "column 10: expected {"},
  };
  for (const auto& [text, want] : cases) {
    const auto got = error_of(text);
    EXPECT_TRUE(got.starts_with(want)) << text << "\n  " << got << "\n  " << want;
  }
  EXPECT_EQ(error_of(std::string(3'000, 'a')), "must have at most 2000 bytes");
  EXPECT_EQ(error_of("\xff"), "must be UTF-8");
}

TEST(Expression, DurationsAreBoundedAndNeverNothing) {
  EXPECT_EQ(parse_duration("1h30m", "/x").value_or(0), 5'400'000);
  EXPECT_EQ(parse_duration("7d", "/x").value_or(0), 604'800'000);
  for (const std::string_view bad :
       {"", "5", "m", "0s", "-5m", "5x", "5m5", "1e3s", "99999w", "9999999999999999999s", "1.5h"})
    EXPECT_FALSE(parse_duration(bad, "/x")) << bad;
  EXPECT_EQ(duration_text(90'061'250), "1d1h1m1s250ms");
}

TEST(Pattern, FitsWhatAnyRegularExpressionWould) {
  base::Random random(3);
  constexpr std::string_view kParts[] = {"a", "b", "c", ".", "[ab]", "[^a]", "(ab|c)", "(a|)"};
  constexpr std::string_view kSigns[] = {"", "", "", "*", "+", "?"};
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(6); n > 0; --n) {
      text += kParts[random.below(std::size(kParts))];
      text += kSigns[random.below(std::size(kSigns))];
      if (random.chance(0.1)) text += "|";
    }
    const auto pattern = Pattern::compile(text);
    ASSERT_TRUE(pattern) << text << ": " << pattern.error().what;
    const std::regex oracle(text);
    for (int j = 0; j < 20; ++j) {
      std::string subject;
      for (std::uint64_t n = random.below(7); n > 0; --n)
        subject += static_cast<char>('a' + random.below(4));
      ASSERT_EQ(pattern->fits(subject), std::regex_match(subject, oracle))
          << text << " " << subject;
    }
  }
}

TEST(Pattern, TakesNoTimeForWhatIsMeantToTakeLong) {
  std::string text = "(a*)*(a*)*(a*)*b";
  const auto pattern = Pattern::compile(text);
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern->fits(std::string(20'000, 'a')));
  EXPECT_TRUE(pattern->fits(std::string(20'000, 'a') + "b"));
}

TEST(Pattern, ClassesAndEscapes) {
  const auto fits = [](std::string_view text, std::string_view subject) {
    const auto pattern = Pattern::compile(text);
    EXPECT_TRUE(pattern) << text;
    return pattern && pattern->fits(subject);
  };
  EXPECT_TRUE(fits("\\d+\\.\\d", "12.5"));
  EXPECT_FALSE(fits("\\d+\\.\\d", "12x5"));
  EXPECT_TRUE(fits("[a-c\\d_-]+", "ab9_-"));
  EXPECT_TRUE(fits("\\W\\S\\D", " x-"));
  EXPECT_TRUE(fits("[]]", "]"));
  for (const std::string_view bad : {"[", "(", ")", "a)", "+", "a{2}", "\\", "\\b", "[b-a]", "^a"})
    EXPECT_FALSE(Pattern::compile(bad)) << bad;
  EXPECT_FALSE(Pattern::compile(std::string(257, 'a')));
  EXPECT_FALSE(Pattern::compile(std::string(100, '(')));
}

}  // namespace
}  // namespace telltale::series
