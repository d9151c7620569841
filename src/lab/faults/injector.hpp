// FaultInjector: decides what becomes of each message between a client and its server, and when the
// server itself is hit. No I/O; whoever owns the time asks it (FaultTransport). The n-th message
// has the same fate for the same seed. One case has one, also when the client connects again. One
// loop.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "base/random.hpp"
#include "lab/faults/fault.hpp"

namespace telltale::lab {

inline constexpr std::size_t kFaultEventLimit = 10'000;  // kept of one case

enum class Way : std::uint8_t { request, answer };

class FaultInjector {
 public:
  FaultInjector(std::vector<FaultSpec> faults, std::uint64_t seed);

  // Until then everything passes. `end`: of the case; what lasts "to the end" lasts until then.
  void start(base::SteadyTime begin, base::SteadyTime end);
  // Called by start(), at once when that was before; `who` is forgotten by forget().
  void when_started(const void* who, std::function<void()> body);
  void forget(const void* who) { waiting_.erase(who); }

  struct Passed {
    base::SteadyTime at;
    std::string text;
  };
  // What is to be delivered instead of `text`, and when; never earlier than what went before it the
  // same way. `method` of the request, or of the request that is answered; empty where unknown.
  std::vector<Passed> pass(Way way, std::string_view method, std::string text,
                           base::SteadyTime now);

  enum class Deed : std::uint8_t { disconnect, pause, resume, kill, full_disk, free_disk };
  // What is due to be done to the server, each said once.
  std::vector<Deed> due(base::SteadyTime now);
  std::optional<base::SteadyTime> next_deed() const;

  // Is anything being done at `at`? A deed counts for `grace` after it.
  bool active(base::SteadyTime at, base::Duration grace) const;
  base::SteadyTime last_end() const;  // when the last fault is over
  const std::vector<FaultEvent>& events() const noexcept { return events_; }
  const std::map<std::string, std::uint64_t>& counts() const noexcept { return counts_; }
  std::uint64_t count() const noexcept { return count_; }  // also those not kept in events()

 private:
  struct Window {
    base::SteadyTime from;
    base::SteadyTime to;
    std::optional<Deed> ends = {};  // what will end it, while it lasts
  };
  Window window_of(const FaultSpec& fault) const;
  bool hits(const FaultSpec& fault, Way way, std::string_view method, base::SteadyTime now);
  void alter(const FaultSpec& fault, std::string& text);
  void note(base::SteadyTime at, const std::string& kind, std::string detail);

  std::vector<FaultSpec> faults_;
  base::Random random_;
  bool started_ = false;
  base::SteadyTime begin_{};
  base::SteadyTime end_{};
  std::map<const void*, std::function<void()>> waiting_;
  std::multimap<base::SteadyTime, Deed> deeds_;
  std::vector<Window> struck_;  // of the deeds done so far
  base::SteadyTime last_out_[2]{};
  std::optional<std::string> other_id_;  // the id of the answer before, for swap_ids
  std::vector<FaultEvent> events_;
  std::map<std::string, std::uint64_t> counts_;  // by kind
  std::uint64_t count_ = 0;
};

}  // namespace telltale::lab
