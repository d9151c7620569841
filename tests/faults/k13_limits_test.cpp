// K13: a child that eats memory or CPU is ended by its limit, in a sandbox and without.
#include <sys/resource.h>

#include "loops.hpp"
#include "net/process.hpp"

namespace telltale::faults {
namespace {

class K13 : public Loops {
 protected:
  void SetUp() override {
    net::become_subreaper();
    if (const auto& have = net::sandbox_support(); have.bubblewrap.empty())
      GTEST_SKIP() << "no sandbox on this machine: " << have.why_not;
  }
  net::ProcessExit end_of(const std::string& script, net::ProcessLimits limits,
                          net::SandboxLevel level) {
    runtime::OneShot<net::ProcessExit> ended(loop());
    auto process = on_loop([&] {
      return net::Process::spawn(
          loop(),
          {.command = "/bin/sh",
           .arguments = {"-c", script},
           .environment = net::child_environment({}),
           .sandbox = {.level = level},
           .limits = limits},
          {.exited = [&](net::ProcessExit exit) { ended.set(std::move(exit)); }});
    });
    EXPECT_TRUE(process);
    auto out = run(ended.wait());
    on_loop([&] { process->reset(); });
    return out;
  }
};

TEST_F(K13, MemoryIsBounded) {
  // A string that doubles: 64 MiB are over long before the 40th time.
  const std::string eat =
      "x=x; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "
      "21 22 23 24 25 26 27 28; do x=$x$x; done; exit 0";
  for (const auto level : {net::SandboxLevel::none, net::SandboxLevel::strict}) {
    EXPECT_EQ(end_of(eat, {}, level).code, 0) << "the test itself";
    EXPECT_NE(end_of(eat, {.memory_bytes = 64U << 20U}, level).code, 0);
  }
}

TEST_F(K13, CpuTimeIsBounded) {
  for (const auto level : {net::SandboxLevel::none, net::SandboxLevel::strict}) {
    const auto exit = end_of("while :; do :; done", {.cpu_seconds = 1}, level);
    EXPECT_TRUE(exit.signal == SIGKILL || exit.signal == SIGXCPU) << exit.describe();
  }
}

TEST_F(K13, DescriptorsAreBounded) {
  EXPECT_EQ(end_of("test $(ulimit -n) = 32", {.open_files = 32}, net::SandboxLevel::none).code, 0);
  EXPECT_EQ(end_of("test $(ulimit -n) = 32", {.open_files = 32}, net::SandboxLevel::strict).code,
            0);
}

}  // namespace
}  // namespace telltale::faults
