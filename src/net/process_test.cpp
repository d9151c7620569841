#include "net/process.hpp"

#include <fstream>

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/process_tree.hpp"
#include "net/test_support.hpp"

namespace telltale::net {
namespace {

// What a child said, gathered on the loop.
struct Seen {
  explicit Seen(runtime::Loop& loop) : changed(loop), ended(loop) {}
  runtime::Notifier changed;
  runtime::OneShot<ProcessExit> ended;
  std::vector<std::string> out;
  std::vector<std::string> err;
  std::optional<base::Error> closed;
  std::size_t lines = 0;
  std::size_t err_bytes = 0;
  bool keep = true;

  Process::Events events() {
    return {.stdout_line =
                [this](std::string_view line) {
                  EXPECT_FALSE(ended.is_set());
                  ++lines;
                  if (keep) out.emplace_back(line);
                  changed.notify_all();
                },
            .stderr_line =
                [this](std::string_view line) {
                  err_bytes += line.size();
                  if (keep) err.emplace_back(line);
                  changed.notify_all();
                },
            .stdout_closed =
                [this](base::Error why) {
                  EXPECT_FALSE(closed);
                  closed = std::move(why);
                  changed.notify_all();
                },
            .exited = [this](ProcessExit exit) { EXPECT_TRUE(ended.set(exit)); }};
  }
};

class ProcessTest : public NetTest {
 protected:
  static void SetUpTestSuite() { become_subreaper(); }
  ProcessTest() : seen_(std::make_unique<Seen>(loop())) {}
  ~ProcessTest() override {
    on_loop([this] {
      process_.reset();
      seen_.reset();
    });
    // 0 zombies, 0 survivors after every test: this process has no child at all.
    siginfo_t info{};
    EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1) << info.si_pid;
  }

  base::Result<void> start(ProcessSpec spec) {
    if (spec.environment.empty()) spec.environment = child_environment({});
    return on_loop([&]() -> base::Result<void> {
      auto made = Process::spawn(loop(), std::move(spec), seen_->events());
      if (!made) return std::unexpected(made.error());
      process_ = std::move(*made);
      return {};
    });
  }
  base::Result<void> shell(std::string script) {
    return start({.command = "/bin/sh", .arguments = {"-c", std::move(script)}});
  }
  void wait_for(std::function<bool()> condition) {
    run([](Seen* seen, std::function<bool()> until) -> runtime::Task<> {
      while (!until()) co_await seen->changed.wait();
    }(seen_.get(), std::move(condition)));
  }
  ProcessExit stop(base::Duration grace) { return run(process_->stop(grace)); }
  ProcessExit wait_exit() { return run(seen_->ended.wait()); }
  Seen& seen() { return *seen_; }
  Process& process() { return *process_; }
  static bool exists(int pid) {
    return ::access(("/proc/" + std::to_string(pid)).c_str(), F_OK) == 0;
  }

