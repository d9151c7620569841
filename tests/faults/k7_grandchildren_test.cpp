// K7: descendants that left their family (double fork, setsid, an emptied environment, npx → sh →
// node, …) do not outlive their server, nor Telltale, however either ends.
#include <fstream>

#include <signal.h>
#include <sys/wait.h>

#include "family.hpp"
#include "hub.hpp"
#include "loops.hpp"

namespace telltale::faults {
namespace {

using namespace std::chrono_literals;

constexpr auto kBound = 2s;  // from the signal until nothing is left

class K7 : public Loops {
 protected:
  void SetUp() override { net::become_subreaper(); }

  std::unique_ptr<net::Process> start(const net::ProcessSpec& spec) {
    return on_loop([&] {
      auto made = net::Process::spawn(loop(), spec, {});
      EXPECT_TRUE(made) << made.error().detail;
      return made ? std::move(*made) : nullptr;
    });
  }
  std::unique_ptr<net::Process> start_family(const Family& family) {
    return start({.command = FAMILY_SERVER,
                  .arguments = {family.path()},
                  .environment = net::child_environment({})});
  }

  // The family can be whole before its keeper has said that it started it; until then the keeper is
  // all that is known, and its parent is us.
  int keeper_of(net::Process& process) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    int keeper = ::getpid();
    while (keeper == ::getpid() && std::chrono::steady_clock::now() < deadline)
      keeper = on_loop([&] { return parent_of(process.pid()); });
    return keeper;
  }

  Folder folder;
};

TEST_F(K7, NoneSurvivesAStop) {
  Family family(folder.path());
  auto process = start_family(family);
  ASSERT_TRUE(family.all_here(kWays + 1, 10s)) << family.who();
  run(process->stop(1s));
  EXPECT_TRUE(family.none_left(0s + kBound));
  on_loop([&] { process.reset(); });
}

TEST_F(K7, NoneSurvivesTheEndOfItsServer) {
  Family family(folder.path());
  auto process = start_family(family);
  ASSERT_TRUE(family.all_here(kWays + 1, 10s)) << family.who();
  ASSERT_NE(keeper_of(*process), ::getpid());
  ASSERT_EQ(::kill(on_loop([&] { return process->pid(); }), SIGKILL), 0);
  EXPECT_TRUE(family.none_left(kBound));
  EXPECT_EQ(run(process->stop(1s)).signal, SIGKILL);
  on_loop([&] { process.reset(); });
}

// Somebody kills the keeper: its server dies with it, and what the server started comes to us.
TEST_F(K7, NoneSurvivesTheEndOfItsKeeper) {
  Family family(folder.path());
  auto process = start_family(family);
  ASSERT_TRUE(family.all_here(kWays + 1, 10s)) << family.who();
  const int keeper = keeper_of(*process);
  ASSERT_NE(keeper, ::getpid());
  ASSERT_EQ(::kill(keeper, SIGKILL), 0);
  EXPECT_TRUE(family.none_left(kBound));
  EXPECT_EQ(run(process->stop(1s)).signal, SIGKILL);
  on_loop([&] { process.reset(); });
}

// A keeper that was stopped does not do its work; it is done for it.
TEST_F(K7, AStoppedKeeperIsNoHidingPlace) {
  Family family(folder.path());
  auto process = start_family(family);
  ASSERT_TRUE(family.all_here(kWays + 1, 10s)) << family.who();
  const int keeper = keeper_of(*process);
  ASSERT_NE(keeper, ::getpid());
  ASSERT_EQ(::kill(keeper, SIGSTOP), 0);
  on_loop([&] { process->kill(); });
  EXPECT_TRUE(family.none_left(5s + kBound));
  run(process->stop(1s));
  on_loop([&] { process.reset(); });
}

TEST_F(K7, NoneSurvivesTelltaleKilled) {
  Family first(folder.path(), "first");
  Family second(folder.path(), "second");
  Hub hub(folder.path(), {{"first", {{"command", FAMILY_SERVER}, {"args", {first.path()}}}},
                          {"second", {{"command", FAMILY_SERVER}, {"args", {second.path()}}}}});
  ASSERT_TRUE(first.all_here(kWays + 1, 20s)) << first.who() << hub.log();
  ASSERT_TRUE(second.all_here(kWays + 1, 20s)) << second.who() << hub.log();
  hub.kill(SIGKILL);
  EXPECT_TRUE(first.none_left(kBound));
  EXPECT_TRUE(second.none_left(kBound));
}

TEST_F(K7, NoneSurvivesTelltaleEndedRightly) {
  Family family(folder.path());
  Hub hub(folder.path(), {{"family", {{"command", FAMILY_SERVER}, {"args", {family.path()}}}}});
  ASSERT_TRUE(family.all_here(kWays + 1, 20s)) << family.who() << hub.log();
  EXPECT_EQ(hub.kill(SIGTERM), 0) << hub.log();
  EXPECT_TRUE(family.none_left(0s));
}

// As an mcp.json has it: npx starts a shell, that starts node, that starts a daemon of its own.
TEST_F(K7, NoneSurvivesBehindNpxAndShellAndNode) {
  Family family(folder.path());
  const auto script = folder.path() / "server.mjs";
  std::ofstream(script) << "import {spawn} from 'node:child_process';\n"
                           "spawn('"
                        << FAMILY_SERVER << "', ['" << family.path()
                        << "'], {detached: true, stdio: ['pipe', 'ignore', 'ignore']});\n"
                           "setInterval(() => {}, 1e6);\n";
  Hub hub(folder.path(),
          {{"npx",
            {{"command", "npx"},
             {"args", {"--offline", "-c", "sh -c 'node " + script.string() + "; true'"}}}}});
  ASSERT_TRUE(family.all_here(kWays + 1, 60s)) << family.who() << hub.log();
  hub.kill(SIGKILL);
  EXPECT_TRUE(family.none_left(kBound));
}

}  // namespace
}  // namespace telltale::faults
