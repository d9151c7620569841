// The sandbox's levels with a child that tries to get out (tests/support/servers/escape.cpp): under
// strict everything fails; without a sandbox much succeeds, so the attempts are real.
#include <algorithm>
#include <fstream>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "loops.hpp"
#include "net/process_sandbox.hpp"

namespace telltale::faults {
namespace {

using namespace std::chrono_literals;
using net::SandboxLevel;

// What a child could find on the host: a TCP port, an abstract and a plain Unix socket, a secret.
class Host {
 public:
  explicit Host(const std::filesystem::path& folder)
      : secret((folder / "secret.txt").string()), socket((folder / "host.socket").string()) {
    std::ofstream(secret) << "canary";
    tcp_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(tcp_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(tcp_, 16), 0);
    ::getsockname(tcp_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    plain_ = listen_at(socket, false);
    abstract = "telltale-" + std::to_string(::getpid());
    abstract_ = listen_at(abstract, true);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host() {
    for (const int fd : {tcp_, plain_, abstract_}) ::close(fd);
  }

  std::string secret;
  std::string socket;
  std::string abstract;
  int port = 0;

 private:
  static int listen_at(const std::string& name, bool is_abstract) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + (is_abstract ? 1 : 0), name.size());
    const auto size = offsetof(sockaddr_un, sun_path) + name.size() + 1;
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)),
              0);
    EXPECT_EQ(::listen(fd, 16), 0);
    return fd;
  }
  int tcp_ = -1;
  int plain_ = -1;
  int abstract_ = -1;
};

struct Ran {
  std::vector<std::string> out;
  std::vector<std::string> err;
  net::ProcessExit exit;
  bool has(const std::string& line) const { return std::ranges::find(out, line) != out.end(); }
  std::string all_err() const {
    std::string text;
    for (const auto& line : err) text += line + "\n";
    return text;
  }
};

class Sandbox : public Loops {
 protected:
  void SetUp() override {
    net::become_subreaper();
    if (const auto& have = net::sandbox_support(); have.bubblewrap.empty())
      GTEST_SKIP() << "no sandbox on this machine: " << have.why_not;
  }

  base::Result<Ran> to_end(net::ProcessSpec spec) {
    if (spec.environment.empty()) spec.environment = net::child_environment({});
    Ran ran;
    runtime::OneShot<net::ProcessExit> ended(loop());
    auto process = on_loop([&] {
      return net::Process::spawn(
          loop(), std::move(spec),
          {.stdout_line = [&](std::string_view line) { ran.out.emplace_back(line); },
           .stderr_line = [&](std::string_view line) { ran.err.emplace_back(line); },
           .exited = [&](net::ProcessExit exit) { ended.set(std::move(exit)); }});
    });
    if (!process) return std::unexpected(process.error());
    on_loop([&] { (*process)->close_stdin(); });
    ran.exit = run(ended.wait());
    on_loop([&] { process->reset(); });
    return ran;
  }
  base::Result<Ran> shell(const std::string& script, net::SandboxSpec sandbox,
                          net::ProcessLimits limits = {}) {
    return to_end({.command = "/bin/sh",
                   .arguments = {"-c", script},
                   .sandbox = std::move(sandbox),
                   .limits = limits});
  }
  base::Result<Ran> escape(const std::string& how, SandboxLevel level) {
    return to_end({.command = ESCAPE_PROGRAM,
                   .arguments = {how, host.secret, std::to_string(::getpid()),
                                 std::to_string(host.port), host.abstract, host.socket},
                   .sandbox = {.level = level}});
  }

  Folder folder;
  Host host{folder.path()};
};

TEST_F(Sandbox, NothingEscapesFromStrict) {
  const auto ran = escape("all", SandboxLevel::strict);
  ASSERT_TRUE(ran) << ran.error().detail;
  ASSERT_TRUE(ran->has("done")) << ran->exit.describe() << ran->all_err();
  EXPECT_GE(ran->out.size(), 60U);
  for (const auto& line : ran->out) EXPECT_FALSE(line.starts_with("ESCAPED")) << line;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "written"));
}

