#include "series/engine.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/log.hpp"

namespace telltale::series {
namespace {

constexpr base::Duration kTick = std::chrono::seconds(1);
constexpr base::Duration kRetention = std::chrono::minutes(10);
constexpr std::size_t kBlocksInBatch = 2'000;  // so that others' writes come between
constexpr std::size_t kWaitingMax = 1'000;     // series with closed blocks: flush at once
constexpr std::size_t kForgotten = 2'000;      // blocks in one transaction
constexpr std::size_t kPublishedMax = 1'000;   // series in one tick; the rest in the next

std::string labels_text(const Entry& entry) {
  base::JsonObject out;
  for (const auto& [label, value] : entry.labels) out[*label] = *value;
  return base::write_json(out);
}

LabelList labels_of(const std::string& text) {
  LabelList out;
  const auto parsed = base::parse_json(text);
  if (parsed && parsed->is_object())
    for (const auto& item : parsed->get_object())
      if (item.value().is_string())
        out.emplace_back(std::string(item.key()), std::string(item.value().get_string()));
  std::ranges::sort(out);
  return out;
}

store::SeriesBlock row_of(std::int64_t id, const Piece& piece) {
  return {.series = id,
          .resolution_s = kResolutionsMs[piece.level] / 1000,
          .part = piece.part,
          .start_ms = piece.start_ms,
          .finish_ms = piece.finish_ms,
          .count = static_cast<std::int64_t>(piece.count),
          .data = *piece.data};
}

}  // namespace

struct Engine::Batch {
  struct One {
    EntryPtr entry;
    Piece piece;
  };
  std::vector<One> blocks;
  std::uint64_t bytes = 0;

  // What stays beside what is kept as long, apart from what is soon written anew: so that a page of
  // the database empties all at once, or not at all.
  void order() {
    std::ranges::sort(blocks, {}, [](const One& one) {
      return std::tuple(!one.piece.closed, one.piece.level, one.entry->id, one.piece.part);
    });
  }

