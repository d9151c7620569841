#include "store/log_search.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace telltale::store {
namespace {

constexpr std::string_view kSelectLogs =
    "SELECT server, log_seq, time, stream, level, message, rowid FROM logs WHERE ";
// The index on server and time has them in order: of a quiet server among loud ones nothing else
// is read.
constexpr std::string_view kOfOneServer = "server=?1";
// `+server`: the lines are in the order of the index on time; one by server would have to be
// sorted.
constexpr std::string_view kOfServers = "(?1='' OR +server IN (SELECT value FROM json_each(?1)))";
constexpr std::string_view kLogFilters =
    " AND (?2='' OR +level IN (SELECT value FROM json_each(?2))) AND (?3='' OR "
    "instr(lower(message), lower(?3))>0) AND ";
constexpr std::string_view kLogsOnwards = "(time, rowid)>(?4, ?5) ORDER BY time, rowid LIMIT ?6";
constexpr std::string_view kLogsBackwards =
    "(time, rowid)<(?4, ?5) ORDER BY time DESC, rowid DESC LIMIT ?6";

bool is_of_one_server(const LogSearch& query) {
  return query.servers && query.servers->size() == 1;
}

std::string list_of(const std::vector<std::string>& names) {
  base::JsonArray out;
  for (const auto& name : names) out.push_back(base::Json(name));
  return base::write_json(base::Json(std::move(out)));
}

}  // namespace

std::string cursor_of(const LogPlace& place) {
  return std::to_string(place.time_ms) + "." + std::to_string(place.row);
}

std::optional<LogPlace> place_of(std::string_view cursor) {
  LogPlace out;
  const auto* const end = cursor.data() + cursor.size();
  const auto time = std::from_chars(cursor.data(), end, out.time_ms);
  if (time.ec != std::errc() || time.ptr == end || *time.ptr != '.') return std::nullopt;
  const auto row = std::from_chars(time.ptr + 1, end, out.row);
  if (row.ec != std::errc() || row.ptr != end) return std::nullopt;
  return out;
}

std::string statement_of(const LogSearch& query) {
  return std::string(kSelectLogs)
      .append(is_of_one_server(query) ? kOfOneServer : kOfServers)
      .append(kLogFilters)
      .append(query.after ? kLogsOnwards : kLogsBackwards);
}

base::Result<FoundLogs> search_logs(Connection& db, const LogSearch& query) {
  const bool onwards = query.after.has_value();
  constexpr auto kEnd = std::numeric_limits<std::int64_t>::max();
  const auto place = onwards ? *query.after : query.before.value_or(LogPlace{kEnd, kEnd});
  FoundLogs out;
  auto read = db.query(statement_of(query),
                       {is_of_one_server(query) ? query.servers->front()
                        : query.servers         ? list_of(*query.servers)
                                                : std::string(),
                        query.levels.empty() ? std::string() : list_of(query.levels), query.text,
                        place.time_ms, place.row, static_cast<std::int64_t>(query.limit)},
                       [&](const Row& row) {
                         out.last = LogPlace{row.integer(2), row.integer(6)};
                         if (!out.first) out.first = out.last;
                         out.lines.push_back({.log_seq = row.integer(1),
                                              .server = row.text(0),
                                              .time = base::from_unix_ms(row.integer(2)),
                                              .stream = row.text(3),
                                              .level = row.text(4),
                                              .message = row.text(5)});
                       });
  if (!read) return std::unexpected(read.error());
  if (onwards) return out;
  std::ranges::reverse(out.lines);
  std::swap(out.first, out.last);
  return out;
}

base::Result<LogPlace> find_log(Connection& db, const std::string& server, std::int64_t log_seq) {
  std::optional<LogPlace> out;
  auto read =
      db.query("SELECT time, rowid FROM logs WHERE server=? AND log_seq=?", {server, log_seq},
               [&](const Row& row) { out = LogPlace{row.integer(0), row.integer(1)}; });
  if (!read) return std::unexpected(read.error());
  if (!out) return base::fail(base::Code::not_found, "this line is not kept any more");
  return *out;
}

}  // namespace telltale::store