  std::unique_ptr<Seen> seen_;
  std::unique_ptr<Process> process_;
};

TEST_F(ProcessTest, EchoesLinesAndStopsCleanly) {
  ASSERT_TRUE(start({.command = "cat"}));
  on_loop([&] {
    EXPECT_TRUE(process().write_line("hello"));
    EXPECT_TRUE(process().write_line("wörld"));
  });
  wait_for([&] { return seen().out.size() == 2; });
  EXPECT_EQ(seen().out, (std::vector<std::string>{"hello", "wörld"}));
  EXPECT_EQ(stop(5s).describe(), "exited with code 0");
  on_loop([&] {
    EXPECT_FALSE(process().running());
    EXPECT_EQ(process().write_line("x").error().code, base::Code::unavailable);
  });
}

TEST_F(ProcessTest, TellsHowItEnded) {
  ASSERT_TRUE(shell("echo out; echo err >&2; printf 'no end'; exit 3"));
  EXPECT_EQ(wait_exit().code, 3);
  EXPECT_EQ(seen().out, (std::vector<std::string>{"out", "no end"}));
  EXPECT_EQ(seen().err, (std::vector<std::string>{"err"}));
  EXPECT_TRUE(seen().closed.has_value());
  on_loop([&] { process_.reset(); });
  seen_ = std::make_unique<Seen>(loop());
  ASSERT_TRUE(shell("kill -9 $$"));
  EXPECT_EQ(wait_exit().describe(), "killed by signal 9 (KILL)");
}

TEST_F(ProcessTest, MissingCommandAndDirectoryAreNamed) {
  const auto missing = start({.command = "no-such-command-here"});
  EXPECT_EQ(missing.error().detail, "command not found: no-such-command-here");
  EXPECT_EQ(start({.command = "/no/such"}).error().detail,
            "cannot run /no/such: No such file or directory");
  EXPECT_EQ(start({.command = "/etc/passwd"}).error().detail,
            "cannot run /etc/passwd: Permission denied");
  EXPECT_EQ(start({.command = "/bin/true", .directory = "/no/dir"}).error().detail,
            "cannot enter the directory /no/dir: No such file or directory");
  EXPECT_FALSE(start({.command = ""}).has_value());
}

TEST_F(ProcessTest, ChildHasOnlyStdio) {
  [[maybe_unused]] const int leak = ::dup(0);  // no close-on-exec
  ASSERT_TRUE(start({.command = "ls", .arguments = {"/proc/self/fd"}}));
  EXPECT_EQ(wait_exit().code, 0);
  // 3 is ls reading the folder itself
  EXPECT_EQ(seen().out, (std::vector<std::string>{"0", "1", "2", "3"}));
  ::close(leak);
}

TEST_F(ProcessTest, ChildHasCleanSignalsAndOwnGroup) {
  ASSERT_TRUE(start(
      {.command = "/bin/sh",
       .arguments = {"-c",
                     "grep -E 'SigBlk|SigIgn' /proc/self/status; cut -d' ' -f5,6 /proc/$$/stat"}}));
  EXPECT_EQ(wait_exit().code, 0);
  const auto id = std::to_string(process().pid());
  EXPECT_EQ(seen().out, (std::vector<std::string>{"SigBlk:\t0000000000000000",
                                                  "SigIgn:\t0000000000000000", id + " " + id}));
}

TEST_F(ProcessTest, EnvironmentIsExactlyWhatWasGiven) {
  ::setenv("CANARY_SECRET", "canary", 1);
  ASSERT_TRUE(
      start({.command = "/usr/bin/env", .environment = child_environment({{"GIVEN", "1"}})}));
  EXPECT_EQ(wait_exit().code, 0);
  EXPECT_NE(std::ranges::find(seen().out, "GIVEN=1"), seen().out.end());
  for (const auto& line : seen().out) EXPECT_EQ(line.find("canary"), std::string::npos);
  ::unsetenv("CANARY_SECRET");
}

TEST_F(ProcessTest, SigtermThenSigkill) {
  ASSERT_TRUE(shell("trap '' TERM; echo up; while :; do sleep 100; done"));
  wait_for([&] { return !seen().out.empty(); });
  EXPECT_EQ(stop(50ms).signal, SIGKILL);
  EXPECT_TRUE(seen().ended.is_set());
}

TEST_F(ProcessTest, SigtermIsEnoughForMost) {
  ASSERT_TRUE(shell("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done"));
  wait_for([&] { return !seen().out.empty(); });
  EXPECT_EQ(stop(200ms).code, 0);
  EXPECT_EQ(seen().out.back(), "bye");
}

// Double forks, new sessions and emptied environments: each is found by one of session, tag and
// ancestry.
TEST_F(ProcessTest, NoDescendantSurvives) {
  ASSERT_TRUE(
      shell("sleep 1000 & echo $!; setsid sleep 1001 & echo $!; setsid env -i sh -c 'echo $$; "
            "sleep 1002; :' & "
            "setsid sh -c 'setsid sleep 1003 & echo $!; echo $$; wait' & "
            "setsid sh -c 'setsid sleep 1004 & echo $!' & wait"));
  wait_for([&] { return seen().out.size() == 6; });
  std::vector<int> pids;
  pids.reserve(6);
  for (const auto& line : seen().out) pids.push_back(std::stoi(line));
  for (const int pid : pids) EXPECT_TRUE(exists(pid));
  EXPECT_TRUE(stop(100ms).signal);
  for (const int pid : pids) {
    std::ifstream name("/proc/" + std::to_string(pid) + "/cmdline");
    EXPECT_FALSE(exists(pid)) << pid << " "
                              << std::string(std::istreambuf_iterator<char>(name), {});
  }
}

TEST_F(ProcessTest, WhenTheLeaderDiesItsFamilyDies) {
  ASSERT_TRUE(shell("setsid sleep 1000 & echo $!; sleep 1001 & echo $!; exit 7"));
  EXPECT_EQ(wait_exit().code, 7);
  ASSERT_EQ(seen().out.size(), 2U);
  for (const auto& line : seen().out) EXPECT_FALSE(exists(std::stoi(line)));
}

TEST_F(ProcessTest, DestroyedWhileRunning) {
  ASSERT_TRUE(shell("echo up; sleep 1000"));
  wait_for([&] { return !seen().out.empty(); });
  const int pid = process().pid();
  on_loop([&] { process_.reset(); });
  while (exists(pid)) run(runtime::sleep_for(1ms));
  siginfo_t info{};  // its keeper ends after it
  while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) run(runtime::sleep_for(1ms));
  EXPECT_FALSE(seen().ended.is_set());  // no event after its Process is gone
}

