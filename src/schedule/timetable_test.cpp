// Cron expressions, and when they come in zones whose clocks are set.
#include "schedule/timetable.hpp"

#include <gtest/gtest.h>

namespace telltale::schedule {
namespace {

using namespace std::chrono;

Instant utc(std::string_view text) {
  return floor<seconds>(*base::parse_rfc3339(text));
}

std::vector<std::string> runs(const std::string& cron, const std::string& zone,
                              std::string_view after, std::size_t count) {
  const auto timetable = Timetable::open(cron, zone);
  if (!timetable) return {timetable.error().fields.at(0).message};
  std::vector<std::string> out;
  for (const auto at : timetable->next_runs(utc(after), count))
    out.push_back(timetable->format_local(at));
  return out;
}
using Times = std::vector<std::string>;

TEST(Cron, SaysWhichFieldIsWrongAndWhatIsRight) {
  struct Case {
    const char* text;
    const char* says;
  };
  for (const auto& one : {Case{"", "must have five fields"},
                          Case{"* * * *", "has 4"},
                          Case{"* * * * * *", "has 6"},
                          Case{"60 * * * *", "minute: \"60\" is not in 0-59"},
                          Case{"* 24 * * *", "hour: \"24\" is not in 0-23"},
                          Case{"* * 0 * *", "day of the month: \"0\" is not in 1-31"},
                          Case{"* * * 13 *", "month: \"13\" is not in 1-12 nor a name such as feb"},
                          Case{"* * * * 8", "day of the week: \"8\" is not in 0-7"},
                          Case{"* * * * mondays", "\"mondays\" is not"},
                          Case{"5-1 * * * *", "runs backwards"},
                          Case{"*/0 * * * *", "has a step"},
                          Case{"*/x * * * *", "has a step"},
                          Case{"1,,2 * * * *", "minute: \"\" is not"},
                          Case{"-1 * * * *", "minute: \"\" is not"},
                          Case{"1- * * * *", "minute: \"\" is not"},
                          Case{"+1 * * * *", "\"+1\" is not"},
                          Case{"*-5 * * * *", "\"*\" is not"},
                          Case{"@reboot", "must be @hourly"},
                          Case{"1.5 * * * *", "\"1.5\" is not"},
                          Case{"99999999999 * * * *", "is not in 0-59"}}) {
    const auto parsed = Cron::parse(one.text);
    ASSERT_FALSE(parsed) << one.text;
    EXPECT_NE(parsed.error().detail.find(one.says), std::string::npos)
        << one.text << ": " << parsed.error().detail;
  }
  EXPECT_FALSE(Cron::parse(std::string(300, '*')));
}

TEST(Timetable, FieldsNamesRangesStepsLists) {
  EXPECT_EQ(runs("*/20 8-9 * * *", "UTC", "2026-01-01T09:10:00Z", 3),
            (Times{"2026-01-01T09:20:00+00:00", "2026-01-01T09:40:00+00:00",
                   "2026-01-02T08:00:00+00:00"}));
  EXPECT_EQ(runs("30 6 * JAN,mar Mon-Fri", "UTC", "2026-01-30T06:30:00Z", 2),
            (Times{"2026-03-02T06:30:00+00:00", "2026-03-03T06:30:00+00:00"}));
  EXPECT_EQ(runs("10/25 0 1 1 *", "UTC", "2026-12-31T00:00:00Z", 3),
            (Times{"2027-01-01T00:10:00+00:00", "2027-01-01T00:35:00+00:00",
                   "2028-01-01T00:10:00+00:00"}));
  // Either kind of day when both are given; Sunday is 0 and 7.
  EXPECT_EQ(runs("0 0 13 * 5", "UTC", "2026-11-01T00:00:00Z", 3),
            (Times{"2026-11-06T00:00:00+00:00", "2026-11-13T00:00:00+00:00",
                   "2026-11-20T00:00:00+00:00"}));
  EXPECT_EQ(runs("0 0 * * 7", "UTC", "2026-11-16T00:00:00Z", 1),
            runs("0 0 * * sun", "UTC", "2026-11-16T00:00:00Z", 1));
  EXPECT_EQ(runs("@weekly", "UTC", "2026-11-16T00:00:00Z", 1),
            (Times{"2026-11-22T00:00:00+00:00"}));
  EXPECT_EQ(runs("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 2),
            (Times{"2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"}));
  EXPECT_EQ(runs("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z", 1),
            (Times{"names a day that never comes"}));
  EXPECT_EQ(runs("0 0 * * *", "Nowhere", "2026-01-01T00:00:00Z", 1),
            (Times{"is no time zone, such as \"Europe/Berlin\" or \"UTC\""}));
}

TEST(Timetable, ASkippedTimeRunsOnceWhenClocksSkipIt) {
  EXPECT_EQ(runs("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
            (Times{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00",
                   "2026-03-30T02:30:00+02:00"}));
  // Several of one hour: once.
  EXPECT_EQ(runs("0,20,40 2 * * *", "America/New_York", "2026-03-08T00:00:00-05:00", 2),
            (Times{"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}));
  EXPECT_EQ(runs("0 0 * * *", "America/Havana", "2026-03-07T12:00:00Z", 2),
            (Times{"2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"}));
  EXPECT_EQ(runs("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", 3),
            (Times{"2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00",
                   "2011-12-31T12:00:00+14:00"}));
}

TEST(Timetable, ADoubledTimeRunsTheFirstTime) {
  EXPECT_EQ(runs("30 2 * * *", "Europe/Berlin", "2026-10-24T10:00:00Z", 2),
            (Times{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}));
  EXPECT_EQ(runs("*/30 1 * * *", "America/New_York", "2026-11-01T00:00:00-04:00", 3),
            (Times{"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00",
                   "2026-11-02T01:00:00-05:00"}));
  // Set back over midnight: the day before ends twice.
  EXPECT_EQ(runs("30 0 * * *", "America/Havana", "2026-10-31T12:00:00Z", 2),
            (Times{"2026-11-01T00:30:00-04:00", "2026-11-02T00:30:00-05:00"}));
}

TEST(Timetable, EveryHourGoesByTheTimeThatPasses) {
  EXPECT_EQ(runs("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2),
            (Times{"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}));
  EXPECT_EQ(runs("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3),
            (Times{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00",
                   "2026-10-25T03:30:00+01:00"}));
  EXPECT_EQ(runs("*/15 * * * *", "Australia/Lord_Howe", "2026-10-03T15:20:00Z", 2),
            (Times{"2026-10-04T02:30:00+11:00", "2026-10-04T02:45:00+11:00"}));
}

// Whatever the zone and the year: each next is later, and a day has at most one run.
TEST(Timetable, OnceADayForYearsInEveryZone) {
  for (const auto* const zone :
       {"Europe/Berlin", "America/New_York", "America/Havana", "Asia/Beirut", "Africa/Casablanca",
        "Australia/Lord_Howe", "America/Asuncion", "Asia/Tehran", "Africa/Cairo",
        "Pacific/Chatham"})
    for (const auto* const cron :
         {"0 0 * * *", "30 0 * * *", "30 1 * * *", "30 2 * * *", "59 23 * * *"}) {
      const auto timetable = Timetable::open(cron, zone);
      ASSERT_TRUE(timetable);
      const auto from = utc("2026-01-01T12:00:00Z");
      const auto all = timetable->next_runs(from, 1'095);
      ASSERT_EQ(all.size(), 1'095U);
      auto before = from;
      std::string day;
      for (const auto at : all) {
        ASSERT_GT(at, before) << zone << cron;
        before = at;
        const auto here = timetable->format_local(at).substr(0, 10);
        ASSERT_NE(here, day) << zone << " " << cron;
        day = here;
      }
      EXPECT_LE(all.back() - from, days(3 * 365) + 24h) << zone << " " << cron;
    }
}

}  // namespace
}  // namespace telltale::schedule
