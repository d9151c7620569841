#include "monitor/lens.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/random.hpp"
#include "monitor/foreign.hpp"
#include "rtc/connection_events.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::monitor {

using base::JsonArray;
using base::JsonObject;

namespace {

constexpr base::Duration kLookEvery = std::chrono::seconds(5);
constexpr base::Duration kRetryAfter = std::chrono::seconds(30);

std::string key_of(const runtime::Actor& actor, const LensReport& report,
                   const LensConnection& from) {
  return actor.session + '\n' + report.app + '\n' + report.page + '\n' + from.id;
}

// A page's time on our clock, within bounds.
base::WallTime ours(double page_ms, std::chrono::milliseconds ahead, base::WallTime earliest,
                    base::WallTime latest) {
  constexpr double kMost = 8.64e15;  // as far as JavaScript's dates go
  const auto ms = static_cast<std::int64_t>(std::clamp(page_ms, -kMost, kMost));
  return std::clamp(base::from_unix_ms(ms) + ahead, earliest, latest);
}

}  // namespace

Lens::Lens(Parts parts, LensLimits limits)
    : parts_(parts), limits_(limits), tasks_(parts.loop, "webrtc lens") {}

void Lens::start() {
  tasks_.spawn("webrtc.lens", watch(this));
}

runtime::Task<> Lens::watch(Lens* self) {
  for (;;) {
    co_await runtime::sleep_for(kLookEvery);
    self->end_silent();
  }
}

runtime::Task<> Lens::stop() {
  return runtime::call_on(parts_.loop, stop_here(this));
}

runtime::Task<> Lens::stop_here(Lens* self) {
  co_await self->tasks_.stop();
  const auto keys = self->book_.with([](const Book& book) {
    std::vector<std::string> out;
    out.reserve(book.open.size());
    for (const auto& [key, entry] : book.open) out.push_back(key);
    return out;
  });
  for (const auto& key : keys) self->end(key, self->parts_.loop.clock().wall(), "shutdown");
}

runtime::TaskResult<JsonObject> Lens::report(runtime::Actor actor, LensReport report) {
  return runtime::call_on(parts_.loop, report_here(this, std::move(actor), std::move(report)));
}

runtime::TaskResult<JsonObject> Lens::report_here(Lens* self, runtime::Actor actor,
                                                  LensReport report) {
  const auto now = self->parts_.loop.clock().wall();
  const auto sent = ours(report.sent_at, {}, base::WallTime{}, base::from_unix_ms(1LL << 50));
  const Taking taking{.actor = actor, .report = report, .ahead = now - sent, .now = now};
  self->book_.with([](Book& book) { ++book.figures.reports; });
  self->tell_failures(taking);
  JsonObject connections;
  JsonArray refused;
  for (const auto& one : report.connections) {
    auto taken = self->take(taking, one);
    if (!taken.id.empty()) connections[one.id] = taken.id;
    if (!taken.reason.empty())
      refused.push_back(JsonObject{{"id", one.id}, {"reason", std::move(taken.reason)}});
  }
  if (!refused.empty() && refused.size() == report.connections.size())
    co_return std::unexpected(base::Error{
        .code = base::Code::rate_limited,
        .detail = base::string_or(refused.front().as_object(), "reason"),
        .retry_after = std::chrono::duration_cast<std::chrono::milliseconds>(kRetryAfter)});
  const auto accepted = connections.size();
  co_return JsonObject{{"accepted", accepted},
                       {"connections", std::move(connections)},
                       {"refused", std::move(refused)}};
}

std::string Lens::limit_reached(const std::string& app, const std::string& token) const {
  return book_.with([&](const Book& book) -> std::string {
    if (book.open.size() >= limits_.connections)
      return std::to_string(limits_.connections) + " foreign connections are open: no more";
    std::size_t of_app = 0;
    std::size_t of_token = 0;
    std::set<std::string_view> apps;
    for (const auto& [key, entry] : book.open) {
      of_app += entry.record->source == app ? 1U : 0U;
      of_token += entry.token == token ? 1U : 0U;
      apps.insert(entry.record->source);
    }
    if (of_app >= limits_.per_app)
      return std::to_string(limits_.per_app) + " connections of this application are open: no more";
    if (of_token >= limits_.per_token)
      return std::to_string(limits_.per_token) + " connections of this token are open: no more";
    if (of_app == 0 && apps.size() >= limits_.apps)
      return std::to_string(limits_.apps) + " applications report: no more";
    return {};
  });
}

rtc::ConnectionPtr Lens::begin(const Taking& taking, const LensConnection& from,
                               const std::string& key, std::string& refusal) {
  refusal = limit_reached(taking.report.app, taking.actor.session);
  if (!refusal.empty()) {
    book_.with([](Book& book) { ++book.figures.connections_refused; });
    return nullptr;
  }
  const auto earliest =
      taking.now - std::chrono::duration_cast<std::chrono::milliseconds>(limits_.past);
  auto record = std::make_shared<rtc::ConnectionRecord>();
  record->id = base::new_id("rtc");
  record->role = rtc::ConnectionRole::foreign;
  record->source = taking.report.app;
  record->actor = taking.actor.name;
  record->times.created = ours(from.created_at, taking.ahead, earliest, taking.now);
  record->stats.at = record->times.created;
  book_.with([&](Book& book) {
    book.open[key] = {.record = record, .token = taking.actor.session, .heard = {}};
  });
  parts_.monitor.on_connection(record);
  parts_.events.publish(rtc::connection_event(*record, taking.now, "changed"));
  return record;
}

