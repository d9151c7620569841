#include "net/line_reader.hpp"

#include <gtest/gtest.h>

#include "net/line_splitter.hpp"

namespace telltale::net {
namespace {

using namespace std::chrono_literals;

TEST(LineSplitter, AnySplitGivesTheSameLines) {
  using namespace std::string_literals;
  const auto text = "one\r\n\n\0two\0\nlast"s;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    LineSplitter lines(100, false);
    std::vector<std::string> out;
    const auto take = [&](std::string_view line) { out.emplace_back(line); };
    EXPECT_TRUE(lines.feed(std::string_view(text).substr(0, cut), take));
    EXPECT_TRUE(lines.feed(std::string_view(text).substr(cut), take));
    EXPECT_TRUE(lines.partial());
    lines.finish(take);
    EXPECT_EQ(out, (std::vector{"one"s, ""s, "\0two\0"s, "last"s})) << cut;
  }
}

TEST(LineSplitter, LongLinesAreCutOrRefused) {
  LineSplitter cut(4, true);
  std::vector<std::string> out;
  const auto take = [&](std::string_view line) { out.emplace_back(line); };
  EXPECT_TRUE(cut.feed("12", take));
  EXPECT_TRUE(cut.feed("3456", take));
  EXPECT_TRUE(cut.feed("789\nabcd\n12345\n", take));
  EXPECT_EQ(out, (std::vector<std::string>{"1234", "abcd", "1234"}));
  LineSplitter refuse(4, false);
  EXPECT_TRUE(refuse.feed("1234\n", take));
  EXPECT_FALSE(refuse.feed("12345", take));
}

// Lines that come `each` apart, read when the pace says; the pause at the end.
base::Duration settled(std::size_t aim, base::Duration each) {
  ReadPace pace;
  pace.aim_at(aim);
  base::SteadyTime now{1s};
  (void)pace.after(0, now);
  base::Duration pause{};
  for (int i = 0; i < 50; ++i) {
    const auto took = std::max(pause, each);
    now += took;
    pause = pace.after(static_cast<std::size_t>(took / each), now);
  }
  return pause;
}

TEST(ReadPace, WaitsForSomeLinesButNotLong) {
  EXPECT_EQ(settled(16, 2us), 32us);   // sixteen lines
  EXPECT_EQ(settled(64, 5us), 100us);  // as many as come in the longest pause
  EXPECT_EQ(settled(16, 30us), 0us);   // too few to wait for
  EXPECT_EQ(settled(4, 1us), 0us);     // shorter than a timer is worth
  EXPECT_EQ(settled(0, 2us), 0us);     // nobody asked for it
}

TEST(ReadPace, AReadingThatFindsNothingWaitsForReadiness) {
  ReadPace pace;
  pace.aim_at(16);
  base::SteadyTime now{1s};
  (void)pace.after(0, now);
  for (int i = 0; i < 10; ++i) (void)pace.after(8, now += 16us);
  EXPECT_EQ(pace.after(8, now += 16us), 32us);
  EXPECT_EQ(pace.after(0, now += 32us), 0us);
}

}  // namespace
}  // namespace telltale::net