  base::Result<void> write(store::Connection& db) const {
    for (const auto& [entry, piece] : blocks) {
      if (entry->removed) continue;
      if (!entry->on_disk) {
        if (auto added = store::add_series(db, {.id = entry->id,
                                                .name = *entry->name,
                                                .labels = labels_text(*entry),
                                                .unit = entry->unit});
            !added)
          return added;
      }
      if (auto put = store::put_block(db, row_of(entry->id, piece)); !put) return put;
    }
    return {};
  }
};

Engine::Engine(Parts parts, EngineSettings settings)
    : parts_(std::move(parts)), settings_(settings), index_(settings_.limits) {}

Engine::~Engine() = default;

base::Result<void> Engine::load() {
  return parts_.store.write_now([this](store::Connection& db) -> base::Result<void> {
    auto rows = store::all_series(db);
    if (!rows) return std::unexpected(rows.error());
    for (const auto& row : *rows)
      index_.add_stored(row.id, row.name, labels_of(row.labels), row.unit);
    for (const auto& entry : index_.find(""))
      if (auto loaded = load_one(db, *entry); !loaded) return loaded;
    return {};
  });
}

base::Result<void> Engine::load_one(store::Connection& db, const Entry& entry) {
  Series::Stored stored;
  std::array<std::int64_t, 4> ends{};  // of the windows that are on disk
  for (std::size_t level = 0; level < ends.size(); ++level) {
    auto last = store::last_blocks(db, entry.id, kResolutionsMs[level] / 1000, 2);
    if (!last) return std::unexpected(last.error());
    ends[level] = std::numeric_limits<std::int64_t>::min();
    for (const auto& block : *last) {
      stored.next_part[level] = std::max(stored.next_part[level], block.part + 1);
      ends[level] = std::max(ends[level], block.finish_ms + kResolutionsMs[level]);
    }
  }
  // Of each level what the next has not taken: it is fed to it again.
  constexpr auto kEver = std::numeric_limits<std::int64_t>::max();
  const auto windows = [&](std::size_t level, std::vector<Rollup>& out) {
    const auto from = ends[level + 1];
    return store::read_blocks(db,
                              {.series = entry.id,
                               .resolution_s = kResolutionsMs[level] / 1000,
                               .from_ms = from,
                               .to_ms = kEver,
                               .longest_ms = kSpansMs[level]},
                              [&](const store::SeriesBlock& block) {
                                const auto decoded = decode_rollups(block.data, true);
                                if (!decoded) return;
                                for (const auto& one : *decoded)
                                  if (one.start_ms >= from) out.push_back(one);
                              });
  };
  if (auto read = windows(2, stored.minutes); !read) return read;
  if (auto read = windows(1, stored.tens); !read) return read;
  std::ranges::sort(stored.minutes, {}, &Rollup::start_ms);
  std::ranges::sort(stored.tens, {}, &Rollup::start_ms);
  stored.replay_from_ms = ends[1];
  const bool has_points = stored.next_part[0] > 0;
  const auto from = has_points ? std::min(ends[1], ends[0] - kLateMs) : ends[1];
  auto read = store::read_blocks(
      db,
      {.series = entry.id,
       .resolution_s = 0,
       .from_ms = from,
       .to_ms = kEver,
       .longest_ms = kSpansMs[0]},
      [&](const store::SeriesBlock& block) {
        stored.blocks.push_back({.level = 0,
                                 .part = block.part,
                                 .start_ms = block.start_ms,
                                 .finish_ms = block.finish_ms,
                                 .count = static_cast<std::size_t>(block.count),
                                 .data = std::make_shared<const std::string>(block.data)});
      });
  if (!read) return read;
  entry.series.with([&](Series& series) { series.restore(stored); });
  return {};
}

void Engine::start(runtime::Loop& loop) {
  tasks_ = std::make_unique<runtime::TaskGroup>(loop, "series");
  tasks_->spawn("series.house", keep_house(this));
}

runtime::Task<> Engine::stop() {
  if (tasks_) co_await tasks_->stop();
  if (auto done = co_await flush(true); !done)
    base::log(base::LogLevel::error, "series", "the last points are not kept: {}",
              done.error().detail);
}

Taken Engine::append(const Entry& entry, Point point) {
  bool closed = false;
  const auto taken = entry.series.with([&](Series& series) {
    const auto out = series.append(point);
    closed = series.closed() > 0;
    return out;
  });
  if (taken == Taken::yes) {
    points_.fetch_add(1, std::memory_order_relaxed);
    if (!entry.changed.load(std::memory_order_relaxed)) entry.changed = true;
    if (!entry.unseen.load(std::memory_order_relaxed)) entry.unseen = true;
    if (closed && !entry.waits.exchange(true)) waiting_.fetch_add(1, std::memory_order_relaxed);
  } else {
    (taken == Taken::duplicate ? duplicates_ : refused_).fetch_add(1, std::memory_order_relaxed);
  }
  return taken;
}

EngineStats Engine::stats() const {
  return {.series = index_.size(),
          .points = points_,
          .duplicates = duplicates_,
          .refused = refused_,
          .blocks_written = blocks_,
          .bytes_written = bytes_};
}

runtime::Task<> Engine::keep_house(Engine* self) {
  const auto& clock = self->parts_.clock;
  auto flushed = clock.now();
  auto rolled = clock.now();
  auto cleaned = clock.now();
  for (;;) {
    co_await runtime::sleep_for(kTick);
    if (!self->parts_.listened || self->parts_.listened()) self->publish_new();
    const auto now = clock.now();
    if (now - flushed >= self->settings_.flush || self->waiting_ >= kWaitingMax) {
      const bool rollups = now - rolled >= self->settings_.rollup_flush;
      if (auto done = co_await self->flush(rollups); !done)
        base::log(base::LogLevel::warning, "series", "not written, tried again in a while: {}",
                  done.error().detail);
      flushed = now;
      if (rollups) rolled = now;
    }
    if (now - cleaned >= kRetention) {
      cleaned = now;
      if (auto done = co_await self->forget_old(); !done)
        base::log(base::LogLevel::warning, "series", "retention failed: {}", done.error().detail);
    }
  }
}

runtime::TaskResult<bool> Engine::flush(bool with_rollups) {
  return flush_now(this, with_rollups);
}

runtime::TaskResult<bool> Engine::flush_now(Engine* self, bool with_rollups) {
  self->waiting_ = 0;
  std::vector<EntryPtr> changed;
  for (auto& entry : self->index_.find(""))
    if (entry->changed || with_rollups) changed.push_back(std::move(entry));
  for (std::size_t next = 0; next < changed.size();) {
    const auto batch = std::make_shared<Batch>();
    for (; next < changed.size() && batch->blocks.size() < kBlocksInBatch; ++next) {
      const auto& entry = changed[next];
      entry->changed = false;
      entry->waits = false;
      std::vector<Piece> pieces;
      entry->series.with([&](const Series& series) {
        series.collect(with_rollups || series.needs_rollups(), pieces);
      });
      for (auto& piece : pieces) {
        batch->bytes += piece.data->size();
        batch->blocks.push_back({entry, std::move(piece)});
      }
    }
    if (batch->blocks.empty()) continue;
    batch->order();
    auto done = co_await self->parts_.store.write(
        "metrics", [batch](store::Connection& db) { return batch->write(db); });
    if (!done) {
      for (const auto& [entry, piece] : batch->blocks) entry->changed = true;
      for (; next < changed.size(); ++next) changed[next]->changed = true;
      co_return std::unexpected(done.error());
    }
    for (const auto& [entry, piece] : batch->blocks) {
      entry->on_disk = true;
      entry->series.with([&](Series& series) { series.written(piece); });
    }
    self->blocks_ += batch->blocks.size();
    self->bytes_ += batch->bytes;
  }
  co_return true;
}

runtime::TaskResult<std::size_t> Engine::remove(std::vector<EntryPtr> entries) {
  return remove_now(this, std::move(entries));
}

runtime::TaskResult<std::size_t> Engine::remove_now(Engine* self, std::vector<EntryPtr> entries) {
  std::erase_if(entries, [&](const EntryPtr& entry) { return !self->index_.remove(entry); });
  std::vector<std::int64_t> ids;
  ids.reserve(entries.size());
  for (const auto& entry : entries) ids.push_back(entry->id);
  auto done = co_await self->parts_.store.write(
      "metrics removed", [ids](store::Connection& db) -> base::Result<void> {
        for (const auto id : ids)
          if (auto gone = store::remove_series(db, id); !gone) return gone;
        return {};
      });
  if (!done) co_return std::unexpected(done.error());
  co_return ids.size();
}

runtime::TaskResult<bool> Engine::forget_old() {
  return forget_now(this);
}

// A series of which nothing is left, on disk or in memory, goes as well: its labels may never come
// again.
runtime::TaskResult<bool> Engine::forget_now(Engine* self) {
  const auto now = self->parts_.clock.wall();
  for (std::size_t level = 0; level < kResolutionsMs.size(); ++level) {
    const auto before = base::unix_ms(now - self->settings_.retention[level]);
    const auto gone = std::make_shared<std::int64_t>(0);
    do {
      auto done = co_await self->parts_.store.write(
          "metrics retention", [=](store::Connection& db) -> base::Result<void> {
            auto count = store::forget_blocks(db, kResolutionsMs[level] / 1000, before, kForgotten);
            if (!count) return std::unexpected(count.error());
            *gone = *count;
            return {};
          });
      if (!done) co_return std::unexpected(done.error());
    } while (*gone == static_cast<std::int64_t>(kForgotten));
  }
  auto empty = co_await self->parts_.store.read(
      [](store::Connection& db) { return store::empty_series(db); });
  if (!empty) co_return std::unexpected(empty.error());
  const auto oldest = base::unix_ms(now - self->settings_.retention.back());
  std::vector<EntryPtr> dead;
  if (!empty->empty())
    for (const auto& entry : self->index_.find(""))
      if (std::ranges::binary_search(*empty, entry->id) &&
          entry->series.with(
              [&](const Series& one) { return one.empty() || one.newest_ms() < oldest; }))
        dead.push_back(entry);
  if (dead.empty()) co_return true;
  auto removed = co_await self->remove(std::move(dead));
  if (!removed) co_return std::unexpected(removed.error());
  co_return true;
}

// One event for the series of a name that are about one server, so that who may not see a server
// is not told of it.
void Engine::publish_new() {
  struct Group {
    base::JsonArray points;
    std::string unit;
  };
  std::map<std::pair<std::string, std::string>, Group> groups;
  std::size_t published = 0;
  for (const auto& entry : index_.find("")) {
    if (!entry->unseen || published++ >= kPublishedMax) continue;
    entry->unseen = false;
    base::JsonObject labels;
    for (const auto& [label, value] : entry->labels) labels[*label] = *value;
    const auto [time, value] = entry->series.with(
        [](const Series& one) { return std::pair(one.newest_ms(), one.last_value()); });
    auto& group = groups[{*entry->name, std::string(entry->label("server"))}];
    group.unit = entry->unit;
    group.points.push_back({{"labels", std::move(labels)},
                            {"time", base::format_rfc3339(base::from_unix_ms(time))},
                            {"value", value}});
  }
  for (auto& [key, group] : groups) {
    const auto& [name, server] = key;
    base::JsonObject data{{"metric_name", name}, {"points", std::move(group.points)}};
    if (!server.empty()) data["server"] = server;
    if (!group.unit.empty()) data["unit"] = group.unit;
    parts_.events.publish({.type = "metrics",
                           .channel = "metrics",
                           .subject = server.empty() ? name : fmt::format("{}\n{}", name, server),
                           .data = std::move(data)});
  }
}

}  // namespace telltale::series
