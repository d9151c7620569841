#include "store/usage.hpp"

#include <algorithm>
#include <map>

namespace telltale::store {
namespace {

constexpr int kDaysMax = 3650;

// What a kind is made of: the tables whose bytes count, the one whose rows do, and its time.
struct Source {
  std::string_view kind;
  std::vector<std::string_view> tables;
  std::string_view time;  // "" none
  int Retention::* keep;  // null: none
};

std::vector<Source> sources() {
  return {{"health", {"health"}, "time", &Retention::health},
          {"calls", {"calls"}, "time", &Retention::calls},
          {"logs", {"logs"}, "time", &Retention::logs},
          {"events", {"events"}, "time", &Retention::events},
          {"operations", {"operations", "idempotency"}, "start_time", &Retention::operations},
          {"audit", {"audit", "audit_heads"}, "time", nullptr},
          {"metrics", {"series_blocks", "series"}, "", nullptr},
          {"test runs", {"test_runs", "test_cases"}, "started", nullptr},
          {"webrtc history", {"webrtc_history"}, "closed", nullptr}};
}

base::Result<std::map<std::string, std::int64_t>> table_bytes(Connection& db) {
  std::map<std::string, std::int64_t> out;
  auto read = db.query(
      "SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name=d.name WHERE "
      "d.aggregate=TRUE GROUP BY s.tbl_name",
      {}, [&](const Row& row) { out[row.text(0)] = row.integer(1); });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<void> read_rows(Connection& db, const Source& source, std::int64_t now_ms,
                             KindUsage& out) {
  const std::string table(source.tables.front());
  if (auto read = db.query("SELECT count(*) FROM " + table, {},
                           [&](const Row& row) { out.rows = row.integer(0); });
      !read)
    return read;
  if (source.time.empty() || out.rows == 0) return {};
  const std::string time(source.time);
  constexpr std::int64_t kDayMs = 86'400'000;
  std::int64_t lately = 0;
  if (auto read =
          db.query("SELECT min(" + time + ") FROM " + table, {},
                   [&](const Row& row) { out.oldest = base::from_unix_ms(row.integer(0)); });
      !read)
    return read;
  if (auto read =
          db.query("SELECT max(" + time + ") FROM " + table, {},
                   [&](const Row& row) { out.newest = base::from_unix_ms(row.integer(0)); });
      !read)
    return read;
  if (auto read = db.query("SELECT count(*) FROM " + table + " WHERE " + time + ">?",
                           {now_ms - kDayMs}, [&](const Row& row) { lately = row.integer(0); });
      !read)
    return read;
  // Of a table that is younger than a day: as much as it would be in one; below an hour that is no
  // more than a guess, so an hour it is.
  const auto age =
      std::clamp<std::int64_t>(now_ms - base::unix_ms(*out.oldest), kDayMs / 24, kDayMs);
  out.rows_per_day =
      static_cast<double>(lately) * static_cast<double>(kDayMs) / static_cast<double>(age);
  return {};
}

}  // namespace

double KindUsage::bytes_per_day() const {
  return rows == 0 ? 0 : rows_per_day * static_cast<double>(bytes) / static_cast<double>(rows);
}

base::Result<std::vector<KindUsage>> read_usage(Connection& db, base::WallTime now) {
  auto keep = load_retention(db);
  if (!keep) return std::unexpected(keep.error());
  auto bytes = table_bytes(db);
  if (!bytes) return std::unexpected(bytes.error());
  std::vector<KindUsage> out;
  for (const auto& source : sources()) {
    KindUsage one{.kind = std::string(source.kind)};
    for (const auto table : source.tables) {
      one.bytes += (*bytes)[std::string(table)];
      bytes->erase(std::string(table));
    }
    if (source.keep != nullptr) one.keep_hours = (*keep).*source.keep;
    if (auto read = read_rows(db, source, base::unix_ms(now), one); !read)
      return std::unexpected(read.error());
    out.push_back(std::move(one));
  }
  KindUsage rest{.kind = "the rest"};
  for (const auto& [table, size] : *bytes) rest.bytes += size;
  out.push_back(std::move(rest));
  return out;
}

DiskForecast forecast(const std::vector<KindUsage>& kinds, double size, double free) {
  DiskForecast out{.settles_bytes = size};
  // What a kind has grown by after some days: one with an end of its own stops there.
  const auto most_of = [](const KindUsage& kind) {
    return std::max(0.0,
                    kind.bytes_per_day() * *kind.keep_hours / 24 - static_cast<double>(kind.bytes));
  };
  for (const auto& kind : kinds) {
    const auto daily = kind.bytes_per_day();
    if (!kind.keep_hours) {
      out.bytes_per_day += daily;
      if (daily > 0) out.settles_bytes.reset();
      continue;
    }
    const auto most = most_of(kind);
    if (most > 0) out.bytes_per_day += daily;
    if (out.settles_bytes) *out.settles_bytes += most;
  }
  for (int day = 1; day <= kDaysMax; ++day) {
    double grown = 0;
    for (const auto& kind : kinds) {
      const auto sum = kind.bytes_per_day() * day;
      grown += kind.keep_hours ? std::min(sum, most_of(kind)) : sum;
    }
    if (grown <= free) continue;
    out.days_until_full = day;
    break;
  }
  return out;
}

}  // namespace telltale::store
