#include "store/store.hpp"

#include <filesystem>
#include <future>

#include <boost/asio/any_completion_handler.hpp>
#include <sys/stat.h>

#include "base/check.hpp"
#include "base/log.hpp"
#include "store/migrations.hpp"

namespace telltale::store {
namespace {

namespace fs = std::filesystem;
constexpr auto kBatchDelay = std::chrono::milliseconds(1000);
constexpr std::size_t kManyWrites = 1024;  // are not left waiting

// SQLite would make a new database where one is missing or empty. The keys tell that there was one.
base::Result<void> refuse_lost(const std::string& path) {
  std::error_code error;
  const auto folder = fs::absolute(path).parent_path();
  if (fs::exists(path, error) && fs::file_size(path, error) > 0) return {};
  for (const auto* const key : {"master.key", "audit.heads"})
    if (fs::exists(folder / key, error))
      return base::fail(base::Code::storage,
                        path + " is missing or empty, but " + key +
                            " of a database is there: restore a backup (telltale restore FILE), or "
                            "remove master.key and audit.* to begin anew");
  return {};
}

base::Result<std::unique_ptr<Connection>> open_writer(const Settings& settings,
                                                      const base::Clock& clock) {
  if (auto there = refuse_lost(settings.path); !there) return std::unexpected(there.error());
  auto opened = Connection::open(settings.path, false);
  if (!opened) return std::unexpected(opened.error());
  auto& db = **opened;
  const auto refuse = [&](const base::Error& error) {
    return base::fail(base::Code::storage,
                      settings.path + " is not a usable database (" + error.detail +
                          "); restore a backup (telltale restore FILE, see the folder backups/)");
  };
  if (auto set = db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                        "PRAGMA secure_delete=ON;");
      !set)
    return refuse(set.error());
  std::string verdict;
  if (auto checked =
          db.query("PRAGMA quick_check(1)", {}, [&](const Row& row) { verdict = row.text(0); });
      !checked)
    return refuse(checked.error());
  if (verdict != "ok") return refuse({.detail = verdict});
  auto version = schema_version(db);
  if (!version) return refuse(version.error());
  if (*version > 0 && *version < newest_schema()) {
    const auto folder = fs::path(settings.path).parent_path() / "backups";
    fs::create_directories(folder);
    const auto copy = folder / ("before-schema-" + std::to_string(newest_schema()) + "-" +
                                std::to_string(base::unix_ms(clock.wall())) + ".db");
    if (auto saved = db.execute("VACUUM INTO ?", {copy.string()}); !saved)
      return std::unexpected(saved.error());
  }
  if (auto migrated = migrate(db); !migrated) return std::unexpected(migrated.error());
  ::chmod(settings.path.c_str(), 0600);
  return std::move(*opened);
}

}  // namespace

base::Result<std::unique_ptr<Store>> Store::open(Settings settings, const base::Clock& clock,
                                                 runtime::BlockingPool& blocking) {
  auto lock = FolderLock::take(fs::absolute(settings.path).parent_path().string());
  if (!lock) return std::unexpected(lock.error());
  auto writer = open_writer(settings, clock);
  if (!writer) return std::unexpected(writer.error());
  auto vault = Vault::open(**writer, fs::absolute(settings.path).parent_path().string(),
                           base::unix_ms(clock.wall()));
  if (!vault) return std::unexpected(vault.error());
  return std::unique_ptr<Store>(new Store(std::move(settings), clock, blocking, std::move(*writer),
                                          std::move(*vault), std::move(*lock)));
}

Store::Store(Settings settings, const base::Clock& clock, runtime::BlockingPool& blocking,
             std::unique_ptr<Connection> writer, std::unique_ptr<Vault> vault, FolderLock lock)
    : settings_(std::move(settings)),
      clock_(clock),
      blocking_(blocking),
      lock_(std::move(lock)),
      writer_(std::move(writer)),
      vault_(std::move(vault)),
      thread_([this] { write_loop(); }) {}

Store::~Store() {
  close();
  readers_.clear();
  writer_.reset();
}

void Store::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

runtime::TaskResult<bool> Store::write(std::string what, Work work, Committed committed) {
  auto* const loop = runtime::Loop::current();
  CHECK(loop != nullptr);
  using Handler = boost::asio::any_completion_handler<void(std::exception_ptr, base::Result<bool>)>;
  co_return co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable),
                                                 void(std::exception_ptr, base::Result<bool>)>(
      [this, loop](auto completion, std::string name, Work body, Committed told) {
        auto handler = std::make_shared<Handler>(std::move(completion));
        Pending pending{.work = std::move(body)};
        pending.done = [loop, handler, name = std::move(name),
                        told = std::move(told)](base::Result<void> result) mutable {
          if (told) told(result.has_value());
          base::Result<bool> answer = true;
          if (!result) answer = std::unexpected(result.error());
          loop->post([handler, answer = std::move(answer)]() mutable {
            std::move (*handler)(nullptr, std::move(answer));
          });
        };
        {
          const std::lock_guard lock(mutex_);
          writes_.push_back(std::move(pending));
          wanted_ = true;
        }
        wake_.notify_all();
      },
      boost::asio::use_awaitable, std::move(what), std::move(work), std::move(committed));
}

