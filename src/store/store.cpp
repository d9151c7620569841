#include "store/store.hpp"

#include <filesystem>
#include <future>

#include <boost/asio/any_completion_handler.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/log.hpp"
#include "store/migrations.hpp"

namespace telltale::store {
namespace {

namespace fs = std::filesystem;
constexpr auto kBatchDelay = std::chrono::milliseconds(1000);

// One Telltale per state directory: the lock ends with the process, however it ends.
base::Result<int> lock_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return base::fail(base::Code::storage,
                      "cannot make the folder " + folder.string() + ": " + error.message());
  ::chmod(folder.c_str(), 0700);
  const int fd = ::open((folder / "telltale.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return base::fail(base::Code::storage, "cannot write into " + folder.string());
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return base::fail(base::Code::conflict,
                      "another Telltale uses " + folder.string() +
                          "; stop it, or give this one its own --persistence-path");
  }
  return fd;
}

base::Result<std::unique_ptr<Connection>> open_writer(const Settings& settings,
                                                      const base::Clock& clock) {
  auto opened = Connection::open(settings.path, false);
  if (!opened) return std::unexpected(opened.error());
  auto& db = **opened;
  const auto refuse = [&](const base::Error& error) {
    return base::fail(base::Code::storage,
                      settings.path + " is not a usable database (" + error.detail +
                          "); restore a backup from the folder backups/, or move it away");
  };
  if (auto set =
          db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
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
  auto lock = lock_folder(fs::absolute(settings.path).parent_path());
  if (!lock) return std::unexpected(lock.error());
  auto writer = open_writer(settings, clock);
  if (!writer) {
    ::close(*lock);
    return std::unexpected(writer.error());
  }
  return std::unique_ptr<Store>(
      new Store(std::move(settings), clock, blocking, std::move(*writer), *lock));
}

Store::Store(Settings settings, const base::Clock& clock, runtime::BlockingPool& blocking,
             std::unique_ptr<Connection> writer, int lock_fd)
    : settings_(std::move(settings)),
      clock_(clock),
      blocking_(blocking),
      writer_(std::move(writer)),
      lock_fd_(lock_fd),
      thread_([this] { write_loop(); }) {}

Store::~Store() {
  close();
  readers_.clear();
  writer_.reset();
  ::close(lock_fd_);
}

void Store::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

runtime::TaskResult<bool> Store::write(std::string what, Work work) {
  auto* const loop = runtime::Loop::current();
  CHECK(loop != nullptr);
  using Handler = boost::asio::any_completion_handler<void(std::exception_ptr, base::Result<bool>)>;
  co_return co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable),
                                                 void(std::exception_ptr, base::Result<bool>)>(
      [this, loop](auto completion, std::string name, Work body) {
        auto handler = std::make_shared<Handler>(std::move(completion));
        Pending pending{.work = std::move(body)};
        pending.done = [loop, handler, name = std::move(name)](base::Result<void> result) {
          base::Result<bool> answer = true;
          if (!result) answer = std::unexpected(result.error());
          loop->post([handler, answer = std::move(answer)]() mutable {
            std::move (*handler)(nullptr, std::move(answer));
          });
        };
        {
          const std::lock_guard lock(mutex_);
          writes_.push_back(std::move(pending));
        }
        wake_.notify_all();
      },
      boost::asio::use_awaitable, std::move(what), std::move(work));
}

base::Result<void> Store::write_now(Work work) {
  CHECK(runtime::Loop::current() == nullptr);
  std::promise<base::Result<void>> promise;
  {
    const std::lock_guard lock(mutex_);
    writes_.push_back({std::move(work),
                       [&](base::Result<void> result) { promise.set_value(std::move(result)); }});
  }
  wake_.notify_all();
  return promise.get_future().get();
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
      wake_.wait_for(lock, kBatchDelay, [this] { return closing_ || !writes_.empty(); });
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
    for (auto& work : telemetry)
      if (auto done = run_one(work); !done) {
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
  const auto size = fs::file_size(settings_.path, error);
  const std::lock_guard lock(mutex_);
  auto out = stats_;
  out.size_bytes = error ? 0 : size;
  out.queued = writes_.size() + telemetry_.size();
  return out;
}

}  // namespace telltale::store
