// Every row of fifty, changed, deleted, swapped, cut off, put in: found, and its place named.
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "audit/test_support.hpp"
#include "base/encoding.hpp"

namespace telltale::audit {
namespace {

// Somebody with the file, a SQL shell and no key. 50 entries, a head every 10 and at the end.
class Tampering : public AuditTest {
 protected:
  void SetUp() override {
    open(1'000'000);
    for (int i = 1; i <= kEntries; ++i) {
      ASSERT_TRUE(append(i));
      if (i % 10 == 0) {  // a stop signs the end
        close();
        open(1'000'000);
      }
    }
    close();
    ASSERT_TRUE(verdict().ok) << verdict().detail;
    std::filesystem::copy_file(path(), folder + "/whole.db");
    std::filesystem::copy_file(folder + "/audit.heads", folder + "/whole.heads");
  }
  // `change` sees the database without its triggers; afterwards all is put back.
  Verdict after(const std::function<void(store::Connection&)>& change) {
    using std::filesystem::copy_options;
    for (const auto* const end : {"", "-wal", "-shm"}) std::filesystem::remove(path() + end);
    std::filesystem::copy_file(folder + "/whole.db", path());
    std::filesystem::copy_file(folder + "/whole.heads", folder + "/audit.heads",
                               copy_options::overwrite_existing);
    {
      auto db = store::Connection::open(path(), false);
      EXPECT_TRUE(db);
      sql(**db, "PRAGMA synchronous=OFF");  // a forger need not wait for the disk
      for (const auto* const trigger :
           {"audit_keeps_rows", "audit_keeps_all", "audit_grows_at_its_end",
            "audit_heads_keep_rows", "audit_heads_keep_all"})
        EXPECT_TRUE((*db)->run("DROP TRIGGER " + std::string(trigger)));
      change(**db);
    }
    return verdict();
  }
  static void sql(store::Connection& db, const std::string& text) {
    const auto done = db.run(text);
    EXPECT_TRUE(done) << text << ": " << done.error().detail;
  }
  // What an informed forger does: every hash from `seq` on made anew, by the book.
  static void rehash(store::Connection& db, std::int64_t from) {
    std::vector<std::vector<store::Value>> rows;
    std::string previous(64, '0');
    EXPECT_TRUE(db.query("SELECT * FROM audit ORDER BY seq", {}, [&](const store::Row& row) {
      if (row.integer(0) < from) {
        previous = row.text(11);
        return;
      }
      std::string text;
      const auto put = [&](const std::string& field) {
        text += std::to_string(field.size()) + ":" + field + ",";
      };
      put("telltale-audit-1");
      put(previous);
      for (int column = 0; column <= 10; ++column) put(row.text(column));
      previous = base::sha256_hex(text);
      rows.push_back({previous, row.integer(0)});
    }));
    for (const auto& row : rows)
      EXPECT_TRUE(db.execute("UPDATE audit SET hash=? WHERE seq=?", {row[0], row[1]}));
  }
  static void open_gap(store::Connection& db, int at) {
    sql(db, "UPDATE audit SET seq=-seq-1 WHERE seq>=" + std::to_string(at));
    sql(db, "UPDATE audit SET seq=-seq WHERE seq<0");
  }
  static void close_gap(store::Connection& db, int at) {
    sql(db, "UPDATE audit SET seq=-(seq-1) WHERE seq>" + std::to_string(at));
    sql(db, "UPDATE audit SET seq=-seq WHERE seq<0");
  }
  static std::int64_t next_head(std::int64_t seq) { return (seq + 9) / 10 * 10; }
  // The forgery begins at `seq` and the head after it gives it away: the range is named.
  static void expect_range(const Verdict& found, std::int64_t seq, const std::string& what) {
    EXPECT_FALSE(found.ok) << what;
    ASSERT_TRUE(found.broken_at) << what;
    EXPECT_LE(*found.broken_at, seq) << what;
    EXPECT_GT(*found.broken_at, seq - 10) << what;
    EXPECT_NE(found.detail.find(std::to_string(next_head(seq))), std::string::npos)
        << what << ": " << found.detail;
  }
  static void expect_at(const Verdict& found, std::int64_t seq, const std::string& what) {
    EXPECT_FALSE(found.ok) << what;
    EXPECT_EQ(found.broken_at.value_or(-1), seq) << what << ": " << found.detail;
    EXPECT_NE(found.detail.find(std::to_string(seq)), std::string::npos)
        << what << ": " << found.detail;
  }
  static constexpr int kEntries = 50;
};

TEST_F(Tampering, AnyChangedFieldOfAnyRowIsFound) {
  const char* const columns[] = {"time",   "steady_ms",    "actor",     "address",
                                 "action", "subject",      "arguments", "outcome",
                                 "detail", "operation_id", "hash"};
  for (int i = 1; i <= kEntries; ++i) {
    const auto* const column = columns[static_cast<std::size_t>(i) % std::size(columns)];
    const std::string to =
        std::string_view(column) == "time" || std::string_view(column) == "steady_ms"
            ? std::string(column) + "+1"
            : "'x'||" + std::string(column);
    const auto at = std::to_string(i);
    const auto change = fmt::format("UPDATE audit SET {}={} WHERE seq={}", column, to, at);
    expect_at(after([&](auto& db) { sql(db, change); }), i, change);
    if (std::string_view(column) != "hash")
      expect_range(after([&](auto& db) {
                     sql(db, change);
                     rehash(db, i);
                   }),
                   i, change + " with new hashes");
  }
}

TEST_F(Tampering, AnyDeletedRowIsFound) {
  for (int i = 1; i <= kEntries; ++i) {
    const auto change = "DELETE FROM audit WHERE seq=" + std::to_string(i);
    expect_at(after([&](auto& db) { sql(db, change); }), i, change);
    const auto closed = after([&](auto& db) {
      sql(db, change);
      close_gap(db, i);
    });
    EXPECT_FALSE(closed.ok);
    EXPECT_EQ(closed.broken_at.value_or(-1), i) << closed.detail;
    const auto forged = after([&](auto& db) {
      sql(db, change);
      close_gap(db, i);
      rehash(db, i);
    });
    if (i <= 40)
      expect_range(forged, i, change + " with new hashes");
    else  // the head of 50 has nothing left to vouch for
      expect_at(forged, 50, change + " with new hashes");
  }
}

TEST_F(Tampering, AnyTwoSwappedRowsAreFound) {
  for (int i = 1; i < kEntries; ++i) {
    const auto swap = [&](auto& db) {
      sql(db, fmt::format("UPDATE audit SET seq=-1 WHERE seq={0}; UPDATE audit SET seq={0} WHERE "
                          "seq={1}; UPDATE audit SET seq={1} WHERE seq=-1",
                          i, i + 1));
    };
    expect_at(after(swap), i, "swap");
    expect_range(after([&](auto& db) {
                   swap(db);
                   rehash(db, i);
                 }),
                 i, "swap with new hashes");
  }
}

TEST_F(Tampering, AnyTruncationIsFound) {
  for (int left = 0; left < kEntries; ++left) {
    const auto cut = "DELETE FROM audit WHERE seq>" + std::to_string(left);
    expect_at(after([&](auto& db) { sql(db, cut); }), left + 1, cut);
    expect_at(after([&](auto& db) {
                sql(db, cut);
                sql(db, "DELETE FROM audit_heads WHERE seq>" + std::to_string(left));
              }),
              left + 1, cut + " and its heads");
  }
}

TEST_F(Tampering, AnyInsertedRowIsFound) {
  for (int i = 1; i <= kEntries; ++i) {
    const auto insert = [&](auto& db) {
      open_gap(db, i);
      sql(db, "INSERT INTO audit VALUES(" + std::to_string(i) +
                  ",1,1,'eve','','fleet.delete','','{}','ok','','','" + std::string(64, 'a') +
                  "')");
    };
    expect_at(after(insert), i, "insert");
    expect_range(after([&](auto& db) {
                   insert(db);
                   rehash(db, i);
                 }),
                 i, "insert with new hashes");
  }
  expect_at(after([&](auto& db) {
              sql(db, "INSERT INTO audit VALUES(51,1,1,'','','','','{}','ok','','','" +
                          std::string(64, 'a') + "')");
            }),
            51, "at the end");
}

TEST_F(Tampering, TheHeadsThemselvesAreGuarded) {
  const auto file = folder + "/audit.heads";
  EXPECT_FALSE(after([&](auto&) { std::filesystem::remove(file); }).ok);
  EXPECT_FALSE(after([&](auto&) {
                 std::ifstream in(folder + "/whole.heads");
                 std::stringstream text;
                 text << in.rdbuf();
                 auto changed = text.str();
                 changed.replace(changed.find("\"seq\":10"), 8, "\"seq\":11");
                 std::ofstream(file, std::ios::trunc) << changed;
               }).ok);
  EXPECT_FALSE(after([&](auto&) { std::ofstream(file, std::ios::trunc); }).ok);
  EXPECT_FALSE(
      after([](auto& db) { sql(db, "UPDATE audit_heads SET time=time+1 WHERE seq=10"); }).ok);
  // All three put back to an older state agree with each other; only a head noted elsewhere tells.
  std::string known;
  EXPECT_TRUE(after([&](auto& db) {
                EXPECT_TRUE(db.query("SELECT hash FROM audit WHERE seq=50", {},
                                     [&](const store::Row& row) { known = "50:" + row.text(0); }));
              }).ok);
  const auto all = [&](auto& db) {
    sql(db, "DELETE FROM audit WHERE seq>20; DELETE FROM audit_heads WHERE seq>20");
    std::ifstream in(folder + "/whole.heads");
    std::ofstream out(file, std::ios::trunc);
    for (std::string line; std::getline(in, line);) {
      if (line.empty()) continue;
      out << line << "\n";
      if (line.find("\"seq\":20,") != std::string::npos) break;
    }
  };
  EXPECT_TRUE(after(all).ok);
  const auto found = verdict(known);
  EXPECT_FALSE(found.ok);
  EXPECT_EQ(found.broken_at.value_or(-1), 21) << found.detail;
}

}  // namespace
}  // namespace telltale::audit
