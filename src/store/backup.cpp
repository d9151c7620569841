#include "store/backup.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/files.hpp"
#include "store/migrations.hpp"

namespace telltale::store {
namespace {

namespace fs = std::filesystem;

base::Result<BackupReport> report_of(Connection& db, const std::string& file) {
  BackupReport out{.file = file};
  auto version = schema_version(db);
  if (!version) return std::unexpected(version.error());
  out.schema = *version;
  bool has_audit = false;
  if (auto read = db.query("SELECT 1 FROM sqlite_schema WHERE name='audit'", {},
                           [&](const Row&) { has_audit = true; });
      !read)
    return std::unexpected(read.error());
  if (has_audit)
    if (auto read = db.query("SELECT count(*) FROM audit", {},
                             [&](const Row& row) { out.audit_entries = row.integer(0); });
        !read)
      return std::unexpected(read.error());
  return out;
}

}  // namespace

base::Result<void> check_database(Connection& db) {
  std::string verdict;
  if (auto checked =
          db.query("PRAGMA integrity_check(1)", {}, [&](const Row& row) { verdict = row.text(0); });
      !checked)
    return checked;
  if (verdict != "ok") return base::fail(base::Code::storage, "it is damaged: " + verdict);
  auto version = schema_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version < 1) return base::fail(base::Code::storage, "it is no database of Telltale");
  if (*version > newest_schema())
    return base::fail(base::Code::storage,
                      "it is of a newer Telltale (schema " + std::to_string(*version) + ")");
  return {};
}

base::Result<BackupReport> back_up(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!fs::exists(from, error))
    return base::fail(base::Code::not_found, "there is no database " + from);
  if (fs::exists(to, error)) return base::fail(base::Code::conflict, to + " exists already");
  fs::create_directories(fs::absolute(to).parent_path(), error);
  const auto draft = to + ".partial";
  fs::remove(draft, error);
  // Made by us and empty, so that nobody else ever has it open.
  const int fd = ::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return base::fail(base::Code::storage, "cannot write " + to);
  ::close(fd);
  const auto copied = [&]() -> base::Result<BackupReport> {
    auto source = Connection::open(from, true);
    if (!source) return std::unexpected(source.error());
    auto target = Connection::open(draft, false);
    if (!target) return std::unexpected(target.error());
    if (auto done = (*source)->copy_to(**target); !done) return std::unexpected(done.error());
    // One file, without a log beside it.
    if (auto done = (*target)->run("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;"); !done)
      return std::unexpected(done.error());
    if (auto good = check_database(**target); !good) return std::unexpected(good.error());
    return report_of(**target, to);
  }();
  if (!copied) {
    fs::remove(draft, error);
    return base::fail(copied.error().code, "no backup was made: " + copied.error().detail);
  }
  if (auto kept = sync_file(draft); !kept) return std::unexpected(kept.error());
  // link() does not replace what somebody else made under this name meanwhile.
  if (::link(draft.c_str(), to.c_str()) != 0)
    return base::fail(base::Code::conflict, "cannot make " + to);
  fs::remove(draft, error);
  if (auto kept = sync_folder_of(to); !kept) return std::unexpected(kept.error());
  auto out = *copied;
  out.bytes = static_cast<std::int64_t>(fs::file_size(to, error));
  return out;
}

}  // namespace telltale::store
