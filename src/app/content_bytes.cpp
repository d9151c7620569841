#include "app/content_bytes.hpp"

#include <algorithm>

namespace telltale::app {

namespace {

std::unexpected<base::Error> cancelled() {
  return base::fail(base::Code::cancelled, "it was stopped");
}

// What may pass by itself.
bool passes(base::Code code) {
  return code == base::Code::unavailable || code == base::Code::deadline_exceeded;
}

}  // namespace

ContentBytes::ContentBytes(content::BlockSource& library, runtime::TaskGroup& reads,
                           content::Cid root, Parts parts)
    : library_(library), reads_(reads), root_(root), parts_(std::move(parts)) {}

content::ReaderSettings ContentBytes::ahead() const {
  const auto plan = parts_.plan->values();
  const double bytes = base::to_seconds(plan.ahead) * bytes_a_second_;
  const auto ahead = bytes_a_second_ > 0 ? static_cast<std::uint64_t>(bytes) : kFirstAheadBytes;
  return {.ahead_bytes = std::clamp<std::uint64_t>(ahead, kPieceBytes, kAheadBytesMax),
          .threshold = plan.threshold,
          .told = [count = parts_.count](bool came, base::Duration took) {
            count->with([&](Prefetches& all) {
              ++(came ? all.succeeded : all.failed);
              all.latency_ms.record(base::to_ms(took), monitor::kPrefetchBounds);
            });
          }};
}

runtime::Task<> ContentBytes::serve(std::shared_ptr<Shared> shared, content::BlockSource* library,
                                    content::Cid root, content::ReaderSettings ahead,
                                    std::uint64_t offset, std::size_t size) {
  // Should the task be cancelled, who waits must know.
  struct Ending {
    std::shared_ptr<Shared> shared;
    base::Result<std::string> bytes = cancelled();
    std::uint64_t whole = 0;
    ~Ending() {
      shared->answer.change([this](Answer& answer) {
        answer.bytes = std::move(bytes);
        answer.size = whole;
      });
    }
  } ending{.shared = shared};
  if (!shared->reader) {
    auto opened = co_await content::Reader::open(library, root, ahead);
    if (!opened) {
      ending.bytes = std::unexpected(opened.error());
      co_return;
    }
    shared->reader = std::move(*opened);
  }
  shared->reader->configure(std::move(ahead));
  ending.whole = shared->reader->size();
  ending.bytes = co_await shared->reader->read(offset, size);
}

bool ContentBytes::pause(base::Duration wait) {
  return shared_->answer.wait_for(
      wait, [](const Answer& answer) { return answer.cancelled; },
      [](const Answer& answer) { return !answer.cancelled; });
}

base::Result<std::string> ContentBytes::get(std::uint64_t offset) {
  if (given_up_) return std::unexpected(*given_up_);
  if (!plays_) return ask(offset, kPieceBytes, parts_.limit);
  const auto& clock = reads_.loop().clock();
  const auto until = clock.now() + parts_.retry.all;
  auto wait = parts_.retry.first;
  std::optional<base::Error> reason;  // of the attempt before
  for (std::uint32_t attempt = 0;; ++attempt) {
    auto bytes = ask(offset, kPieceBytes, until - clock.now());
    // That the time was up while it was asked once more says less than why it was asked again.
    if (!bytes && reason && bytes.error().code == base::Code::deadline_exceeded)
      bytes = std::unexpected(*reason);
    else if (!bytes)
      reason = bytes.error();
    const auto note = [&](rtc::SourceStep step, std::string why) {
      parts_.notes->add(clock.wall(), step, std::move(why), attempt);
    };
    if (bytes) {
      if (attempt > 0) note(rtc::SourceStep::back, "what is played is read again");
      return bytes;
    }
    if (!passes(bytes.error().code)) return bytes;
    const bool last = clock.now() + wait >= until;
    note(last           ? rtc::SourceStep::gone
         : attempt == 0 ? rtc::SourceStep::lost
                        : rtc::SourceStep::retry,
         bytes.error().detail);
    if (last) given_up_ = bytes.error();  // also for who reads on in spite of it
    if (last || !pause(wait)) return bytes;
    wait = std::min(2 * wait, parts_.retry.longest);
  }
}

base::Result<std::string> ContentBytes::ask(std::uint64_t offset, std::size_t size,
                                            base::Duration limit) {
  const bool go = shared_->answer.change([](Answer& answer) {
    answer.bytes.reset();
    return !answer.cancelled;
  });
  if (!go) return cancelled();
  auto& reads = reads_;
  reads.loop().post([&reads, shared = shared_, library = &library_, root = root_, offset, size,
                     ahead = ahead()]() mutable {
    if (!reads.spawn("media.read", serve(shared, library, root, std::move(ahead), offset, size)))
      shared->answer.change([](Answer& answer) { answer.bytes = cancelled(); });
  });
  auto bytes = shared_->answer.wait_for(
      limit, [](const Answer& answer) { return answer.cancelled || answer.bytes; },
      [this](Answer& answer) -> base::Result<std::string> {
        if (answer.cancelled) return cancelled();
        if (!answer.bytes) {
          answer.cancelled = true;  // the reader is still at it: no other read beside it
          return base::fail(base::Code::deadline_exceeded,
                            "a piece of it did not come in time: nobody who has it answers");
        }
        size_ = answer.size;
        return std::move(*answer.bytes);
      });
  return bytes;
}

base::Result<std::optional<std::uint64_t>> ContentBytes::size() {
  if (!size_) {
    auto first = get(0);
    if (!first) return std::unexpected(first.error());
    piece_at_ = 0;
    piece_ = std::move(*first);
  }
  return size_;
}

base::Result<std::size_t> ContentBytes::read(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset < piece_at_ || offset >= piece_at_ + piece_.size()) {
    if (size_ && offset >= *size_) return 0;
    auto piece = get(offset);
    if (!piece) return std::unexpected(piece.error());
    piece_at_ = offset;
    piece_ = std::move(*piece);
  }
  const auto from = static_cast<std::size_t>(offset - piece_at_);
  if (from >= piece_.size()) return 0;
  const auto count = std::min(out.size(), piece_.size() - from);
  std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(from), count, out.begin());
  return count;
}

void ContentBytes::cancel() {
  shared_->answer.change([](Answer& answer) { answer.cancelled = true; });
}

}  // namespace telltale::app