TEST(Process, TheLoopMayEndBeforeTheChild) {
  become_subreaper();
  int pid = 0;
  {
    runtime::Runtime runtime(1);
    runtime.start();
    std::promise<std::unique_ptr<Process>> made;
    std::promise<void> up;
    runtime.loop(0).post([&] {
      ProcessSpec spec{.command = "/bin/sh",
                       .arguments = {"-c", "setsid sleep 1000 & echo up; wait"}};
      spec.environment = child_environment({});
      auto spawned = Process::spawn(runtime.loop(0), spec,
                                    {.stdout_line = [&](std::string_view) { up.set_value(); }});
      made.set_value(std::move(*spawned));
    });
    const auto process = made.get_future().get();
    up.get_future().wait();
    pid = process->pid();
    runtime.stop();
  }
  siginfo_t info{};
  EXPECT_FALSE(::access(("/proc/" + std::to_string(pid)).c_str(), F_OK) == 0);
  reap_orphans();
  EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1) << info.si_pid;
}

TEST_F(ProcessTest, AnOrphanThatEndsByItselfIsReaped) {
  ASSERT_TRUE(shell("(setsid sh -c 'echo $$; exec sleep 0.05' &) ; cat"));
  wait_for([&] { return !seen().out.empty(); });
  const int orphan = std::stoi(seen().out.front());
  while (exists(orphan)) run(runtime::sleep_for(20ms));
  EXPECT_EQ(stop(5s).code, 0);
}

TEST_F(ProcessTest, ALineOverTheLimitEndsTheSession) {
  ASSERT_TRUE(start({.command = "/bin/sh",
                     .arguments = {"-c", "echo ok; head -c 100000 /dev/zero; sleep 100"},
                     .line_limit = 65536}));
  wait_for([&] { return seen().closed.has_value(); });
  EXPECT_EQ(seen().closed->code, base::Code::too_large);
  EXPECT_EQ(seen().out.size(), 1U);
  stop(10ms);
}

TEST_F(ProcessTest, StdoutMayCloseBeforeTheEnd) {
  ASSERT_TRUE(shell("exec 1>&-; echo still >&2; read line; echo got $line >&2"));
  wait_for([&] { return seen().closed.has_value() && !seen().err.empty(); });
  EXPECT_EQ(seen().closed->code, base::Code::unavailable);
  on_loop([&] {
    EXPECT_TRUE(process().running());
    EXPECT_TRUE(process().write_line("it"));
  });
  wait_exit();
  EXPECT_EQ(seen().err.back(), "got it");
}

