#include "monitor/internals_dump.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "monitor/foreign.hpp"
#include "monitor/track.hpp"
#include "net/gunzip.hpp"

namespace telltale::monitor {
namespace {

using base::JsonArray;
using base::JsonObject;

constexpr double kGone = 5'000;                // ms after its last value: no longer there
constexpr double kEarly = 300;                 // ms by which two entries of one look may differ
constexpr double kQuarter = 15.0 * 60 * 1000;  // time zones differ by quarters of an hour

// --- One RTCStats over time ---

struct Series {
  std::string name;
  JsonArray values;
};

struct StatsEntry {
  std::string type;
  double start = 0, end = 0;  // ms since 1970
  std::vector<double> times;  // of each value of its longest series
  std::vector<Series> series;
};

std::optional<double> time_of(const JsonObject& from, std::string_view name) {
  if (const auto number = base::find_number(from, name)) return number;
  const auto text = base::find_string(from, name);
  if (!text) return std::nullopt;
  const auto parsed = base::parse_rfc3339(*text);
  if (!parsed) return std::nullopt;
  return static_cast<double>(base::unix_ms(*parsed));
}

// The values are JSON in a string; older dumps, and some tools, have them as they are.
JsonArray values_of(const JsonObject& from) {
  JsonArray out;
  if (const auto* const array = base::find_array(from, "values")) {
    out = *array;
  } else if (const auto text = base::find_string(from, "values")) {
    auto parsed = base::parse_json(*text);
    if (parsed && parsed->is_array()) out = std::move(parsed->as_array());
  }
  if (out.size() > kDumpPointsMax) out.resize(kDumpPointsMax);
  return out;
}

// "CIT01_96-mimeType": ids have hyphens of their own, names have none. What the page computed
// itself is in brackets.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view key) {
  if (key.ends_with(']')) return std::nullopt;
  const auto at = key.rfind('-');
  if (at == std::string_view::npos || at == 0 || at + 1 == key.size()) return std::nullopt;
  return std::pair{key.substr(0, at), key.substr(at + 1)};
}

using Entries = std::map<std::string, StatsEntry, std::less<>>;

Entries entries_of(const JsonObject& stats) {
  Entries out;
  for (const auto& item : stats) {
    const auto parts = split(item.key());
    const auto* const from = item.value().if_object();
    if (!parts || from == nullptr) continue;
    const auto start = time_of(*from, "startTime");
    const auto end = time_of(*from, "endTime");
    auto values = values_of(*from);
    if (!start || !end || values.empty()) continue;
    auto& entry = out[std::string(parts->first)];
    if (entry.series.empty()) {
      entry.start = *start;
      entry.end = *end;
      entry.type = base::string_or(*from, "statsType");
    }
    entry.start = std::min(entry.start, *start);
    entry.end = std::max(entry.end, *end);
    entry.series.push_back({.name = std::string(parts->second), .values = std::move(values)});
  }
  return out;
}

void set_times(StatsEntry& entry) {
  std::size_t longest = 0;
  for (const auto& one : entry.series) longest = std::max(longest, one.values.size());
  for (const auto& one : entry.series) {
    if (one.name != "timestamp" || one.values.size() != longest) continue;
    for (const auto& value : one.values)
      if (value.is_number()) entry.times.push_back(value.to_number<double>());
  }
  if (entry.times.size() == longest && std::ranges::is_sorted(entry.times)) return;
  entry.times.clear();
  const double step =
      longest > 1 ? (entry.end - entry.start) / static_cast<double>(longest - 1) : 0;
  for (std::size_t i = 0; i < longest; ++i)
    entry.times.push_back(entry.start + step * static_cast<double>(i));
}

// What it said at that time; empty: it was not there.
JsonObject entry_at(const std::string& id, const StatsEntry& entry, double at) {
  const auto after = std::ranges::upper_bound(entry.times, at + kEarly);
  if (after == entry.times.begin() || at > entry.times.back() + kGone) return {};
  const auto index = static_cast<std::size_t>(after - entry.times.begin()) - 1;
  JsonObject out{{"id", id}, {"type", entry.type}};
  for (const auto& one : entry.series) {
    // A member that came later ends with the others.
    const auto missing = entry.times.size() - one.values.size();
    if (index >= missing && one.name != "type") out[one.name] = one.values[index - missing];
  }
  return out;
}

// --- What happened ---

struct Change {
  double at = 0;
  std::size_t place = 0;  // in the log
  std::string type;       // without "on"
  std::string value;
};

std::int64_t number_in(std::string_view& text) {
  std::int64_t out = 0;
  const auto begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return 0;
  text.remove_prefix(begin);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() ? out : 0;
}

// "11/22/2026, 12:54:07 AM", in a time zone that the dump does not tell.
std::optional<double> locale_time(std::string_view text) {
  const bool afternoon = text.find("PM") != std::string_view::npos;
  const bool twelve = afternoon || text.find("AM") != std::string_view::npos;
  const auto month = number_in(text);
  const auto day = number_in(text);
  const auto year = number_in(text);
  auto hour = number_in(text);
  const auto minute = number_in(text);
  const auto second = number_in(text);
  if (year < 2010 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 ||
      minute > 59 || second > 60)
    return std::nullopt;
  if (twelve) hour = hour % 12 + (afternoon ? 12 : 0);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return 1000.0 * static_cast<double>(((days * 24 + hour) * 60 + minute) * 60 + second);
}

std::vector<Change> changes_of(const JsonObject& connection, double first_sample) {
  std::vector<Change> out;
  const auto* const log = base::find_array(connection, "updateLog");
  if (log == nullptr) return out;
  std::optional<double> zone;
  for (const auto& one : *log) {
    const auto* const entry = one.if_object();
    if (entry == nullptr || out.size() >= kDumpPointsMax) continue;
    auto at = time_of(*entry, "timestamp");
    if (!at) at = time_of(*entry, "time");
    if (!at) {
      at = locale_time(base::string_or(*entry, "time"));
      if (!at) continue;
      // The first thing that happened is near the first statistics: the rest is the zone.
      if (!zone) zone = std::round((first_sample - *at) / kQuarter) * kQuarter;
      *at += *zone;
    }
    auto type = base::string_or(*entry, "type");
    if (type.starts_with("on")) type.erase(0, 2);
    auto value = base::string_or(*entry, "value");
    std::erase(value, '"');
    out.push_back(
        {.at = *at, .place = out.size(), .type = std::move(type), .value = std::move(value)});
  }
  std::ranges::sort(out, [](const Change& a, const Change& b) {
    return a.at < b.at || (!(b.at < a.at) && a.place < b.place);
  });
  return out;
}

// Within 1970 and 2100: further apart, their difference is more nanoseconds than 64 bits hold.
base::WallTime wall(double ms) {
  constexpr double kMost = 4'102'444'800'000;
  return base::from_unix_ms(static_cast<std::int64_t>(std::clamp(ms, 0.0, kMost)));
}

// --- Replayed ---

class Replay {
 public:
  Replay(const Config& config, std::vector<Change> changes)
      : config_(config), changes_(std::move(changes)) {}

