#include "store/call_range.hpp"

namespace telltale::store {

base::Result<void> read_calls(Connection& db, const CallRange& range,
                              const std::function<void(const CallRecord&)>& on_call) {
  constexpr std::string_view kOfAll =
      "SELECT server, tool, time, duration_ms, ok, error FROM calls WHERE time>=?1 AND time<?2 AND "
      "(?3='' OR server=?3) AND (?4='' OR tool=?4) ORDER BY time DESC LIMIT ?5";
  constexpr std::string_view kOfOne =  // by the other index
      "SELECT server, tool, time, duration_ms, ok, error FROM calls WHERE server=?3 AND time>=?1 "
      "AND time<?2 AND (?4='' OR tool=?4) ORDER BY time DESC LIMIT ?5";
  return db.query(range.server.empty() ? kOfAll : kOfOne,
                  {base::unix_ms(range.from), base::unix_ms(range.to), range.server, range.tool,
                   static_cast<std::int64_t>(range.limit)},
                  [&](const Row& row) {
                    on_call({.server = row.text(0),
                             .tool = row.text(1),
                             .time = base::from_unix_ms(row.integer(2)),
                             .duration_ms = row.number(3),
                             .ok = row.integer(4) != 0,
                             .error = row.text(5)});
                  });
}

}  // namespace telltale::store
