// Lines of all servers' logs, by time: what a page of the log viewer reads. A place is a line's
// time and where it stands among those of the same millisecond.
#pragma once

#include "store/history.hpp"

namespace telltale::store {

struct LogPlace {
  std::int64_t time_ms = 0;
  std::int64_t row = 0;
};
std::string cursor_of(const LogPlace& place);
std::optional<LogPlace> place_of(std::string_view cursor);

struct LogSearch {
  std::optional<std::vector<std::string>> servers = {};  // none: all
  std::vector<std::string> levels = {};                  // empty: all
  std::string text = {};  // in the message, whatever its case (of ASCII letters)
  std::optional<LogPlace> before = {}, after = {};
  std::size_t limit = 200;
};

struct FoundLogs {
  std::vector<LogRecord> lines;  // oldest first
  std::optional<LogPlace> first, last;
};

// What search_logs asks the database.
std::string statement_of(const LogSearch& query);
// The newest before `before`, or with `after` the oldest after it; `limit` at most.
base::Result<FoundLogs> search_logs(Connection& db, const LogSearch& query);
// `not_found` when there is no such line any more.
base::Result<LogPlace> find_log(Connection& db, const std::string& server, std::int64_t log_seq);

}  // namespace telltale::store
