#include "store/retention.hpp"

#include "store/users.hpp"

namespace telltale::store {
namespace {

constexpr int kRoundsMax = 1000;  // of one call: five million rows of each table

// One round; whether there may be more.
base::Result<bool> delete_old(Connection& db, const Retention& keep, base::WallTime now,
                              std::size_t batch) {
  struct Rule {
    std::string_view sql;
    int hours;
  };
  const Rule rules[] = {
      {"DELETE FROM health WHERE rowid IN (SELECT rowid FROM health WHERE time<? LIMIT ?)",
       keep.health},
      {"DELETE FROM calls WHERE rowid IN (SELECT rowid FROM calls WHERE time<? LIMIT ?)",
       keep.calls},
      {"DELETE FROM logs WHERE rowid IN (SELECT rowid FROM logs WHERE time<? LIMIT ?)", keep.logs},
      {"DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE time<? LIMIT ?)",
       keep.events},
      {"DELETE FROM operations WHERE rowid IN (SELECT rowid FROM operations WHERE start_time<? "
       "LIMIT ?)",
       keep.operations}};
  bool more = false;
  for (const auto& rule : rules) {
    const auto oldest = base::unix_ms(now - std::chrono::hours(rule.hours));
    if (auto done = db.execute(rule.sql, {oldest, static_cast<std::int64_t>(batch)}); !done)
      return std::unexpected(done.error());
    more = more || db.changes() == static_cast<std::int64_t>(batch);
  }
  return more;
}

runtime::TaskResult<bool> apply(Store* store, std::size_t batch) {
  auto keep = co_await store->read([](Connection& db) { return load_retention(db); });
  if (!keep) co_return std::unexpected(keep.error());
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto more = std::make_shared<bool>(false);
    auto done = co_await store->write("retention",
                                      [keep = *keep, now = store->clock().wall(), batch,
                                       more](Connection& db) -> base::Result<void> {
                                        auto deleted = delete_old(db, keep, now, batch);
                                        if (!deleted) return std::unexpected(deleted.error());
                                        *more = *deleted;
                                        return {};
                                      });
    if (!done) co_return done;
    if (!*more) break;
  }
  co_return true;
}

}  // namespace

base::Result<Retention> load_retention(Connection& db) {
  auto text = get_setting(db, "retention");
  if (!text) return std::unexpected(text.error());
  if (!*text) return Retention{};
  auto parsed = base::parse_json(**text);
  if (!parsed) return std::unexpected(parsed.error());
  return base::from_json<Retention>(*parsed);
}

base::Result<void> save_retention(Connection& db, const Retention& retention) {
  return set_setting(db, "retention", base::write_json(base::to_json(retention)));
}

runtime::TaskResult<bool> apply_retention(Store& store, std::size_t batch) {
  return apply(&store, batch);
}

}  // namespace telltale::store
