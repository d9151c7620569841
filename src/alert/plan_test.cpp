// Who is told, and of what: groups, severities, silences, quiet hours, escalation, ends; and the
// conditions and channels that decide it.
#include "alert/plan.hpp"

#include <gtest/gtest.h>

#include "alert/defaults.hpp"
#include "alert/event_watch.hpp"
#include "alert/message.hpp"

namespace telltale::alert {
namespace {

using namespace std::chrono_literals;

base::WallTime at(std::string_view text) {
  return *base::parse_rfc3339(text);
}
const auto kNoon = at("2026-01-05T12:00:00Z");  // a Monday

Channel channel(ChannelText text, std::string id) {
  auto made = make_channel(std::move(id), std::move(text), nullptr);
  EXPECT_TRUE(made) << made.error().detail;
  return made ? *made : Channel{};
}

struct World {
  Rule rule{.name = "Down", .condition = {.kind = "metric"}};
  std::map<std::string, Alert> alerts;
  std::map<std::string, Channel> channels{
      {"browser", channel({.name = "b", .kind = "browser"}, "browser")}};
  std::vector<Silence> silences;

  void fires(const std::string& id, base::WallTime when) {
    alerts[id] = {.id = id,
                  .rule = "down",
                  .rule_name = "Down",
                  .severity = "warning",
                  .labels = {{"server", id}},
                  .series = {},
                  .summary = id + " is down",
                  .runbook = "",
                  .pending_since = when,
                  .fired_at = when};
  }
  Plan plan(base::WallTime now) {
    auto out = alert::plan({.alerts = alerts,
                            .channels = channels,
                            .silences = silences,
                            .rule = [this](const std::string&) { return &rule; }},
                           now);
    for (const auto& told : out.tell)
      for (const auto& id : told.alerts)
        if (!told.resolved) alerts.at(id).told.push_back(told.channel);
    return out;
  }
};

TEST(Plan, WhatFiresWithinTheGroupIsOneNotification) {
  World world;
  world.fires("a", kNoon);
  EXPECT_TRUE(world.plan(kNoon).tell.empty());
  EXPECT_EQ(world.plan(kNoon).next, kNoon + 5s);
  world.fires("b", kNoon + 3s);
  const auto plan = world.plan(kNoon + 5s);
  ASSERT_EQ(plan.tell.size(), 1U);
  EXPECT_EQ(plan.tell.front().alerts, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(world.plan(kNoon + 60s).tell.empty()) << "nobody is told twice";
}

TEST(Plan, AnEndIsToldToWhoWasTold) {
  World world;
  world.fires("a", kNoon);
  world.plan(kNoon + 5s);
  world.channels["late"] = channel({.name = "l", .kind = "browser"}, "late");
  world.alerts.at("a").resolved_at = kNoon + 10s;
  EXPECT_TRUE(world.plan(kNoon + 11s).tell.empty());
  const auto plan = world.plan(kNoon + 15s);
  ASSERT_EQ(plan.tell.size(), 1U);
  EXPECT_EQ(plan.tell.front().channel, "browser");
  EXPECT_TRUE(plan.tell.front().resolved);
  EXPECT_EQ(plan.over, std::vector<std::string>{"a"});
}

TEST(Plan, WhatWasOverBeforeAnybodyWasToldStaysUnsaid) {
  World world;
  world.fires("a", kNoon);
  world.alerts.at("a").resolved_at = kNoon + 2s;
  const auto plan = world.plan(kNoon + 7s);
  EXPECT_TRUE(plan.tell.empty());
  EXPECT_EQ(plan.over.size(), 1U);
}

TEST(Plan, ASilenceKeepsQuietAndItsEndTells) {
  World world;
  world.fires("a", kNoon);
  world.silences.push_back(
      {.record = {.id = "s", .until = kNoon + 1h},
       .matchers = *series::parse_matchers("server=~\"a|x\", rule=\"down\"", "")});
  EXPECT_TRUE(world.plan(kNoon + 10s).tell.empty());
  EXPECT_EQ(world.plan(kNoon + 10s).next, kNoon + 1h);
  EXPECT_EQ(world.plan(kNoon + 1h).tell.size(), 1U);
  world.fires("b", kNoon);  // of another server
  EXPECT_EQ(world.plan(kNoon + 20s).tell.size(), 1U);
}

TEST(Plan, QuietHoursAreMadeUpForWhenTheyEnd) {
  World world;
  world.channels["browser"] = channel(
      {.name = "b", .kind = "browser", .quiet = {.from = "11:00", .to = "13:00"}}, "browser");
  world.fires("a", kNoon);
  EXPECT_TRUE(world.plan(kNoon + 30min).tell.empty());
  EXPECT_EQ(world.plan(kNoon + 1h).tell.size(), 1U);
}

TEST(Plan, ItEscalatesUnlessSomebodyIsAtIt) {
  World world;
  world.channels["boss"] = channel({.name = "x", .kind = "browser"}, "boss");
  world.rule.escalate_after_s = 600;
  world.rule.escalate_to = {"boss"};
  world.fires("a", kNoon);
  const auto first = world.plan(kNoon + 5s);
  ASSERT_EQ(first.tell.size(), 1U) << "whom it escalates to is not told at once";
  EXPECT_EQ(first.tell.front().channel, "browser");
  auto acknowledged = world;
  acknowledged.alerts.at("a").acknowledged_at = kNoon + 60s;
  EXPECT_TRUE(acknowledged.plan(kNoon + 10min).tell.empty());
  const auto then = world.plan(kNoon + 10min);
  ASSERT_EQ(then.tell.size(), 1U);
  EXPECT_EQ(then.tell.front().channel, "boss");
  EXPECT_EQ(then.escalated, std::vector<std::string>{"a"});
}

TEST(Plan, AChannelIsToldWhatIsBadEnoughAndNotOfItself) {
  World world;
  world.channels["browser"].text.least_severity = "critical";
  world.fires("a", kNoon);
  EXPECT_TRUE(world.plan(kNoon + 5s).tell.empty());
  world.alerts.at("a").severity = "critical";
  world.alerts.at("a").labels["channel"] = "browser";
  EXPECT_TRUE(world.plan(kNoon + 5s).tell.empty());
  world.alerts.at("a").labels.erase("channel");
  EXPECT_EQ(world.plan(kNoon + 5s).tell.size(), 1U);
}

TEST(Channel, QuietHoursOverMidnightBelongToTheDayTheyBeginOn) {
  const auto one = channel(
      {.name = "b",
       .kind = "browser",
       .quiet = {.from = "22:00", .to = "07:00", .days = {"mon"}, .time_zone = "Europe/Berlin"}},
      "b");
  EXPECT_FALSE(one.is_quiet(at("2026-01-05T20:59:00Z")));
  EXPECT_TRUE(one.is_quiet(at("2026-01-05T21:00:00Z")));
  EXPECT_TRUE(one.is_quiet(at("2026-01-06T05:59:00Z")));
  EXPECT_FALSE(one.is_quiet(at("2026-01-06T06:00:00Z")));
  EXPECT_FALSE(one.is_quiet(at("2026-01-06T21:30:00Z"))) << "on Tuesday nothing begins";
}

TEST(Channel, EveryFieldThatIsWrongIsNamed) {
  const std::vector<std::pair<ChannelText, std::string>> wrong{
      {{.name = "x", .kind = "email"}, "/to"},
      {{.name = "x", .kind = "email", .to = {"ada"}}, "/to/0"},
      {{.name = "x", .kind = "webhook"}, "/secret_url"},
      {{.name = "x", .kind = "webhook", .secret_url = "ftp://a/"}, "/secret_url"},
      {{.name = "x", .kind = "browser", .secret_url = "http://a/"}, "/secret_url"},
      {{.name = "x", .kind = "browser", .quiet = {.from = "25:00", .to = "01:00"}}, "/quiet/from"},
      {{.name = "x",
        .kind = "browser",
        .quiet = {.from = "22:00", .to = "01:00", .time_zone = "Mars"}},
       "/quiet/time_zone"}};
  for (const auto& [text, pointer] : wrong) {
    const auto made = make_channel("x", text, nullptr);
    ASSERT_FALSE(made) << pointer;
    ASSERT_FALSE(made.error().fields.empty()) << pointer;
    EXPECT_EQ(made.error().fields.front().pointer, pointer);
  }
}

TEST(EventWatch, CountsInItsWindowUntilWhatEndsIt) {
  auto condition = compile({.kind = "event",
                            .event = "test_progress",
                            .where = "event=\"ended\", status!=\"passed\"",
                            .until = "event=\"ended\", status=\"passed\"",
                            .by = {"suite"},
                            .count = 2,
                            .window_s = 60});
  ASSERT_TRUE(condition) << condition.error().detail;
  EventWatch watch(std::make_shared<const Condition>(*condition), 0);
  const auto ended = [](std::int64_t ms, std::string_view suite, std::string_view status) {
    return runtime::Event{.time = base::from_unix_ms(ms),
                          .type = "test_progress",
                          .data = {{"event", "ended"}, {"suite", suite}, {"status", status}}};
  };
  EXPECT_TRUE(watch.take(ended(1'000, "a", "failed")));
  EXPECT_FALSE(watch.observe(1'000).front().active);
  EXPECT_TRUE(watch.take(ended(2'000, "a", "failed")));
  EXPECT_TRUE(watch.take(ended(2'000, "b", "error")));
  const auto seen = watch.observe(2'000);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_TRUE(seen.front().active);
  EXPECT_FALSE(seen.back().active);
  EXPECT_FALSE(watch.observe(61'000).front().active) << "the first is out of the window";
  watch.take(ended(62'000, "a", "failed"));
  EXPECT_TRUE(watch.take(ended(63'000, "a", "passed")));
  EXPECT_TRUE(watch.observe(63'000).empty());
}

TEST(Condition, DefaultsCompileAndSayWhatTheyDo) {
  for (const auto& [id, rule] : default_rules()) {
    EXPECT_TRUE(compile(rule.condition)) << id;
    EXPECT_TRUE(check(rule)) << id;
    EXPECT_FALSE(sentence(rule).empty()) << id;
  }
  EXPECT_EQ(sentence(*find_default("error_rate")),
            "increase(tool_errors[5m]) by (server) / increase(tool_calls[5m]) by (server) is above "
            "0.1, of at least 10 of the latter, for 30s");
  EXPECT_EQ(fill({.name = "x", .summary = "{server}: {value} of {percent} {nosuch}|{"},
                 {{"server", "a{value}"}}, 0.25),
            "a{value}: 0.25 of 25 |{");
}

TEST(Message, IsSignedAndEscaped) {
  // printf '1767614400.{"a":1}' | openssl dgst -sha256 -hmac Jefe
  EXPECT_EQ(signature(base::Secret("Jefe"), "1767614400", "{\"a\":1}"),
            "v1=511292e800a80ace247974c06bce0d4e9fde54a4500da8417daffe62efc00757");
  Notification one{.id = "ntf_1",
                   .channel = "c",
                   .rule = "down",
                   .name = "Down",
                   .sentence = "a < b",
                   .dashboard = "http://x",
                   .at = kNoon};
  one.alerts.push_back({.id = "alr_1",
                        .rule = "down",
                        .rule_name = "Down",
                        .severity = "critical",
                        .labels = {},
                        .series = {},
                        .summary = "<b> & \n is down",
                        .runbook = "/servers/b"});
  EXPECT_EQ(title_of(one), "[CRITICAL] <b> &   is down");
  const auto slack = base::parse_json(slack_body(one));
  ASSERT_TRUE(slack);
  EXPECT_NE(base::write_json(*slack).find("*&lt;b&gt; &amp;   is down*"), std::string::npos);
  EXPECT_NE(base::write_json(*slack).find("<http://x/servers/b|What to do>"), std::string::npos);
  EXPECT_EQ(mail_of(one, {"ada@example.org"}).subject.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace telltale::alert
