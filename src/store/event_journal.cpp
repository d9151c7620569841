#include "store/event_journal.hpp"

#include <algorithm>

namespace telltale::store {

void record_events(Store& store, std::vector<JournalEntry> events) {
  store.record([events = std::move(events)](Connection& db) -> base::Result<void> {
    for (const auto& [event, data] : events)
      if (auto done = db.execute("INSERT OR REPLACE INTO events VALUES(?,?,?,?,?,?,?)",
                                 {static_cast<std::int64_t>(event->seq), base::unix_ms(event->time),
                                  event->type, event->channel, event->subject,
                                  static_cast<std::int64_t>(event->severity), std::string(data)});
          !done)
        return done;
    return {};
  });
}

base::Result<Journal> load_journal(Store& store, std::size_t keep) {
  Journal out;
  auto read = store.write_now([&](Connection& db) {
    return db.query(
        "SELECT seq, time, type, channel, subject, severity, data FROM events ORDER BY seq DESC "
        "LIMIT ?",
        {static_cast<std::int64_t>(keep)}, [&](const Row& row) {
          out.tail.push_back({.head = {.seq = static_cast<std::uint64_t>(row.integer(0)),
                                       .time = base::from_unix_ms(row.integer(1)),
                                       .type = row.text(2),
                                       .channel = row.text(3),
                                       .subject = row.text(4),
                                       .severity = static_cast<runtime::Severity>(row.integer(5)),
                                       .data = {}},
                              .data = row.text(6)});
        });
  });
  if (!read) return std::unexpected(read.error());
  std::ranges::reverse(out.tail);
  if (!out.tail.empty()) out.last_seq = out.tail.back().head.seq;
  return out;
}

}  // namespace telltale::store
