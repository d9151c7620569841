#include "store/test_suites.hpp"

namespace telltale::store {
namespace {

constexpr std::size_t kResultBytes = 64U << 20U;

TestSuiteRecord suite_of(const Row& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .version = row.integer(2),
          .text = {},
          .author = row.text(3),
          .created = base::from_unix_ms(row.integer(4)),
          .changed = base::from_unix_ms(row.integer(5))};
}

TestRunRecord run_of(const Row& row) {
  TestRunRecord out{.id = row.text(0),
                    .suite_id = row.text(1),
                    .suite = row.text(2),
                    .version = row.integer(3),
                    .status = row.text(4),
                    .actor = row.text(5),
                    .started = base::from_unix_ms(row.integer(6)),
                    .ended = {},
                    .summary = {},
                    .result = {}};
  if (const auto ended = row.maybe_integer(7)) out.ended = base::from_unix_ms(*ended);
  if (auto parsed = base::parse_json(row.text(8)); parsed && parsed->is_object())
    out.summary = std::move(parsed->as_object());
  return out;
}

base::Result<TestSuiteRecord> put(Connection& db, TestSuiteRecord record, bool create,
                                  std::int64_t expected) {
  std::int64_t has = 0;
  auto looked = db.query("SELECT version, created FROM test_suites WHERE id=?", {record.id},
                         [&](const Row& row) {
                           has = row.integer(0);
                           record.created = base::from_unix_ms(row.integer(1));
                         });
  if (!looked) return std::unexpected(looked.error());
  if (!create && has == 0)
    return base::fail(base::Code::not_found, "there is no suite " + record.id);
  if (expected != 0 && has != expected)
    return base::fail(base::Code::conflict,
                      "the suite has version " + std::to_string(has) + " by now");
  record.version = has + 1;
  if (auto done = db.execute("INSERT OR REPLACE INTO test_suites VALUES(?,?,?,?,?,?)",
                             {record.id, record.name, record.version, record.author,
                              base::unix_ms(record.created), base::unix_ms(record.changed)});
      !done)
    return std::unexpected(done.error());
  if (auto done = db.execute(
          "INSERT INTO test_suite_versions VALUES(?,?,?,?,?)",
          {record.id, record.version, record.text, record.author, base::unix_ms(record.changed)});
      !done)
    return std::unexpected(done.error());
  auto done = db.execute("DELETE FROM test_suite_versions WHERE suite_id=? AND version<=?",
                         {record.id, record.version - kVersionsKept});
  if (!done) return std::unexpected(done.error());
  return record;
}

runtime::TaskResult<TestSuiteRecord> put_in(Store* store, TestSuiteRecord record, bool create,
                                            std::int64_t expected) {
  const auto out = std::make_shared<TestSuiteRecord>(std::move(record));
  auto done = co_await store->write("test suite",
                                    [out, create, expected](Connection& db) -> base::Result<void> {
                                      auto stored = put(db, *out, create, expected);
                                      if (!stored) return std::unexpected(stored.error());
                                      *out = std::move(*stored);
                                      return {};
                                    });
  if (!done) co_return std::unexpected(done.error());
  co_return std::move(*out);
}

}  // namespace

runtime::TaskResult<TestSuiteRecord> put_test_suite(Store& store, TestSuiteRecord record,
                                                    bool create, std::int64_t expected) {
  return put_in(&store, std::move(record), create, expected);
}