TEST_F(Sandbox, WithoutOneTheAttemptsSucceed) {
  const auto ran = escape("harmless", SandboxLevel::none);
  ASSERT_TRUE(ran) << ran.error().detail;
  ASSERT_TRUE(ran->has("done")) << ran->exit.describe() << ran->all_err();
  for (const char* const name :
       {"read_secret", "write_beside_secret", "follow_symlink_out", "see_host_process",
        "signal_host_process", "connect_to_host", "abstract_socket_of_host", "unix_socket_of_host",
        "gain_by_setuid_program", "personality", "list_run"})
    EXPECT_TRUE(ran->has(std::string("ESCAPED ") + name)) << name;
}

// standard is for servers as they are: network and files, but not the machine.
TEST_F(Sandbox, StandardKeepsTheMachineSafe) {
  const auto ran = escape("all", SandboxLevel::standard);
  ASSERT_TRUE(ran) << ran.error().detail;
  ASSERT_TRUE(ran->has("done")) << ran->exit.describe() << ran->all_err();
  for (const auto& line : ran->out)
    for (const char* const name : {"write_usr",
                                   "write_etc",
                                   "write_root",
                                   "replace_own_program",
                                   "replace_node",
                                   "mount",
                                   "unmount",
                                   "remount_writable",
                                   "see_host_process",
                                   "signal_host_process",
                                   "read_memory_of_parent",
                                   "has_capabilities",
                                   "gain_by_setuid_program",
                                   "bpf",
                                   "keyctl",
                                   "io_uring",
                                   "userfaultfd",
                                   "raw_socket",
                                   "packet_socket",
                                   "init_module",
                                   "set_time",
                                   "open_dev_mem",
                                   "open_a_disk",
                                   "inherited_descriptor"})
      EXPECT_NE(line, std::string("ESCAPED ") + name);
  EXPECT_TRUE(ran->has("ESCAPED connect_to_host"));
}

TEST_F(Sandbox, StrictShowsAndLetsWriteWhatTheDefinitionNames) {
  const auto data = folder.path() / "data";
  std::filesystem::create_directory(data);
  std::ofstream(data / "in") << "readable\n";
  const auto script = "cat " + (data / "in").string() + "; echo x > " + (data / "out").string() +
                      " && echo wrote; echo $HOME; touch $HOME/y && echo home; true";
  const auto reading = shell(script, {.level = SandboxLevel::strict, .read = {data.string()}});
  ASSERT_TRUE(reading) << reading.error().detail;
  EXPECT_EQ(reading->out, (std::vector<std::string>{"readable", "/tmp/home", "home"}))
      << reading->all_err();
  const auto writing = shell(script, {.level = SandboxLevel::strict, .write = {data.string()}});
  ASSERT_TRUE(writing) << writing.error().detail;
  EXPECT_EQ(writing->out, (std::vector<std::string>{"readable", "wrote", "/tmp/home", "home"}))
      << writing->all_err();
  EXPECT_TRUE(std::filesystem::exists(data / "out"));
}

TEST_F(Sandbox, HiddenBeatsEverything) {
  for (const auto level : {SandboxLevel::standard, SandboxLevel::strict}) {
    const auto ran = shell(
        "cat " + host.secret + "; true",
        {.level = level, .write = {folder.path().string()}, .hidden = {folder.path().string()}});
    ASSERT_TRUE(ran) << ran.error().detail;
    EXPECT_TRUE(ran->out.empty());
  }
}

TEST_F(Sandbox, TheEnvironmentOfStrictIsItsOwn) {
  const auto ran = to_end({.command = "/usr/bin/env",
                           .environment = net::child_environment({{"GIVEN", "1"}}),
                           .sandbox = {.level = SandboxLevel::strict}});
  ASSERT_TRUE(ran) << ran.error().detail;
  EXPECT_TRUE(ran->has("GIVEN=1"));
  EXPECT_TRUE(ran->has("HOME=/tmp/home"));
  EXPECT_FALSE(ran->has(std::string("HOME=") + ::getenv("HOME")));
}