base::Result<void> Store::write_now(Work work) {
  CHECK(runtime::Loop::current() == nullptr);
  std::promise<base::Result<void>> promise;
  {
    const std::lock_guard lock(mutex_);
    writes_.push_back({std::move(work),
                       [&](base::Result<void> result) { promise.set_value(std::move(result)); }});
    wanted_ = true;
  }
  wake_.notify_all();
  return promise.get_future().get();
}

runtime::TaskResult<Vault::Rotation> Store::rotate_secrets() {
  const auto rotation = std::make_shared<Vault::Rotation>();
  const auto promoted = std::make_shared<base::Result<void>>();
  auto done = co_await write(
      "secrets",
      [this, rotation](Connection& db) -> base::Result<void> {
        auto rotated = vault_->rotate(db, base::unix_ms(clock_.wall()));
        if (!rotated) return std::unexpected(rotated.error());
        *rotation = *rotated;
        return {};
      },
      [this, promoted](bool committed) { *promoted = vault_->finish_rotation(committed); });
  if (!done) co_return std::unexpected(done.error());
  if (!*promoted) co_return std::unexpected(promoted->error());
  co_return *rotation;
}

void Store::write_later(Work work, std::move_only_function<void(base::Result<void>)> done) {
  bool many = false;
  {
    const std::lock_guard lock(mutex_);
    writes_.push_back({.work = std::move(work), .done = std::move(done)});
    many = writes_.size() % kManyWrites == 0;
  }
  if (many) wake_.notify_all();
}

void Store::record(Work work) {
  const std::lock_guard lock(mutex_);
  if (telemetry_.size() >= settings_.telemetry_limit) {
    telemetry_.pop_front();
    ++stats_.dropped;
  }
  telemetry_.push_back(std::move(work));
}

void Store::write_loop() {
  for (;;) {
    std::deque<Pending> writes;
    std::deque<Work> telemetry;
    bool last = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kBatchDelay,
                     [this] { return closing_ || wanted_ || writes_.size() >= kManyWrites; });
      wanted_ = false;
      writes.swap(writes_);
      telemetry.swap(telemetry_);
      last = closing_;
    }
    if (!writes.empty() || !telemetry.empty())
      commit_batch(std::move(writes), std::move(telemetry));
    if (last) return;
  }
}

base::Result<void> Store::run_one(Work& work) {
  if (auto begun = writer_->execute("SAVEPOINT one"); !begun) return begun;
  auto result = work(*writer_);
  if (!result) {
    if (auto undone = writer_->execute("ROLLBACK TO one"); !undone) return undone;
  }
  if (auto released = writer_->execute("RELEASE one"); !released) return released;
  return result;
}

void Store::commit_batch(std::deque<Pending> writes, std::deque<Work> telemetry) {
  std::vector<base::Result<void>> results;
  base::Result<void> committed;
  std::uint64_t failed = 0;
  if (const auto sick = health(); !sick.empty()) {
    committed = base::fail(base::Code::storage, sick);
  } else if (committed = writer_->execute("BEGIN IMMEDIATE"); committed) {
    for (auto& pending : writes) results.push_back(run_one(pending.work));
    // No savepoint each, which would cost more than most of them: a statement that fails undoes
    // itself.
    for (auto& work : telemetry)
      if (auto done = work(*writer_); !done) {
        ++failed;
        base::log(base::LogLevel::warning, "store", "telemetry lost: {}", done.error().detail);
      }
    committed = writer_->execute("COMMIT");
    if (!committed) {
      if (auto undone = writer_->execute("ROLLBACK"); !undone)
        base::log(base::LogLevel::error, "store", "rollback failed: {}", undone.error().detail);
    }
  }
  {
    const std::lock_guard lock(mutex_);
    stats_.commits += committed ? 1 : 0;
    stats_.writes += writes.size() + telemetry.size();
    stats_.failed += failed + (committed ? 0 : writes.size() + telemetry.size());
    // After a failed fsync nobody knows what is on disk: writing on would pretend to. A full disk
    // may get room again.
    const bool full =
        !committed && committed.error().detail.find("disk is full") != std::string::npos;
    if (!committed && !full && health_.empty()) {
      health_ = "the store is read-only since a commit failed: " + committed.error().detail;
      base::log(base::LogLevel::error, "store", "{}", health_);
    }
  }
  for (std::size_t i = 0; i < writes.size(); ++i)
    writes[i].done(committed ? std::move(results[i])
                             : base::Result<void>(std::unexpected(committed.error())));
}

base::Result<std::unique_ptr<Connection>> Store::take_reader() {
  {
    const std::lock_guard lock(mutex_);
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  return Connection::open(settings_.path, true);
}

void Store::give_reader(std::unique_ptr<Connection> reader) {
  const std::lock_guard lock(mutex_);
  readers_.push_back(std::move(reader));
}

std::string Store::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

Stats Store::stats() const {
  std::error_code error;
  // What was written last is in the log beside it.
  std::uint64_t size = 0;
  for (const auto* const part : {"", "-wal"})
    if (const auto bytes = fs::file_size(settings_.path + part, error); !error) size += bytes;
  const std::lock_guard lock(mutex_);
  auto out = stats_;
  out.size_bytes = size;
  out.queued = writes_.size() + telemetry_.size();
  return out;
}

}  // namespace telltale::store
