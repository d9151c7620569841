// What became of a source while it was watched: lost, asked for again, back, given up. A few of the
// last are kept; whoever looks after a connection reads those it has not seen. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ring.hpp"

namespace telltale::rtc {

enum class SourceStep : std::uint8_t {
  lost,   // nothing comes of it
  retry,  // one more try failed
  back,   // it goes on
  gone,   // no more tries: who watches is told the end
};

struct SourceNote {
  std::uint64_t number = 0;  // from 1 on
  base::WallTime at = {};
  SourceStep step = SourceStep::lost;
  std::string reason;
  std::uint32_t attempt = 0;  // of `retry` and `back`
};

class SourceNotes {
 public:
  static constexpr std::size_t kKept = 32;
  static constexpr std::size_t kReasonMax = 200;  // bytes

  void add(base::WallTime at, SourceStep step, std::string reason, std::uint32_t attempt = 0) {
    if (reason.size() > kReasonMax) reason.resize(kReasonMax);
    notes_.with([&](Notes& notes) {
      notes.ring.push({.number = ++notes.last,
                       .at = at,
                       .step = step,
                       .reason = std::move(reason),
                       .attempt = attempt});
    });
  }
  // Of those after the given one, the oldest first.
  std::vector<SourceNote> after(std::uint64_t number) const {
    return notes_.with([&](const Notes& notes) {
      std::vector<SourceNote> out;
      if (notes.last <= number) return out;
      for (std::size_t i = 0; i < notes.ring.size(); ++i)
        if (notes.ring[i].number > number) out.push_back(notes.ring[i]);
      return out;
    });
  }
  std::uint64_t last() const {
    return notes_.with([](const Notes& notes) { return notes.last; });
  }

 private:
  struct Notes {
    base::Ring<SourceNote> ring{kKept};
    std::uint64_t last = 0;
  };
  base::Guarded<Notes> notes_;
};

}  // namespace telltale::rtc
