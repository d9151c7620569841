// Store: SQLite in WAL mode with one writer thread. write() is awaited and answers once the commit
// is on disk (FULL); what waits at that moment shares one transaction, each in its own savepoint.
// record() is for telemetry: batched, at most a second late, bounded. read() runs on the blocking
// pool with a connection of its own. A failed commit is never retried: the store turns read-only
// and says so. Every method from any thread; write() and read() from loops.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/loop.hpp"
#include "runtime/run.hpp"
#include "runtime/task.hpp"
#include "store/connection.hpp"
#include "store/files.hpp"
#include "store/vault.hpp"

namespace telltale::store {

struct Settings {
  std::string path;  // the file; its folder is made with mode 0700
  std::size_t telemetry_limit = 20'000;
};

struct Stats {
  std::uint64_t commits = 0;
  std::uint64_t writes = 0;
  std::uint64_t dropped = 0;  // telemetry beyond its limit
  std::uint64_t failed = 0;
  std::uint64_t size_bytes = 0;
  std::size_t queued = 0;
};

class Store {
 public:
  using Work = std::move_only_function<base::Result<void>(Connection&)>;

  static base::Result<std::unique_ptr<Store>> open(Settings settings, const base::Clock& clock,
                                                   runtime::BlockingPool& blocking);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  // `committed` is told on the writer's thread, before the next transaction begins.
  using Committed = std::move_only_function<void(bool)>;
  runtime::TaskResult<bool> write(std::string what, Work work, Committed committed = {});
  // With the next commit, which is at most a second away; nobody waits, and unlike record() none is
  // dropped. `done` is told on the writer's thread. Any thread.
  void write_later(Work work, std::move_only_function<void(base::Result<void>)> done);
  void record(Work work);
  template <class Function,
            class T = typename std::invoke_result_t<Function, Connection&>::value_type>
  runtime::TaskResult<T> read(Function function) {
    return read_on(this, std::move(function));
  }
  // For start-up, before any loop runs, and for command line tools: blocks.
  base::Result<void> write_now(Work work);
  // A new key for the sealed values, and a new master key where it is a file of ours.
  runtime::TaskResult<Vault::Rotation> rotate_secrets();

  void close();                // writes what is queued; nothing may be written after
  std::string health() const;  // "" when all is well
  Stats stats() const;
  const Vault& vault() const noexcept { return *vault_; }
  const std::string& path() const noexcept { return settings_.path; }
  const base::Clock& clock() const noexcept { return clock_; }

 private:
  struct Pending {
    Work work;
    std::move_only_function<void(base::Result<void>)> done;
  };
  Store(Settings settings, const base::Clock& clock, runtime::BlockingPool& blocking,
        std::unique_ptr<Connection> writer, std::unique_ptr<Vault> vault, FolderLock lock);
  void write_loop();
  void commit_batch(std::deque<Pending> writes, std::deque<Work> telemetry);
  base::Result<void> run_one(Work& work);
  base::Result<std::unique_ptr<Connection>> take_reader();
  void give_reader(std::unique_ptr<Connection> reader);

  template <class Function,
            class T = typename std::invoke_result_t<Function, Connection&>::value_type>
  static runtime::TaskResult<T> read_on(Store* self, Function function) {
    co_return co_await self->blocking_.run(
        [self, function = std::move(function)]() mutable -> base::Result<T> {
          auto reader = self->take_reader();
          if (!reader) return std::unexpected(reader.error());
          auto result = function(**reader);
          self->give_reader(std::move(*reader));
          return result;
        });
  }

  Settings settings_;
  const base::Clock& clock_;
  runtime::BlockingPool& blocking_;
  FolderLock lock_;  // before the writer: given back after it is closed
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Vault> vault_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Pending> writes_;
  std::deque<Work> telemetry_;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::string health_;
  Stats stats_;
  bool closing_ = false;
  bool wanted_ = false;  // somebody waits for the next commit
  std::thread thread_;
};

}  // namespace telltale::store
