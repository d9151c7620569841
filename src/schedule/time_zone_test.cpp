// Zones of the machine, at edges that have a date: what `date -d` says of them too.
#include "schedule/time_zone.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace telltale::schedule {
namespace {

using namespace std::chrono;

std::shared_ptr<const TimeZone> zone(const std::string& name) {
  auto out = TimeZone::open(name);
  EXPECT_TRUE(out) << name;
  return out ? *out : *TimeZone::open("UTC");
}
Instant utc(std::string_view text) {
  return floor<seconds>(*base::parse_rfc3339(text));
}
LocalTime local(std::string_view text) {
  return LocalTime(utc(text).time_since_epoch());
}

TEST(TimeZone, OffsetsOfSummersAndWinters) {
  struct Case {
    const char* zone;
    const char* at;
    int minutes;
  };
  for (const auto& one :
       {Case{"UTC", "2026-07-01T00:00:00Z", 0}, Case{"Europe/Berlin", "2026-03-29T00:59:59Z", 60},
        Case{"Europe/Berlin", "2026-03-29T01:00:00Z", 120},
        Case{"Europe/Berlin", "2026-10-25T00:59:59Z", 120},
        Case{"Europe/Berlin", "2026-10-25T01:00:00Z", 60},
        // After 2037 there is only the footer.
        Case{"Europe/Berlin", "2070-07-01T00:00:00Z", 120},
        Case{"America/New_York", "2081-01-15T12:00:00Z", -300},
        Case{"Australia/Sydney", "2060-01-15T12:00:00Z", 660},
        Case{"Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630},
        Case{"Australia/Lord_Howe", "2026-12-01T00:00:00Z", 660},
        Case{"Europe/Dublin", "2050-01-01T00:00:00Z", 0},  // winter is the "saving"
        Case{"Europe/Dublin", "2050-07-01T00:00:00Z", 60},
        Case{"Asia/Kathmandu", "2026-01-01T00:00:00Z", 345},
        Case{"America/St_Johns", "2026-01-01T00:00:00Z", -210},
        Case{"Asia/Kolkata", "1900-01-01T00:00:00Z", 321}})
    EXPECT_EQ(floor<minutes>(zone(one.zone)->offset_at(utc(one.at))).count(), one.minutes)
        << one.zone << " " << one.at;
}

TEST(TimeZone, ALocalTimeComesOnceTwiceOrNever) {
  const auto berlin = zone("Europe/Berlin");
  const auto once = berlin->meaning_of(local("2026-06-01T12:00:00Z"));
  EXPECT_EQ(once.first, utc("2026-06-01T10:00:00Z"));
  EXPECT_FALSE(once.second);
  EXPECT_FALSE(once.skipped_by);
  const auto never = berlin->meaning_of(local("2026-03-29T02:30:00Z"));
  EXPECT_FALSE(never.first);
  EXPECT_EQ(never.skipped_by, utc("2026-03-29T01:00:00Z"));
  const auto twice = berlin->meaning_of(local("2026-10-25T02:30:00Z"));
  EXPECT_EQ(twice.first, utc("2026-10-25T00:30:00Z"));
  EXPECT_EQ(twice.second, utc("2026-10-25T01:30:00Z"));
  // Half an hour only, and over midnight, and a whole day (Samoa had no 30 December 2011).
  EXPECT_EQ(zone("Australia/Lord_Howe")->meaning_of(local("2026-10-04T02:15:00Z")).skipped_by,
            utc("2026-10-03T15:30:00Z"));
  EXPECT_EQ(zone("America/Havana")->meaning_of(local("2026-03-08T00:30:00Z")).skipped_by,
            utc("2026-03-08T05:00:00Z"));
  EXPECT_EQ(zone("Pacific/Apia")->meaning_of(local("2011-12-30T12:00:00Z")).skipped_by,
            utc("2011-12-30T10:00:00Z"));
}

TEST(TimeZone, WhatIsNoZoneIsRefused) {
  for (const auto* const name :
       {"", "Mars/Olympus", "../../../etc/passwd", "/etc/localtime", "Europe", "tzdata.zi",
        "europe/../Europe/Berlin", "Europe/Berlin\n", "right/Europe/Berlin", "leapseconds"})
    EXPECT_FALSE(TimeZone::open(name)) << name;
}

TEST(TimeZone, ADamagedFileIsRefusedWhereverItIsCut) {
  const std::string header = [](char version, int times, int types, int characters) {
    std::string out = "TZif";
    out += version;
    out.append(15, '\0');
    for (const int count : {0, 0, 0, times, types, characters}) {
      out.append(3, '\0');
      out += static_cast<char>(count);
    }
    return out;
  }('1', 2, 2, 4);
  const std::string whole = header + std::string("\0\0\0\x10\0\0\0\x20", 8) +
                            std::string("\1\0", 2) + std::string("\0\0\x0e\x10\0\0", 6) +
                            std::string("\0\0\x1c\x20\1\0", 6) + "ABC" + std::string(1, '\0');
  const auto parsed = TimeZone::parse("x", whole);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->offset_at(Instant(seconds(0))), 1h);
  EXPECT_EQ(parsed->offset_at(Instant(seconds(16))), 2h);
  EXPECT_EQ(parsed->offset_at(Instant(seconds(32))), 1h);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(TimeZone::parse("x", whole.substr(0, size))) << size;
  auto backwards = whole;
  backwards[44 + 3] = '\x21';
  EXPECT_FALSE(TimeZone::parse("x", backwards));
  auto no_type = whole;
  no_type[44 + 8] = '\7';
  EXPECT_FALSE(TimeZone::parse("x", no_type));
}

TEST(ZoneRule, ReadsEveryFormAndNothingElse) {
  for (const auto* const good :
       {"UTC0", "<+0330>-3:30", "EST5EDT,M3.2.0,M11.1.0", "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "XXX3EDT4,0/0,J365/23"})
    EXPECT_TRUE(ZoneRule::parse(good)) << good;
  for (const auto* const bad :
       {"", "5", "AB5", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,", "EST168", "<EST5", "EST5EDT,J0,J1"})
    EXPECT_FALSE(ZoneRule::parse(bad)) << bad;
}

}  // namespace
}  // namespace telltale::schedule
