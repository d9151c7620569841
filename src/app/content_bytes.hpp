// ContentBytes: a content reader for media's threads: they block while a task on the library's home
// loop reads. Reads come one at a time; what was read last is kept, since FFmpeg reads in small
// steps. What comes next is asked for ahead, as its ReadPlan says. cancel() ends a wait from any
// thread; the task that read may go on a little and harms nobody.
#pragma once

#include <algorithm>

#include "base/guarded.hpp"
#include "base/monitor.hpp"
#include "content/reader.hpp"
#include "media/byte_source.hpp"
#include "monitor/figures.hpp"
#include "rtc/source_notes.hpp"
#include "runtime/task_group.hpp"

namespace telltale::app {

// How far ahead of where it plays a content is read; of all who share the playing. Any thread.
class ReadPlan {
 public:
  struct Values {
    base::Duration ahead = {};
    double threshold = 0;  // less than this share of `ahead` is left: more is asked for
  };
  explicit ReadPlan(Values values) { raise(values); }
  Values values() const {
    return values_.with([](const Values& values) { return values; });
  }
  // What one more wants: the largest counts.
  void raise(Values wanted) {
    values_.with([&](Values& values) {
      values.ahead = std::max(values.ahead, wanted.ahead);
      values.threshold = std::max(values.threshold, wanted.threshold);
    });
  }
  // What the optimiser found right, in place of all that was wanted so far.
  void set(Values right) {
    values_.with([&](Values& values) { values = right; });
  }

 private:
  base::Guarded<Values> values_;
};

// What was fetched before it was needed, of all content that plays; one operation is one block.
struct Prefetches {
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  monitor::Buckets<9> latency_ms = {};
};
using PrefetchCount = std::shared_ptr<base::Guarded<Prefetches>>;

// Of a piece that did not come while something plays: asked for again, each time after twice as
// long, until all of it took too long.
struct RetryPlan {
  base::Duration first = std::chrono::milliseconds(500);
  base::Duration longest = std::chrono::seconds(8);
  base::Duration all = std::chrono::seconds(60);
};

class ContentBytes final : public media::ByteSource {
 public:
  static constexpr std::size_t kPieceBytes = 256U << 10U;
  // Ahead, as long as nobody knows how many seconds that is.
  static constexpr std::size_t kFirstAheadBytes = 1U << 20U;
  static constexpr std::uint64_t kAheadBytesMax = 256ULL << 20U;

  struct Parts {
    base::Duration limit = {};  // for a piece to come, before anything plays
    RetryPlan retry = {};
    std::shared_ptr<const ReadPlan> plan = {};
    PrefetchCount count = {};
    std::shared_ptr<rtc::SourceNotes> notes = {};
  };
  // `reads` and `library` outlive it; `reads` is a group of `home`.
  ContentBytes(content::BlockSource& library, runtime::TaskGroup& reads, content::Cid root,
               Parts parts);
  base::Result<std::optional<std::uint64_t>> size() override;
  base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
  void plays_at(double bytes_a_second) override {
    bytes_a_second_ = bytes_a_second;
    plays_ = true;
  }
  void cancel() override;

 private:
  struct Answer {
    std::optional<base::Result<std::string>> bytes;
    std::uint64_t size = 0;
    bool cancelled = false;
  };
  struct Shared {
    base::Monitor<Answer> answer;
    std::unique_ptr<content::Reader> reader;  // of the home loop
  };
  // Of the piece at `offset`, again and again where that makes sense.
  base::Result<std::string> get(std::uint64_t offset);
  base::Result<std::string> ask(std::uint64_t offset, std::size_t size, base::Duration limit);
  bool pause(base::Duration wait);  // false: it was cancelled
  content::ReaderSettings ahead() const;
  static runtime::Task<> serve(std::shared_ptr<Shared> shared, content::BlockSource* library,
                               content::Cid root, content::ReaderSettings ahead,
                               std::uint64_t offset, std::size_t size);

  content::BlockSource& library_;
  runtime::TaskGroup& reads_;
  const content::Cid root_;
  const Parts parts_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::optional<std::uint64_t> size_;
  double bytes_a_second_ = 0;  // 0: not known so far
  bool plays_ = false;         // who opens it was told that all is well
  std::optional<base::Error> given_up_;
  std::uint64_t piece_at_ = 0;
  std::string piece_;
};

}  // namespace telltale::app
