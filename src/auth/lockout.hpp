// Lockout: after five failures in a row each further one doubles the wait, up to a quarter of an
// hour. Keyed by user and address together, so that nobody can lock another out from afar. Any
// thread; bounded; monotonic time.
#pragma once

#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/guarded.hpp"

namespace telltale::auth {

class Lockout {
 public:
  static constexpr int kFreeFailures = 5;
  static constexpr auto kLongestWait = std::chrono::minutes(15);
  static constexpr std::size_t kMaxKeys = 50'000;

  explicit Lockout(const base::Clock& clock);
  base::Result<void> check(const std::string& key) const;
  void failed(const std::string& key);
  void succeeded(const std::string& key);

 private:
  struct Failures {
    int count = 0;
    base::SteadyTime blocked_until;
    base::SteadyTime last;
  };
  using Table = std::map<std::string, Failures>;
  static void make_room(Table& table, base::SteadyTime now);

  const base::Clock& clock_;
  base::Guarded<Table> table_;
};

}  // namespace telltale::auth