TEST_F(Sandbox, EndsAndItsReasonsComeThrough) {
  for (const auto level : {SandboxLevel::none, SandboxLevel::standard, SandboxLevel::strict}) {
    EXPECT_EQ(shell("exit 7", {.level = level})->exit.code, 7);
    EXPECT_EQ(shell("kill -9 $$", {.level = level})->exit.signal, 9);
    const auto never =
        to_end({.command = (folder.path() / "bad").string(), .sandbox = {.level = level}});
    EXPECT_FALSE(never);
  }
  const auto script = folder.path() / "script";
  std::ofstream(script) << "#!/no/such/interpreter\n";
  std::filesystem::permissions(script, std::filesystem::perms::all);
  for (const auto level : {SandboxLevel::none, SandboxLevel::strict}) {
    const auto ran = to_end({.command = script.string(), .sandbox = {.level = level}});
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->exit.describe(), "was not started: cannot run the command (" + script.string() +
                                        "): No such file or directory")
        << ran->all_err();
  }
}

TEST_F(Sandbox, TermReachesTheServerInside) {
  for (const auto level : {SandboxLevel::none, SandboxLevel::standard, SandboxLevel::strict}) {
    std::vector<std::string> out;
    runtime::Notifier more(loop());
    auto process = on_loop([&] {
      return net::Process::spawn(
          loop(),
          {.command = "/bin/sh",
           .arguments = {"-c",
                         "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.02; done"},
           .environment = net::child_environment({}),
           .sandbox = {.level = level}},
          {.stdout_line = [&](std::string_view line) {
            out.emplace_back(line);
            more.notify_all();
          }});
    });
    ASSERT_TRUE(process) << process.error().detail;
    run([](std::vector<std::string>* lines, runtime::Notifier* news) -> runtime::Task<bool> {
      while (lines->empty()) co_await news->wait();
      co_return true;
    }(&out, &more));
    EXPECT_EQ(run((*process)->stop(300ms)).code, 3) << net::sandbox_level_name(level);
    EXPECT_EQ(out.back(), "bye");
    on_loop([&] { process->reset(); });
  }
}

TEST_F(Sandbox, NodeRunsUnderEveryLevel) {
  const auto script = folder.path() / "app" / "main.mjs";
  std::filesystem::create_directory(script.parent_path());
  std::ofstream(script.parent_path() / "other.mjs") << "export const word = 'imported';\n";
  std::ofstream(script) << "import {word} from './other.mjs';\nconsole.log(word);\n";
  for (const auto level : {SandboxLevel::none, SandboxLevel::standard, SandboxLevel::strict}) {
    const auto ran =
        to_end({.command = "node", .arguments = {script.string()}, .sandbox = {.level = level}});
    ASSERT_TRUE(ran) << ran.error().detail;
    EXPECT_TRUE(ran->has("imported")) << ran->all_err();
  }
  const auto npx = to_end({.command = "npx",
                           .arguments = {"--offline", "-c", "node " + script.string()},
                           .sandbox = {.level = SandboxLevel::standard}});
  ASSERT_TRUE(npx) << npx.error().detail;
  EXPECT_TRUE(npx->has("imported")) << npx->all_err();
}

// Pure: what is missing here and what then.
TEST(SandboxLevels, StrictNeverBecomesLessInSilence) {
  const net::SandboxSupport all{
      .bubblewrap = "/usr/bin/bwrap", .why_not = "", .landlock = 3, .seccomp = true};
  auto no_landlock = all;
  no_landlock.landlock = 0;
  auto no_bubblewrap = all;
  no_bubblewrap.bubblewrap = "";
  no_bubblewrap.why_not = "bubblewrap is not installed";
  const auto strict = [](bool required) {
    return net::SandboxSpec{.level = SandboxLevel::strict, .required = required};
  };
  EXPECT_EQ(net::sandbox_result(strict(true), all)->achieved, SandboxLevel::strict);
  const auto refused = net::sandbox_result(strict(true), no_landlock);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("no Landlock"), std::string::npos);
  const auto less = net::sandbox_result(strict(false), no_landlock);
  EXPECT_EQ(less->achieved, SandboxLevel::standard);
  EXPECT_NE(less->detail.find("missing: this kernel has no Landlock"), std::string::npos);
  EXPECT_FALSE(net::sandbox_result(strict(true), no_bubblewrap));
  EXPECT_EQ(net::sandbox_result(strict(false), no_bubblewrap)->achieved, SandboxLevel::none);
  EXPECT_TRUE(net::sandbox_result({.level = SandboxLevel::standard}, no_landlock));
}

}  // namespace
}  // namespace telltale::faults
