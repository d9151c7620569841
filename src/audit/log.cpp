#include "audit/log.hpp"

#include "base/log.hpp"
#include "runtime/run.hpp"

namespace telltale::audit {
namespace {

constexpr base::Duration kRepeatWindow = std::chrono::minutes(1);
constexpr std::size_t kRepeatLimit = 4096;

base::Error cannot(const base::Error& error) {
  return {.code = base::Code::storage,
          .detail = "the audit cannot be written (" + error.detail +
                    "); what changes something is refused until it can, reads go on"};
}

}  // namespace

base::Result<std::unique_ptr<Log>> Log::open(Settings settings, store::Store& store,
                                             runtime::BlockingPool& blocking,
                                             runtime::EventSink& events) {
  auto signer = Signer::open(settings.folder);
  if (!signer) return std::unexpected(signer.error());
  std::unique_ptr<Log> log(
      new Log(std::move(settings), store, blocking, events, std::move(*signer)));
  auto signed_now = store.write_now([&](store::Connection& db) -> base::Result<void> {
    const auto last = last_head(db);
    if (!last) return std::unexpected(last.error());
    auto end = tip(db);
    if (!end) return std::unexpected(end.error());
    log->last_head_ = *last;
    if (end->seq == *last) return {};
    auto head = sign_head(log->signer_, "head", std::move(*end), store.clock().wall());
    if (!head) return std::unexpected(head.error());
    if (auto kept = append_to_file(log->heads_file(), *head); !kept) return kept;
    log->last_head_ = head->tip.seq;
    return insert(db, *head);
  });
  if (!signed_now) return std::unexpected(signed_now.error());
  return log;
}

Log::Log(Settings settings, store::Store& store, runtime::BlockingPool& blocking,
         runtime::EventSink& events, Signer signer)
    : settings_(std::move(settings)),
      store_(store),
      blocking_(blocking),
      events_(events),
      signer_(std::move(signer)),
      health_(std::make_shared<const std::string>()) {}

void Log::note(const base::Result<bool>& written) {
  const auto before = health_.load();
  if (written) {
    if (!before->empty()) {
      health_.store(std::make_shared<const std::string>());
      base::log(base::LogLevel::info, "audit", "the audit is written again");
    }
    return;
  }
  failed_.fetch_add(1, std::memory_order_relaxed);
  if (!before->empty()) return;
  health_.store(std::make_shared<const std::string>(written.error().detail));
  base::log(base::LogLevel::error, "audit", "{}", cannot(written.error()).detail);
}

runtime::TaskResult<bool> Log::append(Entry entry, store::Store::Work also) {
  const auto record = std::make_shared<Record>();
  auto written = co_await store_.write(
      "audit",
      [record, entry = std::move(entry), also = std::move(also), wall = store_.clock().wall(),
       steady = store_.clock().now()](store::Connection& db) mutable -> base::Result<void> {
        if (also)
          if (auto done = also(db); !done) return done;
        auto appended = audit::append(db, std::move(entry), wall, steady);
        if (!appended) return std::unexpected(appended.error());
        *record = std::move(*appended);
        return {};
      });
  note(written);
  if (!written) co_return std::unexpected(cannot(written.error()));
  announce(*record);
  co_return true;
}

// One piece of work for all that come until the store gets to it.
void Log::append_later(Entry entry) {
  const bool first = waiting_.with([&](std::vector<Waiting>& waiting) {
    waiting.push_back(
        {.entry = std::move(entry), .time = store_.clock().wall(), .steady = store_.clock().now()});
    return waiting.size() == 1;
  });
  if (!first) return;
  struct Batch {
    std::vector<Record> records;
    std::size_t entries = 0;            // 0: the store did not get to them
    base::Result<bool> refused = true;  // the last of those that could not be written
  };
  const auto batch = std::make_shared<Batch>();
  store_.write_later(
      [this, batch](store::Connection& db) -> base::Result<void> {
        auto waiting =
            waiting_.with([](std::vector<Waiting>& all) { return std::exchange(all, {}); });
        batch->entries = waiting.size();
        for (auto& one : waiting) {
          auto appended = audit::append(db, std::move(one.entry), one.time, one.steady);
          // One that is refused has undone itself and takes no other with it.
          if (appended)
            batch->records.push_back(std::move(*appended));
          else
            batch->refused = std::unexpected(appended.error());
        }
        return {};
      },
      [this, batch](base::Result<void> done) {
        if (done) {
          for (const auto& record : batch->records) announce(record);
          note(batch->refused);
          const auto refused = batch->entries - batch->records.size();
          if (refused > 1) failed_.fetch_add(refused - 1, std::memory_order_relaxed);
          return;
        }
        note(std::unexpected(done.error()));
        const auto lost =
            batch->entries > 0 ? batch->entries : waiting_.with([](std::vector<Waiting>& all) {
              return std::exchange(all, {}).size();
            });
        failed_.fetch_add(lost - 1, std::memory_order_relaxed);  // note() has counted one
      });
}

runtime::Task<> Log::settle() {
  (void)co_await store_.write("audit", [](store::Connection&) -> base::Result<void> { return {}; });
}

void Log::announce(const Record& record) {
  entries_.fetch_add(1, std::memory_order_relaxed);
  if (unsigned_.fetch_add(1, std::memory_order_relaxed) + 1 == settings_.head_every && tasks_)
    tasks_->loop().post([this] { due_->notify_all(); });
  const bool good = record.entry.outcome == "ok" || record.entry.outcome == "started";
  events_.publish({.type = "audit",
                   .channel = "audit",
                   .subject = record.entry.subject,
                   .severity = good ? runtime::Severity::info : runtime::Severity::warning,
                   .data = describe(record)});
}

runtime::Task<> Log::refuse(Entry entry) {
  entry.outcome = "refused";
  auto key = entry.actor + "\n" + entry.address + "\n" + entry.action;
  // Whose password is guessed matters; which path a stranger asks for does not.
  if (entry.action.starts_with("auth.")) key += "\n" + entry.subject;
  if (const auto known = repeats_.find(key)) {
    known->more.fetch_add(1, std::memory_order_relaxed);
    co_return;
  }
  // Beyond the limit every refusal is written by itself: dear for us, but none is lost.
  if (repeats_.size() < kRepeatLimit) {
    auto first = std::make_shared<Repeats>();
    first->since = store_.clock().now();
    first->entry = entry;
    first->key = key;
    repeats_.put(key, std::move(first));
  }
  // It stays refused, written or not; note() has said what is wrong.
  (void)co_await append(std::move(entry));
}

runtime::Task<> Log::write_repeats(bool all) {
  const auto now = store_.clock().now();
  for (const auto& one : repeats_.all()) {
    if (!all && now - one->since < kRepeatWindow) continue;
    repeats_.erase(one->key);
    const auto more = one->more.exchange(0);
    if (more == 0) continue;
    auto entry = one->entry;
    entry.detail = "and " + std::to_string(more) + " more like it: " + entry.detail;
    (void)co_await append(std::move(entry));
  }
}

runtime::TaskResult<bool> Log::write_head() {
  unsigned_ = 0;
  auto end = co_await store_.read([](store::Connection& db) { return tip(db); });
  if (!end) co_return std::unexpected(end.error());
  if (end->seq == last_head_) co_return true;
  auto head = co_await blocking_.run(
      [this, end = std::move(*end), now = store_.clock().wall()]() -> base::Result<Head> {
        auto made = sign_head(signer_, "head", end, now);
        if (!made) return made;
        if (auto kept = append_to_file(heads_file(), *made); !kept)
          return std::unexpected(kept.error());
        return made;
      });
  if (!head) co_return std::unexpected(head.error());
  auto kept = co_await store_.write(
      "audit head", [head = *head](store::Connection& db) { return insert(db, head); });
  if (!kept) co_return kept;
  last_head_ = head->tip.seq;
  heads_.fetch_add(1, std::memory_order_relaxed);
  // Also an anchor outside: whoever keeps our log (journald, a collector) can compare.
  base::log(base::LogLevel::info, "audit", "head {}:{}", head->tip.seq, head->tip.hash);
  co_return true;
}

runtime::Task<> Log::keep_heads(Log* self) {
  for (;;) {
    co_await self->due_->wait_for(self->settings_.head_interval);
    co_await self->write_repeats(false);
    if (auto done = co_await self->write_head(); !done)
      base::log(base::LogLevel::warning, "audit", "no head was signed: {}", done.error().detail);
  }
}

void Log::start(runtime::Loop& home) {
  due_ = std::make_unique<runtime::Notifier>(home);
  tasks_ = std::make_unique<runtime::TaskGroup>(home, "audit");
  home.post([this] { tasks_->spawn("audit.heads", keep_heads(this)); });
}

runtime::Task<> Log::stop() {
  if (!tasks_) co_return;
  co_await tasks_->stop();
  co_await write_repeats(true);
  co_await settle();
  if (auto done = co_await write_head(); !done)
    base::log(base::LogLevel::warning, "audit", "no last head was signed: {}", done.error().detail);
}

std::string Log::health() const {
  return *health_.load();
}

Stats Log::stats() const {
  return {.entries = entries_.load(std::memory_order_relaxed),
          .failed = failed_.load(std::memory_order_relaxed),
          .heads = heads_.load(std::memory_order_relaxed)};
}

}  // namespace telltale::audit
