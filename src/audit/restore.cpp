#include "audit/restore.hpp"

#include <filesystem>

#include "audit/heads.hpp"
#include "store/backup.hpp"
#include "store/files.hpp"

namespace telltale::audit {
namespace {

namespace fs = std::filesystem;

// The database with the log that SQLite keeps beside it, under a name of the same shape.
base::Result<std::string> move_away(const fs::path& folder, base::WallTime now) {
  const auto from = (folder / "telltale.db").string();
  std::error_code error;
  if (!fs::exists(from, error)) return std::string();
  auto name = "replaced-" + base::format_rfc3339(now) + ".db";
  std::erase(name, ':');
  fs::create_directories(folder / "backups", error);
  auto to = (folder / "backups" / name).string();
  for (const char* const part : {"-wal", "-shm", ""}) {
    if (!fs::exists(from + part, error)) continue;
    fs::rename(from + part, to + part, error);
    if (error)
      return base::fail(base::Code::storage,
                        "cannot move " + from + part + " away: " + error.message());
  }
  return to;
}

base::Result<void> note_in_audit(const std::string& folder, const std::string& database,
                                 RestoreReport& report) {
  auto db = store::Connection::open(database, true);
  if (!db) return std::unexpected(db.error());
  bool has_audit = false;
  if (auto read = (*db)->query("SELECT 1 FROM sqlite_schema WHERE name='audit'", {},
                               [&](const store::Row&) { has_audit = true; });
      !read)
    return read;
  Tip end;
  if (has_audit) {
    auto found = tip(**db);
    if (!found) return std::unexpected(found.error());
    end = std::move(*found);
  }
  report.audit_seq = end.seq;
  const auto signer = Signer::open(folder);
  if (!signer) return std::unexpected(signer.error());
  const auto head = sign_head(*signer, "restore", std::move(end), base::SystemClock().wall());
  if (!head) return std::unexpected(head.error());
  return append_to_file((fs::path(folder) / "audit.heads").string(), *head);
}

}  // namespace

base::Result<RestoreReport> restore(const std::string& folder, const std::string& file) {
  std::error_code error;
  if (!fs::exists(file, error))
    return base::fail(base::Code::not_found, "there is no file " + file);
  const auto lock = store::FolderLock::take(folder);
  if (!lock) return std::unexpected(lock.error());
  // Made beside the database first, and checked: what is wrong with it is found before anything
  // is moved.
  const auto draft = (fs::path(folder) / "telltale.db.restored").string();
  fs::remove(draft, error);
  const auto copied = store::back_up(file, draft);
  if (!copied) return std::unexpected(copied.error());
  RestoreReport out{.schema = copied->schema};
  auto replaced = move_away(folder, base::SystemClock().wall());
  if (!replaced) return std::unexpected(replaced.error());
  out.replaced = std::move(*replaced);
  const auto database = (fs::path(folder) / "telltale.db").string();
  fs::rename(draft, database, error);
  if (error)
    return base::fail(base::Code::storage, "cannot put " + database + ": " + error.message());
  if (auto kept = store::sync_folder_of(database); !kept) return std::unexpected(kept.error());
  if (auto noted = note_in_audit(folder, database, out); !noted)
    return std::unexpected(noted.error());
  return out;
}

}  // namespace telltale::audit
