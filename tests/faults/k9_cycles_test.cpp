// K9 and "No leaks": start and stop, again and again, of a child that forks grandchildren in every
// way it can: 0 orphans, 0 zombies, 0 descriptors more than at the start; the same after kill -9 of
// Telltale. TELLTALE_CYCLES and TELLTALE_KILLS set how often (10,000 and 100 in
// docs/reliability.md).
#include <cstdlib>

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "family.hpp"
#include "hub.hpp"
#include "loops.hpp"

namespace telltale::faults {
namespace {

using namespace std::chrono_literals;

int count_of(const char* variable, int otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

int descriptors() {
  int count = 0;
  auto* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

// Children of ours in any state, zombies too: after a stop there is none.
bool any_child() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

using K9 = Loops;

TEST_F(K9, CyclesLeaveNothing) {
  net::become_subreaper();
  const Folder folder;
  const int cycles = count_of("TELLTALE_CYCLES", 300);
  Family family(folder.path());
  int before = 0;
  const auto begin = std::chrono::steady_clock::now();
  int orphans = 0;
  for (int i = 0; i < cycles; ++i) {
    auto process = on_loop([&] {
      auto made = net::Process::spawn(loop(),
                                      {.command = FAMILY_SERVER,
                                       .arguments = {family.path()},
                                       .environment = net::child_environment({})},
                                      {});
      EXPECT_TRUE(made) << made.error().detail;
      return made ? std::move(*made) : nullptr;
    });
    ASSERT_NE(process, nullptr) << i;
    ASSERT_TRUE(family.all_here(kWays + 1, 20s)) << i << " " << family.who();
    switch (i % 3) {  // asked to end, killed at once, its server dies
      case 0:
        run(process->stop(5s));
        break;
      case 1:
        run(process->stop(0s));
        break;
      default:
        ::kill(on_loop([&] { return process->pid(); }), SIGKILL);
        run(process->stop(5s));
    }
    on_loop([&] { process.reset(); });
    if (!family.none_left(0ms)) ++orphans;  // all are gone when stop() returns
    ASSERT_FALSE(any_child()) << "a zombie or an orphan after cycle " << i;
    family.forget();
    if (i == 0) before = descriptors();  // the keeper's program is opened once, by the first
  }
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin);
  EXPECT_EQ(orphans, 0);
  EXPECT_EQ(descriptors(), before);
  std::printf(
      "%d cycles of %d processes: %d orphans, 0 zombies, %d descriptors more; %.2f ms each\n",
      cycles, kWays + 1, orphans, descriptors() - before, took.count() * 1000 / cycles);
}

TEST_F(K9, KillsOfTelltaleLeaveNothing) {
  net::become_subreaper();  // an orphan that its keeper forgot would become ours
  const int kills = count_of("TELLTALE_KILLS", 5);
  std::chrono::nanoseconds longest{0};
  for (int i = 0; i < kills; ++i) {
    const Folder folder;
    Family first(folder.path(), "first");
    Family second(folder.path(), "second");
    Hub hub(folder.path(), {{"first", {{"command", FAMILY_SERVER}, {"args", {first.path()}}}},
                            {"second", {{"command", FAMILY_SERVER}, {"args", {second.path()}}}}});
    ASSERT_TRUE(first.all_here(kWays + 1, 30s)) << first.who() << hub.log();
    ASSERT_TRUE(second.all_here(kWays + 1, 30s)) << second.who() << hub.log();
    const auto begin = std::chrono::steady_clock::now();
    hub.kill(SIGKILL);
    ASSERT_TRUE(first.none_left(5s)) << "after kill " << i;
    ASSERT_TRUE(second.none_left(5s)) << "after kill " << i;
    longest = std::max<std::chrono::nanoseconds>(longest, std::chrono::steady_clock::now() - begin);
    // Its keepers have become ours and end by themselves.
    for (int status = 0; ::waitpid(-1, &status, 0) > 0;) {
    }
  }
  std::printf(
      "%d kills of Telltale with 2 servers of %d processes: 0 orphans, all gone within %.1f ms\n",
      kills, kWays + 1, static_cast<double>(longest.count()) / 1e6);
}

}  // namespace
}  // namespace telltale::faults