  void run(const Entries& entries, const std::vector<double>& times, double first) {
    record_.role = rtc::ConnectionRole::foreign;
    record_.times.created = wall(first);
    record_.stats.at = record_.times.created;
    track_.emplace(config_, record_, nullptr);
    for (const auto at : times) {
      happen_until(at);
      JsonArray stats;
      for (const auto& [id, entry] : entries)
        if (auto one = entry_at(id, entry, at); !one.empty()) stats.push_back(std::move(one));
      record_.stats.at = std::max(wall(at), record_.stats.at);
      record_.client_at = record_.stats.at;
      const bool sealed = connected_by_log_;
      read_rtc_stats(stats, record_);
      // A dump that began too late knows the state by the transport only.
      if (!sealed && record_.stats.transport.dtls_state == "connected") connect(at);
      (void)track_->look(record_, base::SteadyTime{}, {}, std::nullopt, 0, false);
    }
    happen_until(std::numeric_limits<double>::max());
    record_.state = rtc::ConnectionState::closed;
    record_.close_reason = "peer";
    if (!record_.times.closed) record_.times.closed = record_.stats.at;
    track_->changed(record_);
  }
  DumpedConnection take(const std::string& url) {
    auto summary = track_->summary(record_);
    summary["imported"] = true;
    summary["url"] = url;
    return {.source = {},
            .created = record_.times.created,
            .closed = *record_.times.closed,
            .summary = std::move(summary),
            .timeline = track_->timeline().pack()};
  }

