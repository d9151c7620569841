#include "schedule/agenda.hpp"

#include <gtest/gtest.h>

namespace telltale::schedule {
namespace {

using namespace std::chrono_literals;

base::WallTime at(std::string_view text) {
  return *base::parse_rfc3339(text);
}
Appointment every(const std::string& cron, base::WallTime from, Missed missed = Missed::skip,
                  base::Duration jitter = {}) {
  return {.timetable = *Timetable::open(cron, "UTC"),
          .handled = from,
          .jitter = jitter,
          .missed = missed};
}

TEST(Agenda, EachIsDueOnce) {
  Agenda agenda;
  const auto start = at("2026-01-01T00:00:30Z");
  agenda.put("a", every("* * * * *", start));
  EXPECT_EQ(agenda.next_deadline(), at("2026-01-01T00:01:00Z"));
  EXPECT_TRUE(agenda.take_due(at("2026-01-01T00:00:59.999Z")).empty());
  const auto due = agenda.take_due(at("2026-01-01T00:01:00Z"));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_TRUE(due[0].run);
  EXPECT_EQ(due[0].missed, 0U);
  EXPECT_TRUE(agenda.take_due(at("2026-01-01T00:01:00Z")).empty());
  agenda.remove("a");
  EXPECT_FALSE(agenda.next_deadline());
}

TEST(Agenda, WhatWasMissedIsSkippedOrRunOnce) {
  const auto start = at("2026-01-01T00:00:00Z");
  for (const auto policy : {Missed::skip, Missed::run_once}) {
    Agenda agenda;
    agenda.put("a", every("0 * * * *", start, policy));
    const auto due = agenda.take_due(at("2026-01-01T05:30:00Z"));
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].missed, 5U);
    EXPECT_EQ(due[0].run, policy == Missed::run_once);
    EXPECT_EQ(due[0].planned, at("2026-01-01T05:00:00Z"));
    EXPECT_EQ(agenda.next_deadline(), at("2026-01-01T06:00:00Z"));
  }
}

TEST(Agenda, OneThatIsDueNowRunsAfterTheMissedOnes) {
  Agenda agenda;
  agenda.put("a", every("* * * * *", at("2026-01-01T00:00:00Z")));
  const auto due = agenda.take_due(at("2026-01-01T00:10:05Z"));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_TRUE(due[0].run);
  EXPECT_EQ(due[0].missed, 9U) << "00:09 gave way to 00:10";
}

TEST(Agenda, YearsOfMissedMinutesAreNotCounted) {
  Agenda agenda;
  agenda.put("a", every("* * * * *", at("2020-01-01T00:00:00Z")));
  const auto due = agenda.take_due(at("2026-01-01T00:00:30Z"));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].missed, Agenda::kMissedMax);
  EXPECT_EQ(agenda.next_deadline(), at("2026-01-01T00:01:00Z"));
}

TEST(Agenda, JitterIsTheSameEachTimeAndWithinItsBounds) {
  const auto start = at("2026-01-01T00:00:00Z");
  Agenda one, other;
  one.put("a", every("0 * * * *", start, Missed::skip, 600s));
  other.put("a", every("0 * * * *", start, Missed::skip, 600s));
  other.put("b", every("0 * * * *", start, Missed::skip, 600s));
  const auto first = *one.next_deadline();
  EXPECT_GE(first, start + 1h);
  EXPECT_LT(first, start + 1h + 600s);
  other.remove("b");
  EXPECT_EQ(other.next_deadline(), first);
  const auto due = one.take_due(first);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].planned, start + 1h) << "what was planned is told without it";
  EXPECT_TRUE(due[0].run);
}

TEST(Agenda, AClockSetBackRunsNothingAgainAndALyingOneIsForgotten) {
  Agenda agenda;
  agenda.put("a", every("0 * * * *", at("2026-01-01T10:30:00Z")));
  EXPECT_TRUE(agenda.take_due(at("2026-01-01T09:00:00Z")).empty());
  EXPECT_EQ(agenda.next_deadline(), at("2026-01-01T11:00:00Z"));
  agenda.put("a", every("0 * * * *", at("2036-01-01T10:30:00Z")));
  agenda.take_due(at("2026-01-01T09:00:00Z"));
  EXPECT_EQ(agenda.next_deadline(), at("2026-01-01T10:00:00Z"));
}

}  // namespace
}  // namespace telltale::schedule
