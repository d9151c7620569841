// Log: the audit as the rest of the program sees it. append() answers once the entry is on disk
// (group commit of the store), so a caller that awaits it before it acts or answers never does
// what the audit does not know. refuse() bounds what one who is refused again and again may write.
// A task signs the end of the chain every `head_every` entries and every `head_interval`. Any loop;
// owned by the composition root, which calls stop() on the home loop before it goes.
#pragma once

#include <atomic>
#include <memory>

#include "audit/heads.hpp"
#include "base/guarded.hpp"
#include "base/published.hpp"
#include "runtime/event.hpp"
#include "runtime/shared_map.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "store/store.hpp"

namespace telltale::audit {

struct Settings {
  std::string folder;  // of the database: audit.key, audit.pub and audit.heads are beside it
  std::uint64_t head_every = 1000;
  base::Duration head_interval = std::chrono::seconds(60);
};

struct Stats {
  std::uint64_t entries = 0;
  std::uint64_t failed = 0;  // entries that could not be written
  std::uint64_t heads = 0;
};

class Log {
 public:
  // Blocks (start-up): opens or makes the key and signs what the last life left unsigned.
  static base::Result<std::unique_ptr<Log>> open(Settings settings, store::Store& store,
                                                 runtime::BlockingPool& blocking,
                                                 runtime::EventSink& events);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `also` happens in the same transaction: both are on disk or neither is.
  runtime::TaskResult<bool> append(Entry entry, store::Store::Work also = {});
  // What is not waited for (a tool call): on disk with the next commit, at most a second later.
  void append_later(Entry entry);
  // Everything appended so far is on disk, or could not be written.
  runtime::Task<> settle();
  // A refusal. The first of an actor or address for an action is written at once; what follows
  // within a minute is counted, and the count written when the minute is over.
  runtime::Task<> refuse(Entry entry);

  std::string health() const;  // "" when the last entry was written
  Stats stats() const;
  std::string heads_file() const { return settings_.folder + "/audit.heads"; }
  std::string public_key_file() const { return settings_.folder + "/audit.pub"; }
  store::Store& store() noexcept { return store_; }

  void start(runtime::Loop& home);
  runtime::Task<> stop();  // on the home loop; signs the end

 private:
  struct Repeats {
    std::atomic<std::uint64_t> more{0};
    base::SteadyTime since;
    Entry entry;
    std::string key;
  };
  Log(Settings settings, store::Store& store, runtime::BlockingPool& blocking,
      runtime::EventSink& events, Signer signer);
  static runtime::Task<> keep_heads(Log* self);
  runtime::TaskResult<bool> write_head();
  runtime::Task<> write_repeats(bool all);
  void note(const base::Result<bool>& written);
  void announce(const Record& record);

  Settings settings_;
  store::Store& store_;
  runtime::BlockingPool& blocking_;
  runtime::EventSink& events_;
  Signer signer_;
  base::Published<std::string> health_;
  runtime::SharedMap<Repeats> repeats_;
  struct Waiting {
    Entry entry;
    base::WallTime time;
    base::SteadyTime steady;
  };
  base::Guarded<std::vector<Waiting>> waiting_;  // of append_later, until the store asks
  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> heads_{0};
  std::atomic<std::uint64_t> unsigned_{0};
  std::int64_t last_head_ = -1;  // home loop only
  std::unique_ptr<runtime::Notifier> due_;
  std::unique_ptr<runtime::TaskGroup> tasks_;
};

}  // namespace telltale::audit