Lens::Taken Lens::take(const Taking& taking, const LensConnection& from) {
  const auto key = key_of(taking.actor, taking.report, from);
  bool ended = false;
  auto known = book_.with([&](const Book& book) -> rtc::ConnectionPtr {
    ended = std::ranges::find(book.ended, key, &Ended::key) != book.ended.end();
    const auto found = book.open.find(key);
    return found == book.open.end() ? nullptr : found->second.record;
  });
  Taken out;
  if (!known) {
    // What is said twice is not begun twice; what it never said anything of need not end.
    if ((ended && from.closed_at) || (from.closed_at && from.samples.empty())) return out;
    known = begin(taking, from, key, out.reason);
    if (!known) return out;
  }
  out.id = known->id;
  auto record = *known;
  const auto step = [&](const std::optional<double>& at, std::optional<base::WallTime>& to) {
    if (at && !to) to = ours(*at, taking.ahead, record.times.created, taking.now);
  };
  step(from.ice_connected_at, record.times.ice_connected);
  step(from.connected_at, record.times.connected);
  look(taking, from, record, key);
  book_.with([&](Book& book) { book.open[key].heard = parts_.loop.clock().now(); });
  if (from.closed_at)
    end(key, ours(*from.closed_at, taking.ahead, record.stats.at, taking.now), "peer");
  return out;
}

void Lens::keep(const std::string& key, const rtc::ConnectionPtr& record) {
  book_.with([&](Book& book) {
    book.open[key].record = record;
    ++book.figures.samples;
  });
}

void Lens::look(const Taking& taking, const LensConnection& from, rtc::ConnectionRecord& record,
                const std::string& key) {
  rtc::ConnectionPtr last;
  JsonObject told;
  for (const auto& sample : from.samples) {
    const auto at = ours(sample.at, taking.ahead, record.times.created, taking.now);
    const auto state = foreign_state(sample.state);
    if (!state ||
        (at - record.stats.at < limits_.sample_distance && record.client_at != base::WallTime{})) {
      book_.with([](Book& book) { ++book.figures.samples_dropped; });
      continue;
    }
    const auto before = record.state;
    record.stats.at = at;
    record.client_at = at;
    read_rtc_stats(sample.stats, record);
    if (*state != rtc::ConnectionState::closed) record.state = *state;
    record.error = sample.state == "failed" ? "ICE or DTLS failed" : "";
    last = std::make_shared<const rtc::ConnectionRecord>(record);
    keep(key, last);
    if (record.state != before) {
      parts_.monitor.on_connection(last);
      parts_.events.publish(rtc::connection_event(*last, taking.now, "changed"));
    }
    told = parts_.monitor.on_statistics(last);
  }
  if (last) parts_.events.publish(rtc::statistics_event(*last, taking.now, std::move(told)));
}

void Lens::end(const std::string& key, base::WallTime at, std::string_view why) {
  const auto ended = book_.with([&](Book& book) -> rtc::ConnectionPtr {
    const auto found = book.open.find(key);
    if (found == book.open.end()) return nullptr;
    auto record = std::make_shared<rtc::ConnectionRecord>(*found->second.record);
    record->state = rtc::ConnectionState::closed;
    record->close_reason = why;
    record->times.closed = at;
    book.open.erase(found);
    book.ended.push_front({.key = key, .record = record});
    if (book.ended.size() > limits_.ended_kept) book.ended.pop_back();
    return record;
  });
  if (!ended) return;
  parts_.monitor.on_connection(ended);
  parts_.events.publish(rtc::connection_event(*ended, parts_.loop.clock().wall(), "changed"));
}

void Lens::end_silent() {
  const auto now = parts_.loop.clock().now();
  const auto silent = book_.with([&](const Book& book) {
    std::vector<std::string> out;
    for (const auto& [key, entry] : book.open)
      if (now - entry.heard >= limits_.silence) out.push_back(key);
    return out;
  });
  for (const auto& key : silent) end(key, parts_.loop.clock().wall(), "silence");
}

void Lens::tell_failures(const Taking& taking) {
  for (const auto& failure : taking.report.failures)
    parts_.events.publish(
        {.time = taking.now,
         .type = "webrtc_health",
         .channel = "webrtc",
         .subject = taking.report.app,
         .severity = runtime::Severity::warning,
         .data = {{"connection_id", nullptr},
                  {"event_type", "media_refused"},
                  {"app", taking.report.app},
                  {"sentence", "getUserMedia of " + failure.wants + ": " + failure.name},
                  {"at", base::format_rfc3339(
                             ours(failure.at, taking.ahead, base::WallTime{}, taking.now))}}});
}

std::vector<rtc::ConnectionPtr> Lens::list(bool ended) const {
  return book_.with([&](const Book& book) {
    std::vector<rtc::ConnectionPtr> out;
    out.reserve(book.open.size() + (ended ? book.ended.size() : 0));
    for (const auto& [key, entry] : book.open) out.push_back(entry.record);
    if (ended)
      for (const auto& one : book.ended) out.push_back(one.record);
    return out;
  });
}

rtc::ConnectionPtr Lens::find(const std::string& id) const {
  return book_.with([&](const Book& book) -> rtc::ConnectionPtr {
    for (const auto& [key, entry] : book.open)
      if (entry.record->id == id) return entry.record;
    for (const auto& one : book.ended)
      if (one.record->id == id) return one.record;
    return nullptr;
  });
}

LensFigures Lens::figures() const {
  return book_.with([](const Book& book) {
    auto out = book.figures;
    std::map<std::string, std::size_t> apps;
    for (const auto& [key, entry] : book.open) ++apps[entry.record->source];
    out.apps.assign(apps.begin(), apps.end());
    return out;
  });
}

}  // namespace telltale::monitor