TEST_F(ProcessTest, StdinIsBounded) {
  ASSERT_TRUE(start({.command = "/bin/sleep", .arguments = {"1000"}, .stdin_limit = 200'000}));
  const auto refused = on_loop([&] {
    for (int i = 0; i < 100; ++i)
      if (auto done = process().write_line(std::string(10'000, 'x')); !done)
        return done.error().code;
    return base::Code::internal;
  });
  EXPECT_EQ(refused, base::Code::rate_limited);
  EXPECT_TRUE(stop(10ms).signal);
}

TEST_F(ProcessTest, AClosedStdinIsAnErrorNotTheEndOfUs) {
  ASSERT_TRUE(shell("exec 0<&-; echo closed; sleep 1000"));
  wait_for([&] { return !seen().out.empty(); });
  on_loop([&] {
    [[maybe_unused]] const auto first = process().write_line("x");  // finds the broken pipe
    EXPECT_EQ(process().write_line("y").error().code, base::Code::unavailable);
  });
  stop(10ms);
}

TEST_F(ProcessTest, MuchInMuchOut) {
  ASSERT_TRUE(start({.command = "cat"}));
  seen().keep = false;
  on_loop([&] {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(process().write_line(std::string(100'000, 'x')));
    process().close_stdin();
  });
  EXPECT_EQ(wait_exit().code, 0);
  EXPECT_EQ(seen().lines, 200U);
}

TEST_F(ProcessTest, GatheredLinesAllComeInOrderWithTheEnd) {
  ASSERT_TRUE(shell(
      "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done; read more; echo $more; exit 4"));
  on_loop([&] { process().gather(16); });
  wait_for([&] { return seen().out.size() == 3000; });
  on_loop([&] { EXPECT_TRUE(process().write_line("more")); });
  wait_for([&] { return seen().closed.has_value(); });
  ASSERT_EQ(seen().out.size(), 3001U);
  for (std::size_t i = 0; i < 3000; ++i) ASSERT_EQ(seen().out[i], std::to_string(i));
  EXPECT_EQ(seen().out.back(), "more");
  EXPECT_EQ(wait_exit().describe(), "exited with code 4");
}

TEST_F(ProcessTest, AFloodDoesNotStarveTheLoop) {
  seen().keep = false;
  ASSERT_TRUE(shell("yes >&2 & yes"));
  wait_for([&] { return seen().lines > 100'000 && seen().err_bytes > 1000; });
  for (int i = 0; i < 20; ++i) {
    const auto before = std::chrono::steady_clock::now();
    on_loop([] {});
    EXPECT_LT(std::chrono::steady_clock::now() - before, 500ms);
  }
  EXPECT_EQ(stop(10ms).signal, SIGTERM);
}

TEST_F(ProcessTest, UsageCountsTheFamily) {
  // The child says it: before, it may be between closing one stdin and opening the next.
  ASSERT_TRUE(shell("sh -c 'echo up; exec sleep 1000' & wait"));
  wait_for([&] { return !seen().out.empty(); });
  const auto usage = on_loop([&] { return process().sample(); });
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->threads, 2U);
  EXPECT_GT(usage->memory_bytes, 100'000U);
  EXPECT_GE(usage->fds, 6U);
  stop(10ms);
  EXPECT_GT(sample_self().memory_bytes, 1'000'000U);
}

TEST_F(ProcessTest, ManyCyclesLeaveNothing) {
  const auto count_fds = [] {
    int count = 0;
    auto* const folder = ::opendir("/proc/self/fd");
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
  };
  const int before = count_fds();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(shell("setsid sleep 1000 & read line"));
    stop(i % 2 == 0 ? base::Duration(1s) : base::Duration(0));
    on_loop([&] { process_.reset(); });
    seen_ = std::make_unique<Seen>(loop());
  }
  EXPECT_EQ(count_fds(), before);
}

}  // namespace
}  // namespace telltale::net