runtime::TaskResult<std::vector<TestSuiteRecord>> list_test_suites(Store& store,
                                                                   std::string after_id,
                                                                   std::size_t limit) {
  return store.read([after = std::move(after_id),
                     limit](Connection& db) -> base::Result<std::vector<TestSuiteRecord>> {
    std::vector<TestSuiteRecord> out;
    auto done = db.query(
        "SELECT id, name, version, author, created, changed FROM test_suites WHERE id>? "
        "ORDER BY id LIMIT ?",
        {after, static_cast<std::int64_t>(limit)},
        [&](const Row& row) { out.push_back(suite_of(row)); });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

runtime::TaskResult<std::optional<TestSuiteRecord>> get_test_suite(Store& store, std::string id,
                                                                   std::int64_t version) {
  return store.read([id = std::move(id),
                     version](Connection& db) -> base::Result<std::optional<TestSuiteRecord>> {
    std::optional<TestSuiteRecord> out;
    auto done = db.query(
        "SELECT s.id, s.name, v.version, v.author, s.created, v.time, v.text FROM test_suites s "
        "JOIN test_suite_versions v ON v.suite_id=s.id "
        "WHERE s.id=?1 AND v.version=CASE ?2 WHEN 0 THEN s.version ELSE ?2 END",
        {id, version}, [&](const Row& row) {
          out = suite_of(row);
          out->text = row.text(6);
        });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

runtime::TaskResult<std::vector<TestSuiteRecord>> list_test_suite_versions(Store& store,
                                                                           std::string id) {
  return store.read(
      [id = std::move(id)](Connection& db) -> base::Result<std::vector<TestSuiteRecord>> {
        std::vector<TestSuiteRecord> out;
        auto done = db.query(
            "SELECT s.id, s.name, v.version, v.author, s.created, v.time FROM test_suites s "
            "JOIN test_suite_versions v ON v.suite_id=s.id WHERE s.id=? ORDER BY v.version DESC",
            {id}, [&](const Row& row) { out.push_back(suite_of(row)); });
        if (!done) return std::unexpected(done.error());
        return out;
      });
}

runtime::TaskResult<bool> remove_test_suite(Store& store, std::string id) {
  return store.write("test suite", [id = std::move(id)](Connection& db) -> base::Result<void> {
    if (auto done = db.execute("DELETE FROM test_suite_versions WHERE suite_id=?", {id}); !done)
      return done;
    if (auto done = db.execute("DELETE FROM test_suites WHERE id=?", {id}); !done) return done;
    if (db.changes() == 0) return base::fail(base::Code::not_found, "there is no suite " + id);
    return db.execute("DELETE FROM test_baselines WHERE suite_id=?", {id});
  });
}

base::Result<void> read_test_cases(Connection& db, const std::string& suite_id, std::size_t each,
                                   const std::function<void(TestCaseOutcome)>& on_case) {
  return db.query(
      "SELECT suite_id, suite, name, run_id, status, message FROM (SELECT *, row_number() OVER "
      "(PARTITION BY suite_id, name ORDER BY run_id DESC) AS back FROM test_cases WHERE (?1='' OR "
      "suite_id=?1) AND status IN ('passed','flaky','failed','error')) WHERE back<=?2 "
      "ORDER BY suite_id, name, run_id DESC",
      {suite_id, static_cast<std::int64_t>(each)}, [&](const Row& row) {
        on_case({.suite_id = row.text(0),
                 .suite = row.text(1),
                 .name = row.text(2),
                 .run_id = row.text(3),
                 .status = row.text(4),
                 .message = row.text(5)});
      });
}

runtime::TaskResult<bool> put_test_run(Store& store, TestRunRecord record) {
  return store.write("test run", [r = std::move(record)](Connection& db) -> base::Result<void> {
    auto done = db.execute(
        "INSERT OR REPLACE INTO test_runs VALUES(?,?,?,?,?,?,?,?,?,?)",
        {r.id, r.suite_id, r.suite, r.version, r.status, r.actor, base::unix_ms(r.started),
         r.ended ? Value(base::unix_ms(*r.ended)) : Value(nullptr), base::write_json(r.summary),
         r.result.size() > kResultBytes ? std::string("{}") : r.result});
    for (const auto& one : r.cases) {
      if (!done || r.suite_id.empty()) return done;
      done = db.execute(
          "INSERT OR REPLACE INTO test_cases VALUES(?,?,?,?,?,?,?)",
          {r.suite_id, one.name, r.id, r.suite, base::unix_ms(r.started), one.status, one.message});
    }
    return done;
  });
}

runtime::TaskResult<std::vector<TestRunRecord>> list_test_runs(Store& store, TestRunQuery query) {
  return store.read(
      [query = std::move(query)](Connection& db) -> base::Result<std::vector<TestRunRecord>> {
        std::vector<TestRunRecord> out;
        auto done = db.query(
            "SELECT id, suite_id, suite, version, status, actor, started, ended, summary "
            "FROM test_runs WHERE (?1='' OR suite_id=?1) AND (?2='' OR status=?2) AND "
            "(?3='' OR id<?3) ORDER BY id DESC LIMIT ?4",
            {query.suite_id, query.status, query.before_id, static_cast<std::int64_t>(query.limit)},
            [&](const Row& row) { out.push_back(run_of(row)); });
        if (!done) return std::unexpected(done.error());
        return out;
      });
}

runtime::TaskResult<std::optional<TestRunRecord>> get_test_run(Store& store, std::string id) {
  return store.read(
      [id = std::move(id)](Connection& db) -> base::Result<std::optional<TestRunRecord>> {
        std::optional<TestRunRecord> out;
        auto done = db.query(
            "SELECT id, suite_id, suite, version, status, actor, started, ended, summary, result "
            "FROM test_runs WHERE id=?",
            {id}, [&](const Row& row) {
              out = run_of(row);
              out->result = row.text(9);
            });
        if (!done) return std::unexpected(done.error());
        return out;
      });
}

base::Result<void> interrupt_test_runs(Connection& db, base::WallTime now) {
  return db.execute(
      "UPDATE test_runs SET status='interrupted', ended=?, summary=json_set(summary, '$.status', "
      "'interrupted', '$.message', 'Telltale ended while it ran') WHERE status='running'",
      {base::unix_ms(now)});
}

runtime::TaskResult<bool> forget_test_runs(Store& store, base::WallTime before, std::size_t batch) {
  return store.write("test run retention", [=](Connection& db) -> base::Result<void> {
    constexpr std::string_view kOld =
        "(SELECT id FROM test_runs WHERE started<? AND status<>'running' ORDER BY started, id "
        "LIMIT ?)";
    for (const std::string_view from :
         {"DELETE FROM test_cases WHERE run_id IN ", "DELETE FROM test_runs WHERE id IN "})
      if (auto done = db.execute(std::string(from) + std::string(kOld),
                                 {base::unix_ms(before), static_cast<std::int64_t>(batch)});
          !done)
        return done;
    return {};
  });
}

}  // namespace telltale::store
