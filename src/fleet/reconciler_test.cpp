// The reconciler by example, and by seeded simulation: hours of a server's life with random faults
// and random wishes, under virtual time. A failing seed is printed; TELLTALE_SEED=N runs that one
// alone.
#include "fleet/reconciler.hpp"

#include <cstdlib>
#include <queue>

#include <gtest/gtest.h>

namespace telltale::fleet {
namespace {

using namespace std::chrono_literals;

constexpr base::SteadyTime kStart{1h};

Reconciler started(base::SteadyTime now) {
  Reconciler r({.seed = 7});
  r.start(now);
  EXPECT_EQ(r.next(now), Action::start);
  r.on_started(now);
  EXPECT_EQ(r.next(now), Action::check);
  r.on_check(true, "answered", false, now);
  return r;
}

TEST(Reconciler, StartsChecksAndIsHealthy) {
  Reconciler r({.seed = 7});
  EXPECT_EQ(r.status(), HealthStatus::stopped);
  r.start(kStart);
  EXPECT_EQ(r.status(), HealthStatus::starting);
  EXPECT_EQ(r.next(kStart), Action::start);
  EXPECT_EQ(r.next(kStart), Action::none) << "a start is given once";
  r.on_started(kStart);
  EXPECT_EQ(r.status(), HealthStatus::starting) << "not healthy before a check has proven it";
  EXPECT_EQ(r.next(kStart), Action::check);
  r.on_check(true, "answered in 3 ms", false, kStart);
  EXPECT_EQ(r.status(), HealthStatus::healthy);
  EXPECT_EQ(r.restarts(), 0U);
}

TEST(Reconciler, ADeadChildIsSeenAtOnceAndStartedAgain) {
  auto r = started(kStart);
  r.on_ended("killed by signal 9", kStart + 1s);
  EXPECT_EQ(r.status(), HealthStatus::disconnected);
  EXPECT_EQ(r.reason(), "killed by signal 9");
  ASSERT_TRUE(r.next_deadline());
  EXPECT_LE(*r.next_deadline(), kStart + 1s + 250ms);
  EXPECT_EQ(r.next(*r.next_deadline()), Action::start);
  EXPECT_EQ(r.restarts(), 1U);
}

TEST(Reconciler, StopWinsOverEverything) {
  auto r = started(kStart);
  r.stop("stopped as asked");
  EXPECT_EQ(r.next(kStart), Action::stop);
  EXPECT_EQ(r.status(), HealthStatus::healthy) << "nothing is stopped yet";
  r.on_stopped(kStart);
  EXPECT_EQ(r.status(), HealthStatus::stopped);
  EXPECT_EQ(r.next(kStart + 1h), Action::none);
  EXPECT_FALSE(r.next_deadline());
}

TEST(Reconciler, RestartStopsThenStarts) {
  auto r = started(kStart);
  r.restart(kStart);
  EXPECT_EQ(r.next(kStart), Action::stop);
  EXPECT_EQ(r.next(kStart), Action::none);
  r.on_stopped(kStart);
  EXPECT_EQ(r.next(kStart), Action::start);
}

TEST(Reconciler, ACrashLoopOpensTheCircuitAndInTheEndDisables) {
  Reconciler r({.seed = 3});
  auto now = kStart;
  r.start(now);
  int starts = 0;
  bool opened = false;
  while (r.desired() == Desired::running) {
    if (r.next(now) == Action::start) {
      ++starts;
      r.on_start_failed("exited with code 1", now);
    } else {
      ASSERT_TRUE(r.next_deadline());
      now = std::max(now + 1ms, *r.next_deadline());
    }
    opened = opened || r.status() == HealthStatus::circuit_open;
  }
  EXPECT_TRUE(opened);
  EXPECT_EQ(starts, 5 + 3) << "five to open the circuit, then one trial for each of three cycles";
  EXPECT_EQ(r.status(), HealthStatus::disabled);
  EXPECT_NE(r.reason().find("exited with code 1"), std::string::npos);
  r.start(now);
  EXPECT_EQ(r.next(now), Action::start) << "asked for again, it is enabled again";
}

TEST(Reconciler, AServerThatWaitsForAPersonIsNoFailure) {
  Reconciler r({.circuit = {.failure_threshold = 2}, .seed = 7});
  auto now = kStart;
  r.start(now);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(r.next(now), Action::start);
    r.on_start_refused("waits for authorization", now);
    EXPECT_EQ(r.circuit().state(), CircuitState::closed);
    EXPECT_EQ(r.circuit().failure_count(), 0);
    EXPECT_EQ(r.next(now), Action::none);
    ASSERT_TRUE(r.next_deadline());
    EXPECT_GE(*r.next_deadline(), now + 5min) << "and is not asked every few seconds";
    now = *r.next_deadline();
  }
  ASSERT_EQ(r.next(now), Action::start);
  r.on_start_refused("waits for authorization", now);
  r.restart(now);
  EXPECT_EQ(r.next(now), Action::start) << "once the person has consented";
}

TEST(Reconciler, AServerThatAnswersNothingIsStartedAnew) {
  auto r = started(kStart);
  auto now = kStart;
  bool stopped = false;
  for (int i = 0; i < 100 && !stopped; ++i) {
    now = std::max(now, r.next_deadline().value_or(now));
    const auto action = r.next(now);
    if (action == Action::check) r.on_check(false, "timeout", false, now);
    stopped = action == Action::stop;
  }
  EXPECT_TRUE(stopped);
}

// ---- simulation ----

struct World {
  explicit World(std::uint64_t seed)
      : random(seed), r({.circuit = {.open_for = 20s}, .check_interval = 10s, .seed = seed}) {}