 private:
  void connect(double at) {
    if (!record_.times.connected) record_.times.connected = wall(at);
    if (record_.state == rtc::ConnectionState::connecting)
      record_.state = rtc::ConnectionState::connected;
  }
  void happen_until(double at) {
    for (; next_ < changes_.size() && changes_[next_].at <= at; ++next_) {
      const auto& change = changes_[next_];
      if (change.type == "iceconnectionstatechange" &&
          (change.value == "connected" || change.value == "completed") &&
          !record_.times.ice_connected)
        record_.times.ice_connected = wall(change.at);
      if (change.type == "close" || change.value == "closed")
        record_.times.closed = wall(change.at);
      if (change.type != "connectionstatechange") continue;
      const auto state = foreign_state(change.value);
      if (!state || *state == rtc::ConnectionState::closed) continue;
      record_.error = change.value == "failed" ? "ICE or DTLS failed" : "";
      if (*state == rtc::ConnectionState::connected) {
        connected_by_log_ = true;
        connect(change.at);
      }
      if (*state == record_.state) continue;
      record_.state = *state;
      record_.stats.at = std::max(wall(change.at), record_.stats.at);
      track_->changed(record_);
    }
  }

  const Config& config_;
  std::vector<Change> changes_;
  std::size_t next_ = 0;
  rtc::ConnectionRecord record_;
  std::optional<Track> track_;
  bool connected_by_log_ = false;
};

std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  url = url.substr(url.rfind('@') + 1);
  return url.empty() ? "webrtc-internals" : std::string(url.substr(0, 64));
}

std::optional<DumpedConnection> read_connection(const JsonObject& from, const Config& config) {
  const auto* const stats = base::find_object(from, "stats");
  if (stats == nullptr) return std::nullopt;
  auto entries = entries_of(*stats);
  std::vector<double> times;
  for (auto& [id, entry] : entries) {
    set_times(entry);
    // Reports of the remote side have times of its own.
    if (!entry.type.starts_with("remote-") && entry.times.size() > times.size())
      times = entry.times;
  }
  if (times.empty()) return std::nullopt;
  auto changes = changes_of(from, times.front());
  const double first =
      changes.empty() ? times.front() : std::min(changes.front().at, times.front());
  Replay replay(config, std::move(changes));
  replay.run(entries, times, first);
  const auto url = base::string_or(from, "url").substr(0, 500);
  auto out = replay.take(url.substr(0, url.find_first_of("?#")));  // what follows may be secret
  out.source = host_of(url);
  return out;
}

}  // namespace

base::Result<Dump> read_internals_dump(std::string_view bytes, const Config& config) {
  std::string unpacked;
  if (net::is_gzip(bytes)) {
    auto packed = net::gunzip(bytes, kDumpBytesMax);
    if (!packed) return std::unexpected(packed.error());
    unpacked = std::move(*packed);
    bytes = unpacked;
  }
  auto parsed = base::parse_json(bytes, {.max_depth = 64, .max_bytes = kDumpBytesMax});
  if (!parsed) return std::unexpected(parsed.error());
  const auto* const root = parsed->if_object();
  const auto* const all = root == nullptr ? nullptr : base::find_object(*root, "PeerConnections");
  if (all == nullptr)
    return base::bad_field("/PeerConnections",
                           "is missing: this is no dump of chrome://webrtc-internals");
  if (all->size() > kDumpConnectionsMax)
    return base::bad_field("/PeerConnections",
                           "has over " + std::to_string(kDumpConnectionsMax) + " connections");
  Dump out;
  for (const auto& item : *all) {
    const auto* const from = item.value().if_object();
    auto one = from == nullptr ? std::nullopt : read_connection(*from, config);
    if (one)
      out.connections.push_back(std::move(*one));
    else
      ++out.empty;
  }
  return out;
}

}  // namespace telltale::monitor
