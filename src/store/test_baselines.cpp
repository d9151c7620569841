#include "store/test_baselines.hpp"

namespace telltale::store {

runtime::TaskResult<bool> put_test_baseline(Store& store, TestBaselineRecord record) {
  return store.write(
      "test baseline", [r = std::move(record)](Connection& db) -> base::Result<void> {
        bool there = false;
        if (auto done = db.query("SELECT 1 FROM test_suites WHERE id=?", {r.suite_id},
                                 [&](const Row&) { there = true; });
            !done)
          return done;
        if (!there) return base::fail(base::Code::not_found, "there is no suite " + r.suite_id);
        return db.execute("INSERT OR REPLACE INTO test_baselines VALUES(?,?,?,?,?,?,?)",
                          {r.suite_id, r.run_id, std::int64_t{r.gate ? 1 : 0}, r.threshold_percent,
                           r.actor, base::unix_ms(r.time), r.run});
      });
}

runtime::TaskResult<std::optional<TestBaselineRecord>> get_test_baseline(Store& store,
                                                                         std::string suite_id,
                                                                         bool with_run) {
  return store.read([id = std::move(suite_id),
                     with_run](Connection& db) -> base::Result<std::optional<TestBaselineRecord>> {
    std::optional<TestBaselineRecord> out;
    auto done = db.query(
        "SELECT suite_id, run_id, gate, threshold_percent, actor, time, CASE ?2 WHEN 1 THEN run "
        "ELSE '' END FROM test_baselines WHERE suite_id=?1",
        {id, std::int64_t{with_run ? 1 : 0}}, [&](const Row& row) {
          out = TestBaselineRecord{.suite_id = row.text(0),
                                   .run_id = row.text(1),
                                   .gate = row.integer(2) != 0,
                                   .threshold_percent = row.number(3),
                                   .actor = row.text(4),
                                   .time = base::from_unix_ms(row.integer(5)),
                                   .run = row.text(6)};
        });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

runtime::TaskResult<bool> remove_test_baseline(Store& store, std::string suite_id) {
  return store.write(
      "test baseline", [id = std::move(suite_id)](Connection& db) -> base::Result<void> {
        if (auto done = db.execute("DELETE FROM test_baselines WHERE suite_id=?", {id}); !done)
          return done;
        if (db.changes() == 0)
          return base::fail(base::Code::not_found, "the suite " + id + " has no baseline");
        return {};
      });
}

}  // namespace telltale::store