  struct Due {
    base::SteadyTime when;
    int what;  // 0 start ends, 1 stop ends, 2 check ends, 3 session dies, 4 wish
    std::uint64_t session;
    bool operator>(const Due& other) const { return when > other.when; }
  };

  void later(base::Duration after, int what) { due.push({now + after, what, session}); }
  base::Duration up_to(base::Duration most) {
    return base::Duration(static_cast<base::Duration::rep>(
        random.below(static_cast<std::uint64_t>(most.count()) + 1)));
  }

  // Does what the reconciler asks; the invariants of every single step are here.
  void act() {
    int actions = 0;
    for (auto action = r.next(now); action != Action::none; action = r.next(now)) {
      ASSERT_LT(++actions, 10) << "busy loop";
      ++actions_total;
      if (action == Action::start) {
        ASSERT_FALSE(session_alive || starting || stopping) << "two sessions at once";
        ASSERT_EQ(r.desired(), Desired::running);
        starting = true;
        ++session;
        ++starts;
        later(up_to(2s), 0);
      } else if (action == Action::stop) {
        ASSERT_FALSE(stopping);
        stopping = true;
        later(up_to(4s), 1);
      } else {
        ASSERT_TRUE(session_alive && !checking);
        checking = true;
        later(up_to(1s), 2);
      }
    }
    ASSERT_LE(r.circuit().half_open_calls(), 3);
    ASSERT_EQ(r.restarts(), starts == 0 ? 0 : starts - 1) << "the restart count is exact";
  }

  void happen(const Due& event) {
    if (event.what == 4) return wish();
    if (event.session != session) return;  // of a session that is gone
    if (event.what == 0 && starting) {
      starting = false;
      if (stopping) return;
      const bool good = !bad || random.chance(0.2);
      session_alive = good;
      if (good)
        r.on_started(now);
      else
        r.on_start_failed("exited", now);
      if (good && random.chance(bad ? 0.8 : 0.1)) later(up_to(60s), 3);
    } else if (event.what == 1) {
      stopping = starting = session_alive = checking = false;
      ++session;
      r.on_stopped(now);
    } else if (event.what == 2 && checking && session_alive && !stopping) {
      checking = false;
      r.on_check(!bad || random.chance(0.5), "check", false, now);
    } else if (event.what == 3 && session_alive && !stopping) {
      session_alive = checking = false;
      r.on_ended("died", now);
    }
  }

  void wish() {
    switch (random.below(6)) {
      case 0:
        r.stop("stopped");
        break;
      case 1:
        r.restart(now);
        break;
      case 2:
        bad = !bad;
        break;
      default:
        r.start(now);
        break;
    }
  }

  void run(base::Duration length) {
    const auto end = now + length;
    for (base::Duration at{}; at < length; at += 30s + up_to(10min)) due.push({now + at, 4, 0});
    while (now < end) {
      act();
      if (testing::Test::HasFatalFailure()) return;
      auto next = end;
      if (!due.empty()) next = std::min(next, due.top().when);
      if (const auto deadline = r.next_deadline()) {
        ASSERT_TRUE(*deadline > now || r.circuit().state() == CircuitState::half_open)
            << "due but nothing done";
        next = std::min(next, std::max(*deadline, now + 50ms));
      }
      now = next;
      while (!due.empty() && due.top().when <= now) {
        const auto event = due.top();
        due.pop();
        happen(event);
      }
    }
  }

  base::Random random;
  Reconciler r;
  base::SteadyTime now = kStart;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  bool bad = false, starting = false, stopping = false, session_alive = false, checking = false;
  std::uint64_t session = 0, starts = 0, actions_total = 0;
};

void simulate(std::uint64_t seed) {
  SCOPED_TRACE("TELLTALE_SEED=" + std::to_string(seed));
  World world(seed);
  world.r.start(world.now);
  world.run(4h);
  if (testing::Test::HasFatalFailure()) return;
  EXPECT_LT(world.actions_total, 4U * 3600U) << "more than one action a second";
  EXPECT_GT(world.actions_total, 20U) << "the world stood still";
  // Whatever happened: a good server that is wanted gets healthy, and one that is not wanted ends.
  world.bad = false;
  world.due = {};
  if (world.starting) world.later(1s, 0);
  if (world.stopping) world.later(1s, 1);
  if (world.checking) world.later(1s, 2);
  world.r.start(world.now);
  world.random = base::Random(
      seed);  // no death is due any more: chance(0.1) may still add one, so allow for it
  for (int round = 0; round < 40 && world.r.status() != HealthStatus::healthy; ++round) {
    const auto until = world.now + 1min;
    while (world.now < until && !testing::Test::HasFatalFailure()) {
      world.act();
      world.now += 100ms;
      while (!world.due.empty() && world.due.top().when <= world.now) {
        const auto event = world.due.top();
        world.due.pop();
        world.happen(event);
      }
    }
  }
  EXPECT_EQ(world.r.status(), HealthStatus::healthy);
  world.r.stop("end");
  for (int i = 0; i < 100; ++i) {
    world.act();
    world.now += 100ms;
    while (!world.due.empty() && world.due.top().when <= world.now) {
      const auto event = world.due.top();
      world.due.pop();
      world.happen(event);
    }
  }
  EXPECT_FALSE(world.session_alive || world.starting || world.stopping);
  EXPECT_EQ(world.r.phase(), Phase::idle);
}

TEST(ReconcilerSimulation, ManySeedsOfFourHours) {
  if (const char* const one = std::getenv("TELLTALE_SEED"))
    return simulate(std::strtoull(one, nullptr, 10));
  for (std::uint64_t seed = 1; seed <= 2000 && !HasFailure(); ++seed) simulate(seed);
}

}  // namespace
}  // namespace telltale::fleet
